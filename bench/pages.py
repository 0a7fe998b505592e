"""Asks pages of a web server that is started as the hall starts its own, over one kept connection."""

import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.models import Line
from accounts.operations.grant_partner import grant_partner_account
from accounts.web.signed_in import Proof, remember_line
from kernel.clock import now
from kernel.ids import uuid7
from kernel.rest.registry import list_scopes
from partners.operations.issue_token import issue_partner_token
from partners.operations.partner_clients import ClientTerms, make_partner_client
from portal.supervisor.programs import WEB_PROCESSES, WEB_THREADS


@dataclass
class Asked:
    """A page of a server, asked for again and again."""

    connection: http.client.HTTPConnection
    path: str
    headers: Mapping[str, str]

    def get(self) -> bytes:
        """Return the page; anything but a page fails."""
        self.connection.request("GET", self.path, headers={**self.headers, "Accept-Encoding": "identity"})
        answer = self.connection.getresponse()
        body = answer.read()
        if answer.status != http.HTTPStatus.OK:
            raise RuntimeError(f"{self.path} answers {answer.status}")
        return body

    def get_many(self, times: int) -> None:
        for _time in range(times):
            self.get()


def signed_in_session(line: Line) -> str:
    """Sign a line in and return the key of its session."""
    request = RequestFactory().get("/")
    request.session = SessionStore()
    remember_line(request, HttpResponse(), line=line, proof=Proof.CODE, now=now())
    request.session.save()
    return str(request.session.session_key)


def cookie_of(session: str) -> dict[str, str]:
    """Return the header that names a session."""
    return {"Cookie": f"{settings.SESSION_COOKIE_NAME}={session}"}


def token_of_partner(line: Line) -> dict[str, str]:
    """Make a partner system that may see a line's account and call without end; return the header with its token."""
    client_id = f"bench-{uuid7().hex}"
    terms = ClientTerms(name="bench", scopes=sorted(list_scopes()), calls_per_minute=1_000_000_000)
    make_partner_client(client_id=client_id, terms=terms, made_by="bench", now=now())
    grant_partner_account(client_id=client_id, account_id=line.account_id, now=now())
    token = issue_partner_token(client_id=client_id, lifetime=timedelta(days=1), now=now())
    return {"Authorization": f"Bearer {token}"}


@contextmanager
def served(settings: str) -> Iterator[http.client.HTTPConnection]:
    """Serve the project with these settings within the block."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--http", "1", "--no-ws"]
    command += ["--host", "127.0.0.1", "--port", str(port), "--workers", str(WEB_PROCESSES)]
    command += ["--blocking-threads", str(WEB_THREADS), "--log-level", "error", "portal.wsgi:application"]
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": settings, "HALL_LOG_LEVEL": "ERROR"}
    server = subprocess.Popen(command, env=environment)  # noqa: S603
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        _wait_for(connection)
        yield connection
    finally:
        connection.close()
        server.terminate()
        server.wait(timeout=20)


def _wait_for(connection: http.client.HTTPConnection) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            connection.connect()
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return
