"""P6: what is left and a bill, over REST with a partner's token, against plain JSON views of the same rows."""

from urllib.parse import urlencode

from django.db import connection, reset_queries
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import Line
from accounts.queries.lines import get_line_by_msisdn
from bench.measure import Goal, paired
from bench.pages import Asked, served, token_of_partner
from bench.people import LONG_HISTORY, people_of_pages
from billing.api.customer_bill import CUSTOMER_BILL
from billing.api.customer_bill_management import bill_id
from kernel.clock import month_of, now
from packages_app.api.bucket import BUCKET

ROUNDS = 11
CALLS_PER_ROUND = 50


def bucket_path(line: Line) -> str:
    """Return the address of what is left to a line's customer."""
    return f"{BUCKET.path}?{urlencode({'relatedParty.id': line.account.customer_id})}"


def bill_path(line: Line) -> str:
    """Return the address of the bill of the month before."""
    return f"{CUSTOMER_BILL.path}/{bill_id(line.account_id, month_of(now()).previous.first_date)}"


def measure() -> list[Goal]:
    """Ask both faces in turn, over one kept connection each."""
    with people_of_pages("hall_p6"):
        return _measured(get_line_by_msisdn(LONG_HISTORY))


def _measured(line: Line) -> list[Goal]:
    token = token_of_partner(line)
    of_customer = urlencode({"relatedParty.id": line.account.customer_id})
    pairs = {
        "buckets of a customer": (bucket_path(line), f"/bucket?{of_customer}"),
        "one bill": (bill_path(line), f"/bill/{line.account_id}/{month_of(now()).previous.first_date}"),
    }
    with served("bench.hall_settings") as hall, served("bench.lean_rest_settings") as lean:
        return [
            _goal(name, Asked(hall, ours, token), Asked(lean, plain, token)) for name, (ours, plain) in pairs.items()
        ]


def _goal(name: str, ours: Asked, plain: Asked) -> Goal:
    times = paired(
        rounds=ROUNDS,
        ours=lambda _number: ours.get_many(CALLS_PER_ROUND),
        yardstick=lambda _number: plain.get_many(CALLS_PER_ROUND),
        title=name,
    )
    return Goal(
        row="p6",
        work=f"{name} over REST against a plain JSON view of the same rows, behind the same token check",
        measured=times.ratio,
        wanted=0.50,
        at_least=True,
        detail=f"{times.detail(per_round=CALLS_PER_ROUND, unit='call')}; {_statements(ours)} statements",
    )


def _statements(asked: Asked) -> int:
    """Return how many statements a call takes, with those that count it and note it."""
    client = Client()
    reset_queries()
    with CaptureQueriesContext(connection) as taken:
        client.get(asked.path, headers=dict(asked.headers))
    return len(taken.captured_queries)
