"""A partner's first top-up and the event that tells of it, in one program.

    pip install requests standardwebhooks
    HALL=http://127.0.0.1:8000 CLIENT_ID=shop CLIENT_SECRET=… python docs/examples/top_up_and_event.py 13800138000

It listens on this machine, which a hall in demo mode reaches. With any other hall set CALLBACK to the https:// address
under which yours is known outside, and CALLBACK_PORT to where it leads.
"""

import os
import queue
import sys
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import requests
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

HALL = os.environ["HALL"].rstrip("/")
BALANCE = f"{HALL}/tmf-api/prepayBalanceManagement/v4"
SECONDS = 20

Received = queue.Queue[tuple[dict[str, str], bytes]]


def listen(received: Received) -> ThreadingHTTPServer:
    """Take events in the background. Answer quickly and work later: the hall waits ten seconds."""

    class Receiver(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            received.put((dict(self.headers.items()), body))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_arguments: Any) -> None:
            """Say nothing of each request."""

    server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("CALLBACK_PORT", "0"))), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def sign_in() -> requests.Session:
    """Fetch a token. It lives for an hour; then fetch another."""
    answer = requests.post(
        f"{HALL}/oauth/token/",
        auth=(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
        data={"grant_type": "client_credentials", "scope": "balance:read balance:write"},
        timeout=SECONDS,
    )
    answer.raise_for_status()
    session = requests.Session()
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    return session


def post(session: requests.Session, path: str, body: dict[str, Any], key: str) -> Any:
    """Create something. Sent again with the same key nothing is done twice, so send again when in doubt."""
    answer = session.post(f"{BALANCE}/{path}", json=body, headers={"Idempotency-Key": key}, timeout=SECONDS)
    if not answer.ok:
        raise SystemExit(f"{answer.status_code}: {answer.json()['message']}")
    return answer.json()


def await_event(received: Received, secret: str, top_up_id: str) -> Any:
    """Return the event of a top-up. Events may come twice, and whoever finds the address may send some too."""
    while True:
        headers, body = received.get(timeout=60)
        try:
            event = Webhook(secret).verify(body, headers)
        except WebhookVerificationError:
            continue
        if event["event"]["topupBalance"]["id"] == top_up_id:
            return event


def main(number: str) -> None:
    """Top a number up by 10 yuan and print what came of it."""
    received: Received = queue.Queue()
    server = listen(received)
    session = sign_in()
    callback = os.environ.get("CALLBACK", f"http://127.0.0.1:{server.server_port}/events")
    wanted = {"callback": callback, "query": "eventType=TopupBalanceCreateEvent"}
    hub = post(session, "hub", wanted, f"hub-{uuid.uuid4()}")
    secret = session.get(f"{BALANCE}/hub/{hub['id']}", timeout=SECONDS).json()["secret"]
    try:
        order = f"order-{uuid.uuid4()}"
        money = {"amount": {"amount": 10, "units": "CNY"}, "logicalResource": {"value": number}}
        top_up = post(session, "topupBalance", money, order)
        print(f"{order}: {top_up['status']}")
        event = await_event(received, secret, top_up["id"])
        print(f"{event['eventType']} {event['eventId']}: {event['event']['topupBalance']['status']}")
    finally:
        session.delete(f"{BALANCE}/hub/{hub['id']}", timeout=SECONDS)
        server.shutdown()


if __name__ == "__main__":
    main(sys.argv[1])
