"""Which pages ask for more than being signed in. The step-up page itself: tests/accounts/web/test_step_up.py."""

import uuid
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.urls import reverse

from accounts.models import Line, SignIn
from accounts.operations.set_service_password import change_service_password
from billing.models import BankCard
from kernel.ids import PublicId
from packages_app.models import Offering, Order
from tests.factories.accounts import PASSWORD, give_service_password, make_sign_in, signed_in_client
from tests.factories.bank_cards import make_bank_card
from tests.factories.billing import NOW, make_line
from tests.factories.e_invoices import paid_top_up
from tests.factories.packages_app import ask_for, make_offering
from tests.site_map import list_addresses
from tests.strangers import values_of

pytestmark = pytest.mark.django_db

# Sensitive: they open what was used and by whom, move money by themselves, or hand papers to others.
NEED_BOTH = {
    *("accounts:service-password-change", "packages:usage-details", "packages:usage-details-export"),
    *("billing:link-card", "billing:link-card-code", "billing:link-card-resend", "billing:unlink-card"),
    *("billing:automatic-top-up", "billing:e-invoice-request"),
}


@pytest.fixture
def line() -> Line:
    line = make_line(cash_fen=2_000_00)
    give_service_password(line)
    make_bank_card(line)
    paid_top_up(line)
    return line


def asked(answer: Any) -> tuple[str, str]:
    """Return what a step-up page was to ask for and where it leads afterwards, empty when there is none."""
    parts = urlsplit(answer.headers.get("Location", ""))
    if answer.status_code != 302 or parts.path != "/step-up/":
        return "", ""
    query = parse_qs(parts.query)
    return query["need"][0], query["next"][0]


class TestSensitivePages:
    @pytest.mark.parametrize("proofs", [(), ("CODE",), ("PASSWORD",)])
    def test_ask_for_code_and_password_whatever_is_done_there(self, line: Line, proofs: tuple[str, ...]) -> None:
        client = signed_in_client(line, proofs=proofs)
        named = {address.name: address for address in list_addresses()}
        paths = {
            name: named[name].path({argument: values_of(kind, argument, line)[0] for kind, argument in arguments})
            for name in NEED_BOTH
            for arguments in (named[name].arguments,)
        }
        assert len(paths) == len(NEED_BOTH)
        let_in = [
            (method, name)
            for name, path in paths.items()
            for method in ("GET", "POST")
            for answer in (client.generic(method, path),)
            if answer.status_code != 405 and asked(answer)[0] != "BOTH"
        ]
        assert let_in == []
        assert BankCard.objects.get().state == "ACTIVE"

    def test_are_open_for_ten_minutes(self, line: Line) -> None:
        assert signed_in_client(line).get(reverse("billing:link-card")).status_code == 200


class TestSensitiveOrders:
    """They ask for the password before the text with their code leaves: with the code that makes both."""

    @pytest.fixture(params=["dear", "binding"])
    def offering(self, request: pytest.FixtureRequest) -> Offering:
        terms: dict[str, dict[str, Any]] = {
            "dear": {"price_fen": 300_00},
            "binding": {"commitment_months": 24, "recurrence": "MONTHLY"},
        }
        return make_offering(**terms[request.param])

    def order(self, client: Any, offering: Offering) -> Any:
        return client.post(reverse("packages:order", args=[offering.code]), {"request_key": uuid.uuid4().hex})

    def test_ask_for_the_password_and_lead_back(self, line: Line, offering: Offering) -> None:
        answer = self.order(signed_in_client(line, proofs=("CODE",)), offering)
        assert asked(answer) == ("PASSWORD", f"/packages/{offering.code}/")
        assert not Order.objects.exists()
        assert self.order(signed_in_client(line, proofs=("PASSWORD",)), offering).status_code == 302
        assert Order.objects.count() == 1

    def test_are_sensitive_together_when_none_is_alone(self, line: Line) -> None:
        client = signed_in_client(line, proofs=("CODE",))
        for _thing in range(2):
            client.post(reverse("packages:cart-add", args=[make_offering(price_fen=150_00).code]))
        answer = client.post(reverse("packages:cart"), {"request_key": uuid.uuid4().hex})
        assert asked(answer) == ("PASSWORD", "/cart/")
        assert not Order.objects.exists()

    def test_ask_again_when_they_are_asked_for_again(self, line: Line, offering: Offering) -> None:
        order = ask_for(line, offering, now=NOW)
        public_id = PublicId(order.account_id, order.id)
        answer = signed_in_client(line, proofs=("CODE",)).post(reverse("packages:again", args=[public_id]))
        assert asked(answer) == ("PASSWORD", f"/orders/{public_id}/")

    def test_of_a_smaller_kind_ask_for_nothing_more(self, line: Line) -> None:
        answer = self.order(signed_in_client(line, proofs=("CODE",)), make_offering(price_fen=299_99))
        assert asked(answer) == ("", "")
        assert Order.objects.count() == 1


class TestAnotherPassword:
    def test_signs_the_line_out_on_every_other_browser(self, line: Line) -> None:
        here, there = make_sign_in(line, at=NOW), make_sign_in(line, at=NOW, browser="another")
        change_service_password(
            account_id=line.account_id, line_id=line.id, password=f"{PASSWORD}!", kept_sign_in_id=here.id, now=NOW
        )
        assert list(SignIn.objects.filter(ended_at=None).values_list("id", flat=True)) == [here.id]
        change_service_password(account_id=line.account_id, line_id=line.id, password=f"{PASSWORD}?", now=NOW)
        assert not SignIn.objects.filter(ended_at=None).exists()
        assert SignIn.objects.get(id=there.id).ended_at == NOW
