"""How to get into the demo: as a customer, as staff, as a partner system."""

import contextlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.operations.ensure_roles import AUDITOR, CLERK, FINANCE, OPERATIONS, PRODUCT, SUPERVISOR
from accounts.operations.ensure_staff import ensure_staff
from accounts.operations.grant_partner import grant_partner_account
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from kernel.phone import national_number
from kernel.rest.registry import list_scopes
from partners.operations.partner_clients import ClientIdTaken, ClientTerms, make_partner_client
from portal.demo.people import FIXED_PEOPLE
from portal.settings.kept_secret import kept_secret

PARTNER_CLIENT_ID = "demo-partner"
_STAFF = {
    CLERK: gettext_noop("Clerk"),
    SUPERVISOR: gettext_noop("Supervisor"),
    PRODUCT: gettext_noop("Product team"),
    FINANCE: gettext_noop("Finance"),
    OPERATIONS: gettext_noop("Operations"),
    AUDITOR: gettext_noop("Auditor"),
}


@dataclass(frozen=True, slots=True)
class DemoSignIn:
    """One way in.

    :ivar sign_in: number, user name or client id.
    :ivar secret: what goes with it, or where it comes from.
    :ivar where: path of the page or endpoint.
    """

    role: str
    sign_in: str
    secret: str
    where: str


def prepare_demo_sign_ins(*, now: datetime) -> None:
    """Make the staff and the partner system of the demo, with the secrets that `list_demo_sign_ins` tells.

    The partner may see the accounts of the people that the demo names, once they are there. Repeating changes nothing.
    """
    for role, name in _STAFF.items():
        ensure_staff(username=role, password=_staff_password(role), role=role, name=_(name))
    _prepare_partner(now)
    for person in FIXED_PEOPLE:
        with contextlib.suppress(NumberUnknown):
            account_id = get_line_by_msisdn(person.msisdn).account_id
            grant_partner_account(client_id=PARTNER_CLIENT_ID, account_id=account_id, now=now)


def list_demo_sign_ins() -> list[DemoSignIn]:
    """Return the ways in, customers first."""
    customers = [
        DemoSignIn(
            role=_("Customer %(name)s") % {"name": person.name},
            sign_in=national_number(person.msisdn),
            secret=_("the code in the text on the virtual handset"),
            where=reverse("accounts:sign-in"),
        )
        for person in FIXED_PEOPLE
    ]
    staff = [DemoSignIn(_(name), role, _staff_password(role), reverse("admin:index")) for role, name in _STAFF.items()]
    partner = DemoSignIn(_("Partner system"), PARTNER_CLIENT_ID, _partner_secret(), reverse("oauth2_provider:token"))
    return [*customers, *staff, partner]


def _prepare_partner(now: datetime) -> None:
    terms = ClientTerms(
        name="demo partner", scopes=sorted(list_scopes()), calls_per_minute=settings.PARTNER_CALLS_PER_MINUTE
    )
    with contextlib.suppress(ClientIdTaken):
        make_partner_client(client_id=PARTNER_CLIENT_ID, terms=terms, secret=_partner_secret(), made_by="demo", now=now)


def _staff_password(role: str) -> str:
    return settings.DEMO_PASSWORD or kept_secret(_folder(), f"{role}-password", random_bytes=12)


def _partner_secret() -> str:
    return kept_secret(_folder(), "partner-secret", random_bytes=32)


def _folder() -> Path:
    return Path(settings.HALL_VAR) / "secrets"
