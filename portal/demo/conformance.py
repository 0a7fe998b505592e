"""What a conformance kit needs to try the REST face: a client that sees the demo's people, and a token at hand."""

import contextlib
from datetime import datetime, timedelta

from django.conf import settings

from accounts.queries.lines import get_line_by_msisdn
from kernel.phone import national_number
from kernel.rest.registry import list_scopes
from kernel.sight import SightKind
from partners.operations.issue_token import issue_partner_token
from partners.operations.partner_clients import ClientIdTaken, ClientTerms, make_partner_client
from portal.demo.people import MAIN_MSISDN
from portal.demo.sites import prepare_demo_sites

CONFORMANCE = "conformance"
CLIENT_ID = "conformance-kit"
_LIFETIME = timedelta(days=1)
# A kit asks as fast as it can.
_CALLS_PER_MINUTE = 100_000


def prepare_conformance(*, now: datetime) -> dict[str, str]:
    """Make the kit's client if it is not there, and a token for a day.

    :return: what the kit is to be told, by name: where, with which token, and whose things it may name in a POST.
    """
    terms = ClientTerms(
        name="conformance kit",
        scopes=sorted(list_scopes()),
        calls_per_minute=_CALLS_PER_MINUTE,
        sight_kind=SightKind.ALL,
    )
    with contextlib.suppress(ClientIdTaken):
        make_partner_client(client_id=CLIENT_ID, terms=terms, made_by="demo", now=now)
    prepare_demo_sites(now=now)
    line = get_line_by_msisdn(MAIN_MSISDN)
    return {
        "HALL": settings.PUBLIC_URL,
        "TOKEN": issue_partner_token(client_id=CLIENT_ID, lifetime=_LIFETIME, now=now),
        "NUMBER": national_number(line.msisdn),
        "ACCOUNT": str(line.account_id),
        "CUSTOMER": str(line.account.customer_id),
    }
