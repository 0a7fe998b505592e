"""A provider of texts over HTTP on loopback, as docs/how-to/sms-gateways.md describes it; can be told to misbehave."""

import base64
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

SECRET = "only-for-tests-texts-8e1f2a3b4c5d6e7f"


class TextProvider:
    """Answers on 127.0.0.1 until `close`.

    `trouble` is one of "", "hang", "cut", "trickle", "endless", "garbage", "redirect", or a status such as "503".
    `state_of` says by number what becomes of a text.
    """

    def __init__(self) -> None:
        self.trouble = ""
        self.state_of: dict[str, str] = {}
        self.poison = ""
        self.texts: dict[str, dict[str, Any]] = {}
        self.requests = 0
        self.forged = 0
        self._released = threading.Event()
        provider = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                provider.serve(self)

            def log_message(self, *_arguments: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/texts"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    def close(self) -> None:
        self._released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def received(self, msisdn: str) -> list[str]:
        return [text["text"] for text in self.texts.values() if text["to"] == msisdn]

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        self.requests += 1
        if not _is_genuine(request.headers, body):
            self.forged += 1
            self._answer(request, 401, b"")
            return
        if self.trouble == "hang":
            self._released.wait(30)
            request.close_connection = True
            return
        if self.trouble == "redirect":
            request.send_response(307)
            request.send_header("Location", "http://127.0.0.1:9/elsewhere")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        if self.trouble.isdigit():
            self._answer(request, int(self.trouble), b"<html>trouble</html>")
            return
        texts = json.loads(body)["texts"]
        if self.poison and any(self.poison in text["text"] for text in texts):
            self._answer(request, 422, b"cannot read")
            return
        answer = json.dumps({"texts": [self._take(text) for text in texts]}).encode()
        if self.trouble == "garbage":
            answer = b"<html>maintenance</html>"
        self._answer(request, 200, answer)

    def _take(self, text: dict[str, Any]) -> dict[str, str]:
        state = self.state_of.get(text["to"], "accepted")
        if state == "accepted":
            self.texts.setdefault(text["id"], text)
        return {"id": text["id"], "state": state, "reference": f"ref-{text['id']}", "reason": f"because {state}"}

    def _answer(self, request: BaseHTTPRequestHandler, status: int, answer: bytes) -> None:
        request.send_response(status)
        request.send_header("Content-Length", str(10**9 if self.trouble == "endless" else len(answer)))
        request.end_headers()
        try:
            if self.trouble == "cut":
                request.wfile.write(answer[: len(answer) // 2])
                request.close_connection = True
            elif self.trouble == "trickle":
                for octet in answer:
                    request.wfile.write(bytes([octet]))
                    request.wfile.flush()
                    time.sleep(0.05)
            elif self.trouble == "endless":
                while True:
                    request.wfile.write(b" " * 65536)
            else:
                request.wfile.write(answer)
        except OSError:
            request.close_connection = True


def _is_genuine(headers: Any, body: bytes) -> bool:
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    wanted = base64.b64encode(hmac.new(SECRET.encode(), signed, hashlib.sha256).digest()).decode()
    return bool(headers["webhook-signature"] == f"v1,{wanted}")
