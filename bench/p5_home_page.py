"""P5: the signed-in home page over HTTP against the leanest signed-in page that Django serves, on the same server."""

import re

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Line, StaffUser
from accounts.queries.lines import get_line_by_msisdn
from bench.measure import Goal, paired
from bench.pages import Asked, cookie_of, served, signed_in_session
from bench.people import LONG_HISTORY, people_of_pages

ROUNDS = 11
PAGES_PER_ROUND = 50
# The row that notes the visit, in a transaction of its own.
NOTED = re.compile("channels_interaction|BEGIN|COMMIT|synchronous_commit")


def measure() -> list[Goal]:
    """Ask both pages in turn, over one kept connection each; no peer is measured beside them."""
    with people_of_pages("hall_p5"):
        return _measured(get_line_by_msisdn(LONG_HISTORY))


def _measured(line: Line) -> list[Goal]:
    session = signed_in_session(line)
    with served("bench.hall_settings") as hall, served("bench.lean_settings") as lean:
        home = Asked(hall, "/", cookie_of(session))
        plain = Asked(lean, f"/?account={line.account_id}", cookie_of(_staff_session()))
        times = paired(
            rounds=ROUNDS,
            ours=lambda _number: home.get_many(PAGES_PER_ROUND),
            yardstick=lambda _number: plain.get_many(PAGES_PER_ROUND),
            title="Home page",
        )
        size = len(home.get())
    return [
        Goal(
            row="p5",
            work=f"signed-in home page ({size / 1000:.0f} KB) against the leanest signed-in Django page",
            measured=times.ratio,
            wanted=0.50,
            at_least=True,
            detail=times.detail(per_round=PAGES_PER_ROUND, unit="page"),
        ),
        Goal(
            row="p5",
            work="queries that draw the home page",
            measured=_queries(session, line),
            wanted=4,
            at_least=False,
            detail="besides the row that notes the visit; no peer was measured",
        ),
    ]


def _queries(session: str, line: Line) -> int:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = session
    client.get("/")
    reset_queries()
    with CaptureQueriesContext(connection) as asked:
        client.get("/")
    return sum(not NOTED.search(query["sql"]) for query in asked.captured_queries)


def _staff_session() -> str:
    member = StaffUser.objects.create_user(username="bench", is_staff=True)
    session = SessionStore()
    session[SESSION_KEY] = str(member.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = member.get_session_auth_hash()
    session.save()
    return str(session.session_key)
