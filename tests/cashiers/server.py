"""A cashier on loopback that can be told to fail: what a payment provider's servers look like from here."""

import functools
import threading
from abc import abstractmethod
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class KeyPair:
    """An RSA key made for one run of the tests."""

    def __init__(self) -> None:
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    @property
    def private_pem(self) -> str:
        return self.key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ).decode()

    @property
    def public_pem(self) -> str:
        return (
            self.key.public_key()
            .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
            .decode()
        )

    def sign(self, message: bytes) -> bytes:
        return self.key.sign(message, padding.PKCS1v15(), hashes.SHA256())

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise unless the signature fits."""
        self.key.public_key().verify(signature, message, padding.PKCS1v15(), hashes.SHA256())


@functools.cache
def key_pairs() -> tuple[KeyPair, KeyPair, KeyPair]:
    """Return our key, the provider's and a stranger's: making them takes a second, so a run makes them once."""
    return KeyPair(), KeyPair(), KeyPair()


class FakeCashier:
    """Answers on 127.0.0.1 until `close`. `trouble` is one of "", "hang", "cut", "status", "garbage", "forged"."""

    def __init__(self) -> None:
        self.ours, self.theirs, self.strangers = key_pairs()
        self.trouble = ""
        self.asked: list[str] = []
        self._released = threading.Event()
        cashier = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                cashier.serve(self)

            do_POST = do_GET  # noqa: N815 (the name the server looks for)

            def log_message(self, *_arguments: Any) -> None:
                """Keep the test's output clean."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()

    @property
    def signing_key(self) -> KeyPair:
        return self.strangers if self.trouble == "forged" else self.theirs

    def close(self) -> None:
        self._released.set()
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    def serve(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        status, headers, answer = self.answer(request, body)
        if self.trouble == "hang":
            self._released.wait(30)
            return
        if self.trouble == "status":
            status, answer = 502, b"<html>Bad Gateway</html>"
        if self.trouble == "garbage":
            answer = b"<html>maintenance</html>"
        request.send_response(status)
        for name, value in headers.items():
            request.send_header(name, value)
        request.send_header("Content-Length", str(len(answer)))
        request.end_headers()
        request.wfile.write(answer[: len(answer) // 2] if self.trouble == "cut" else answer)

    @abstractmethod
    def answer(self, request: BaseHTTPRequestHandler, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Return status, headers and body as the provider would."""
