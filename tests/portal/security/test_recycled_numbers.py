"""Whoever gets a number next finds nothing of whoever had it: on no page, in no answer, on no handset."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.utils import timezone

from accounts.models import CodePurpose, Line, SignInCode
from accounts.operations.change_number import change_number
from accounts.operations.hand_over import take_line_out
from accounts.operations.open_account import open_account
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.queries.lines import get_line_by_msisdn
from billing.operations.wallets import open_wallet
from channels.halls.sms import KEYWORDS
from kernel.phone import national_number
from messaging.gateways.stub import StubGateway
from messaging.models import Sms, StubText
from messaging.operations.deliver_sms import deliver_due_sms
from tests.factories.accounts import fresh_msisdn, give_service_password, signed_in_client
from tests.factories.channels import text_10086
from tests.factories.packages_app import give_plan
from tests.factories.whole_customer import make_whole_customer
from tests.pages import words
from tests.site_map import list_addresses
from tests.strangers import words_of

pytestmark = pytest.mark.django_db

STAFF_AND_MACHINES = ("staff/", "tmf-api/", "styleguide/")
# Shows what is on sale to all, which was named after a customer for the trials.
CATALOGUE = {"packages:catalogue", "packages:compare"}


def leave_by_another_number(line: Line, after: timedelta) -> None:
    with transaction.atomic():
        change_number(
            account_id=line.account_id, line_id=line.id, msisdn=fresh_msisdn(), staff_id=1, reason="x",
            now=timezone.now() - after,
        )  # fmt: skip


def leave_to_another_owner(line: Line, after: timedelta) -> None:
    with transaction.atomic():
        take_line_out(account_id=line.account_id, line_id=line.id, staff_id=1, reason="x", now=timezone.now())


WAYS: dict[str, Callable[[Line, timedelta], None]] = {
    "number changed": leave_by_another_number,
    "handed over": leave_to_another_owner,
}


@pytest.fixture
def before() -> Line:
    """Somebody with something of everything, a text on the handset and a code on its way."""
    line = make_whole_customer(name="欧阳明月乙", yuan=3_765, email="theirs@example.com")
    text = Sms.objects.filter(account_id=line.account_id).latest("queued_at")
    StubText.objects.create(msisdn=line.msisdn, from_number="10086", body="给欧阳明月乙的短信", sent_at=text.queued_at)
    send_sign_in_code(msisdn=line.msisdn, address="203.0.113.5", now=timezone.now())
    return line


def follow(before: Line, leave: Callable[[Line, timedelta], None]) -> Line:
    """Let somebody else get the number as soon as may be."""
    number = before.msisdn
    leave(before, timedelta(days=settings.NUMBER_REST_DAYS, seconds=1))
    after = open_account(
        customer_name="令狐晓甲", msisdn=number, province="CN-GD", language="zh-hans", now=timezone.now()
    )
    open_wallet(account_id=after.account_id, now=timezone.now())
    give_plan(after)
    give_service_password(after)
    return after


def read(answer: Any) -> str:
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return str(content.decode(errors="replace"))


@pytest.mark.parametrize("leave", WAYS.values(), ids=WAYS)
class TestTheNextOwner:
    def test_sees_nothing_on_any_page(self, before: Line, leave: Callable[[Line, timedelta], None]) -> None:
        number = before.msisdn
        stays_signed_in = signed_in_client(before)
        after = follow(before, leave)
        before.msisdn = fresh_msisdn()  # what is the next owner's now says nothing of the last one
        browser = signed_in_client(after)
        told = words_of(before, beside=after)
        addresses = [one for one in list_addresses() if not one.arguments and one.name not in CATALOGUE]
        pages = [one.path({}) for one in addresses if not one.route.startswith(STAFF_AND_MACHINES)]
        assert len(pages) > 40
        found = {path: told.findall(read(browser.get(path, follow=True))) for path in pages}
        assert {path: seen for path, seen in found.items() if seen} == {}
        handset = words(Client().get("/handset/", {"msisdn": national_number(number)}))
        assert "欧阳" not in handset
        assert stays_signed_in.get("/bill/").status_code == 302

    def test_is_answered_with_nothing_by_text(self, before: Line, leave: Callable[[Line, timedelta], None]) -> None:
        after = follow(before, leave)
        before.msisdn = fresh_msisdn()
        told = words_of(before, beside=after)
        answers = [text for word in KEYWORDS for text in text_10086(after, word, now=timezone.now())]
        assert len(answers) >= len(KEYWORDS)
        assert [text for text in answers if told.search(text)] == []

    def test_gets_no_code_and_no_text_that_was_meant_for_the_last_one(
        self, before: Line, leave: Callable[[Line, timedelta], None], settings: Any
    ) -> None:
        settings.SMS_GATEWAY = f"{StubGateway.__module__}.{StubGateway.__qualname__}"
        number = before.msisdn
        after = follow(before, leave)
        assert SignInCode.objects.filter(key=SignInCode.key_of(number, CodePurpose.SIGN_IN)).count() == 0
        assert get_line_by_msisdn(number).account_id == after.account_id
        meant = Sms.objects.filter(account_id=before.account_id, msisdn=number, state="QUEUED")
        assert meant.count() > 0
        now = timezone.now() + timedelta(seconds=1)
        meant.update(due_at=now - timedelta(seconds=1), expires_at=now + timedelta(hours=1))
        while deliver_due_sms(now=now, limit=100).claimed:
            pass
        of_last = Sms.objects.filter(account_id=before.account_id, msisdn=number)
        assert list(StubText.objects.filter(msisdn=number, body__in=of_last.values("body"))) == []
        assert of_last.filter(state="PARKED", last_error__startswith="withheld").count() > 0
        assert of_last.filter(state="QUEUED").count() == 0
