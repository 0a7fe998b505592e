"""A partner's receiver of events on loopback; can be told to misbehave. It reads the convention by itself."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class HubReceiver:
    """Takes events on 127.0.0.1 until `close`.

    `trouble` is one of "", "hang", "cut", "trickle", "endless", "redirect", or a status such as "500".
    """

    def __init__(self) -> None:
        self.trouble = ""
        self.requests: list[tuple[Mapping[str, str], bytes]] = []
        self._released = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.serve(self)

            def log_message(self, *_arguments: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/events?of=hall"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self._released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    @property
    def events(self) -> list[Any]:
        return [json.loads(body) for _headers, body in self.requests]

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers["Content-Length"]))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.requests.append((headers | {":path": request.path}, body))
        try:
            self._answer(request)
        except OSError:
            request.close_connection = True

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        match self.trouble:
            case "hang":
                self._released.wait(30)
            case "cut":
                request.wfile.write(b"HTTP/1.1 20")
            case "trickle" | "endless":
                request.wfile.write(b"HTTP/1.1 200 OK\r\n")
                while not self._released.wait(0.02 if self.trouble == "trickle" else 0):
                    request.wfile.write(b"x" if self.trouble == "trickle" else b"x: y\r\n" * 50)
                    request.wfile.flush()
            case "redirect":
                request.send_response(307)
                request.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
                request.end_headers()
            case status:
                request.send_response(int(status or 204))
                request.end_headers()


def is_signed(headers: Mapping[str, str], body: bytes, secret: str) -> bool:
    """Tell whether a request is signed as https://www.standardwebhooks.com has it: v1, HMAC-SHA256, whsec_ + Base64."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = b".".join((headers["webhook-id"].encode(), headers["webhook-timestamp"].encode(), body))
    wanted = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
    return f"v1,{wanted}" in headers["webhook-signature"].split(" ")
