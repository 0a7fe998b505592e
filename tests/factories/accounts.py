"""People and their lines, made through the operations that make real ones; signed-in browsers; staff."""

import itertools
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta

from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django_otp.oath import TOTP
from stdnum import luhn
from stdnum.cn import ric

from accounts.models import DocumentKind, Line, SecondFactor, ServicePassword, SignIn, StaffUser
from accounts.operations.documents import ShownDocument
from accounts.operations.ensure_roles import ensure_roles
from accounts.operations.open_account import open_account
from accounts.operations.sim_cards import IssuedSim
from accounts.operations.staff_second_factor import make_second_factor_key, set_up_second_factor
from accounts.web.signed_in import SESSION_KEY

NOON = datetime(2026, 3, 26, 4, 0, tzinfo=UTC)  # 12:00 in Shanghai

_numbers = itertools.count(13600000001)
_documents = itertools.count(1)
_cards = itertools.count(1)


def fresh_msisdn() -> str:
    """Return a number that no other test of this process got."""
    return f"+86{next(_numbers)}"


def fresh_document() -> ShownDocument:
    """Return a resident card that no other test of this process got; no person has its number."""
    days, number_of_day = divmod(next(_documents), 1000)
    number = f"999999{date(1950, 1, 1) + timedelta(days=days):%Y%m%d}{number_of_day:03d}"
    return ShownDocument(DocumentKind.RESIDENT_CARD, number + ric.calc_check_digit(f"{number}0"))


def fresh_sim(puk: str = "12345678") -> IssuedSim:
    """Return a SIM card that no other test of this process got."""
    number = f"89999{next(_cards):014d}"
    return IssuedSim(number + luhn.calc_check_digit(number), puk)


def make_line(
    *,
    msisdn: str | None = None,
    customer_name: str = "陈晓雨",
    province: str = "CN-GD",
    language: str = "zh-hans",
    document: ShownDocument | None = None,
    sim: IssuedSim | None = None,
) -> Line:
    """Open an account with one line in use."""
    return open_account(
        customer_name=customer_name,
        msisdn=msisdn or fresh_msisdn(),
        province=province,
        language=language,
        document=document,
        sim=sim,
        now=NOON,
    )


def make_sign_in(line: Line, *, at: datetime, browser: str = "known") -> SignIn:
    """Note a sign-in of a line."""
    return SignIn.objects.create(
        account_id=line.account_id, line_id=line.id, device="Firefox · Linux", place="127.0.0.*",
        device_hash=SignIn.hash_of(browser), signed_in_at=at, seen_at=at,
    )  # fmt: skip


def signed_in_client(
    *lines: Line, ago: timedelta = timedelta(0), proofs: Collection[str] = ("CODE", "PASSWORD")
) -> Client:
    """Return a browser with these lines signed in, the first one current.

    :param ago: how long ago they signed in.
    :param proofs: what they showed then.
    """
    client = Client()
    session = client.session
    at = (timezone.now() - ago).isoformat()
    proved = dict.fromkeys(proofs, at)
    session[SESSION_KEY] = [
        {
            "account": str(line.account_id),
            "line": str(line.id),
            "at": at,
            "proofs": proved,
            "sign_in": str(make_sign_in(line, at=timezone.now() - ago).id),
        }
        for line in lines
    ]
    session.save()
    return client


def make_staff(role: str) -> StaffUser:
    """Make a member of staff with a role of `accounts.operations.ensure_roles`."""
    ensure_roles()
    member = StaffUser.objects.create_user(username=f"{role}-{next(_numbers)}", is_staff=True)
    member.groups.add(Group.objects.get(name=role))
    return member


def staff_client(role: str) -> Client:
    """Return a browser in which a member of staff is signed in."""
    client = Client()
    client.force_login(make_staff(role))
    return client


def make_second_factor(role: str) -> SecondFactor:
    """Make a member of staff with an authenticator app."""
    staff, key = make_staff(role), make_second_factor_key()
    app = TOTP(bytes.fromhex(key))
    app.time = NOON.timestamp()
    device, _codes = set_up_second_factor(
        staff=staff, key=key, code=f"{app.token():06d}", replace=False, address="here", now=NOON
    )
    return device


PASSWORD = "seven kites over Suzhou"


def give_service_password(line: Line, password: str = PASSWORD) -> None:
    """Give a line a service password, as if it had been set long ago."""
    ServicePassword.objects.create(
        account_id=line.account_id, line_id=line.id, password_hash=make_password(password), set_at=NOON
    )
