"""Giving money back at the desk: one person asks, another approves, and the page offers to each what they may do."""

from collections.abc import Iterator

import pytest
from django.test import Client
from pytest_django import Settings

from accounts.models import StaffUser
from accounts.queries.lines import get_line
from billing.gateways.base import PaymentOutcome
from billing.gateways.memory import MemoryProvider
from billing.gateways.registry import get_provider
from billing.models import Refund, TopUp
from billing.operations.payment_callbacks import settle_payment
from tests.factories.accounts import make_staff
from tests.factories.billing import EXPIRES, NOW, PAYER, make_charge, make_line, make_top_up, wallet_of
from tests.pages import words

pytestmark = pytest.mark.django_db

KEY = "0" * 32


def browser_of(member: StaffUser) -> Client:
    client = Client(headers={"Accept-Language": "en"})
    client.force_login(member)
    return client


@pytest.fixture
def provider(settings: Settings) -> Iterator[MemoryProvider]:
    settings.PAYMENT_PROVIDER = "memory"
    provider = get_provider("memory")
    assert isinstance(provider, MemoryProvider)
    yield provider
    provider.__init__()  # type: ignore[misc]


@pytest.fixture
def top_up(provider: MemoryProvider) -> TopUp:
    """Fifty yuan, paid and credited."""
    top_up = make_top_up(make_line(), provider="memory")
    provider.create_payment(
        payment_number=top_up.payment_number, amount_fen=50_00, title="", return_path="/", payer=PAYER,
        expires_at=EXPIRES, now=NOW,
    )  # fmt: skip
    provider.decide(top_up.payment_number, outcome=PaymentOutcome.PAID, paid_fen=50_00, paid_at=NOW)
    return settle_payment(top_up=top_up, payment=provider.query_payment(payment_number=top_up.payment_number), now=NOW)


def record(top_up: TopUp) -> str:
    return f"/staff/billing/topup/{top_up.account_id},{top_up.id}/"


def refund_record(refund: Refund) -> str:
    return f"/staff/billing/refund/{refund.account_id},{refund.id}/"


def ask(top_up: TopUp, member: StaffUser, *, amount: str = "20", reason: str = "重复充值") -> Refund:
    browser_of(member).post(f"{record(top_up)}refund/", {"amount": amount, "reason": reason, "request_key": KEY})
    return Refund.objects.get()


class TestAskingForARefund:
    def test_starts_with_what_is_left(self, top_up: TopUp) -> None:
        page = browser_of(make_staff("clerk")).get(f"{record(top_up)}refund/")
        assert "Up to 50.00 yuan can go back" in words(page)
        assert 'value="50.00"' in page.content.decode()

    def test_waits_for_somebody_else(self, top_up: TopUp) -> None:
        clerk = make_staff("clerk")
        refund = ask(top_up, clerk)
        assert (refund.amount_fen, refund.requested_by_id, refund.state) == (20_00, clerk.pk, "REQUESTED")
        page = words(browser_of(clerk).get(f"{record(top_up)}change/"))
        assert refund.refund_number in page
        assert wallet_of(top_up.account_id) == (50_00, 0, 1)

    @pytest.mark.parametrize(
        ("form", "said"),
        [
            ({"amount": "50.01"}, "This is more than is left of what was paid."),
            ({"amount": "0"}, "This is more than is left of what was paid."),
            ({"amount": "-1"}, "This is not an amount of money."),
            ({"amount": "1.001"}, "This is not an amount of money."),
            ({"amount": ""}, "This field is required."),
            ({"reason": ""}, "This field is required."),
            ({"reason": " "}, "This field is required."),
            ({"reason": "x" * 201}, "at most 200 characters"),
            ({"request_key": "x"}, ""),
        ],
    )
    def test_refuses_a_form_that_is_wrong(self, top_up: TopUp, form: dict[str, str], said: str) -> None:
        good = {"amount": "20", "reason": "x", "request_key": KEY}
        page = browser_of(make_staff("clerk")).post(f"{record(top_up)}refund/", {**good, **form})
        assert page.status_code == 422
        assert said in words(page)
        assert not Refund.objects.exists()

    def test_is_not_offered_before_the_money_is_there(self, provider: MemoryProvider) -> None:
        top_up = make_top_up(make_line(), provider="memory")
        clerk = browser_of(make_staff("clerk"))
        assert "Give money back" not in words(clerk.get(f"{record(top_up)}change/"))
        assert clerk.get(f"{record(top_up)}refund/").status_code == 403

    def test_is_not_there_for_a_top_up_that_is_not(self, top_up: TopUp) -> None:
        clerk = browser_of(make_staff("clerk"))
        assert clerk.get(f"/staff/billing/topup/{make_line().account_id},{top_up.id}/refund/").status_code == 404
        assert clerk.get("/staff/billing/topup/x/refund/").status_code == 404

    def test_is_closed_to_who_may_only_look(self, top_up: TopUp) -> None:
        nobody = make_staff("clerk")
        nobody.groups.clear()
        assert browser_of(nobody).get(f"{record(top_up)}refund/").status_code == 404
        assert Client().get(f"{record(top_up)}refund/").status_code == 302


class TestDecidingARefund:
    def test_lets_a_supervisor_approve_what_a_clerk_asked_for(self, top_up: TopUp) -> None:
        refund = ask(top_up, make_staff("clerk"))
        supervisor = browser_of(make_staff("supervisor"))
        page = words(supervisor.get(f"{refund_record(refund)}change/"))
        assert "20.00 yuan" in page
        answer = supervisor.post(f"{refund_record(refund)}approve/", follow=True)
        assert "The refund is decided: on its way to the payer." in words(answer)
        refund.refresh_from_db()
        assert (refund.state, wallet_of(top_up.account_id)) == ("APPROVED", (30_00, 0, 2))

    def test_does_not_let_who_asked_approve(self, top_up: TopUp) -> None:
        supervisor = make_staff("supervisor")
        refund = ask(top_up, supervisor)
        browser = browser_of(supervisor)
        assert (
            f"{refund_record(refund).replace(',', '%2C')}approve/"
            not in browser.get(f"{refund_record(refund)}change/").content.decode()
        )
        assert browser.post(f"{refund_record(refund)}approve/").status_code == 403
        refund.refresh_from_db()
        assert (refund.state, wallet_of(top_up.account_id)) == ("REQUESTED", (50_00, 0, 1))

    def test_does_not_let_a_clerk_approve_but_withdraw(self, top_up: TopUp) -> None:
        clerk = make_staff("clerk")
        refund = ask(top_up, clerk)
        assert browser_of(make_staff("clerk")).post(f"{refund_record(refund)}approve/").status_code == 403
        assert browser_of(make_staff("clerk")).post(f"{refund_record(refund)}reject/").status_code == 403
        assert browser_of(clerk).post(f"{refund_record(refund)}reject/").status_code == 302
        refund.refresh_from_db()
        assert (refund.state, refund.rejected_by_id) == ("REJECTED", clerk.pk)

    def test_says_why_not_when_the_money_is_gone(self, top_up: TopUp) -> None:
        refund = ask(top_up, make_staff("clerk"), amount="50")
        make_charge(get_line(account_id=top_up.account_id, line_id=top_up.line_id), amount_fen=1)
        answer = browser_of(make_staff("supervisor")).post(f"{refund_record(refund)}approve/", follow=True)
        assert "This is more than the cash that is left in the wallet." in words(answer)
        refund.refresh_from_db()
        assert refund.state == "REQUESTED"

    @pytest.mark.parametrize("name", ["approve", "reject", "ask"])
    def test_takes_posts_with_a_token_only(self, top_up: TopUp, name: str) -> None:
        refund = ask(top_up, make_staff("clerk"))
        supervisor = make_staff("supervisor")
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(supervisor)
        assert browser.post(f"{refund_record(refund)}{name}/").status_code == 403
        assert browser_of(supervisor).get(f"{refund_record(refund)}{name}/").status_code in (403, 405)
        refund.refresh_from_db()
        assert refund.state == "REQUESTED"

    def test_asks_the_provider_about_one_that_is_unknown(self, top_up: TopUp, provider: MemoryProvider) -> None:
        refund = ask(top_up, make_staff("clerk"))
        supervisor = browser_of(make_staff("supervisor"))
        supervisor.post(f"{refund_record(refund)}approve/")
        Refund.objects.update(state="UNKNOWN", ask_at=None)
        answer = supervisor.post(f"{refund_record(refund)}ask/", follow=True)
        assert "The provider was asked: given back." in words(answer)
        refund.refresh_from_db()
        assert refund.state == "SUCCEEDED"


class TestAskingAboutATopUp:
    def test_lists_the_unclear_ones(self, provider: MemoryProvider, top_up: TopUp) -> None:
        unclear = make_top_up(make_line(), provider="memory")
        TopUp.objects.filter(id=unclear.id).update(state="UNKNOWN", ask_at=None)
        page = browser_of(make_staff("clerk")).get("/staff/billing/topup/", {"state__exact": "UNKNOWN"})
        assert [row.id for row in page.context["cl"].result_list] == [unclear.id]

    def test_settles_one_at_once(self, provider: MemoryProvider) -> None:
        unclear = make_top_up(make_line(), provider="memory")
        provider.create_payment(
            payment_number=unclear.payment_number, amount_fen=50_00, title="", return_path="/", payer=PAYER,
            expires_at=EXPIRES, now=NOW,
        )  # fmt: skip
        provider.decide(unclear.payment_number, outcome=PaymentOutcome.PAID, paid_fen=50_00)
        TopUp.objects.update(state="UNKNOWN", ask_at=None)
        answer = browser_of(make_staff("clerk")).post(f"{record(unclear)}ask/", follow=True)
        assert "The provider was asked: credited." in words(answer)
        assert wallet_of(unclear.account_id) == (50_00, 0, 1)

    def test_is_not_offered_for_one_that_is_finished(self, top_up: TopUp) -> None:
        clerk = browser_of(make_staff("clerk"))
        assert "Ask the provider now" not in clerk.get(f"{record(top_up)}change/").content.decode()
        assert clerk.post(f"{record(top_up)}ask/").status_code == 403
