import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import StaffUser
from billing.models import Charge, OneOffFee
from tests.factories.accounts import make_staff
from tests.factories.billing import make_line, propose_fee, wallet_of
from tests.pages import words

pytestmark = pytest.mark.django_db

PROPOSE = "/staff/billing/oneofffee/propose/"


def desk_of(member: StaffUser) -> Client:
    client = Client()
    client.force_login(member)
    return client


def form(msisdn: str, **changes: str) -> dict[str, Any]:
    return {
        "msisdn": msisdn,
        "name": "补卡工本费",
        "amount": "12.50",
        "head": "OTHER",
        "provider_name": "",
        "words": "客户遗失SIM卡",
        "request_key": str(uuid.uuid4()),
        **changes,
    }


def decide_url(fee: OneOffFee) -> str:
    return f"/staff/billing/oneofffee/{fee.account_id},{fee.id}/decide/"


class TestProposing:
    def test_asks_once_more_before_it_writes_anything(self) -> None:
        line, desk = make_line(), desk_of(make_staff("clerk"))
        assert "/oneofffee/propose/" in desk.get("/staff/billing/oneofffee/").content.decode()
        assert 'name="name"' in desk.get(PROPOSE).content.decode()
        page = desk.post(PROPOSE, form(line.msisdn))
        assert (page.status_code, OneOffFee.objects.count()) == (200, 0)
        assert "补卡工本费" in words(page)
        assert 'name="confirmed"' in page.content.decode()

    def test_writes_the_proposal_down_once(self) -> None:
        line, clerk = make_line(), make_staff("clerk")
        sent = {**form(line.msisdn, head="THIRD_PARTY", provider_name="某公司"), "confirmed": "1"}
        for _time in range(2):
            assert desk_of(clerk).post(PROPOSE, sent).status_code == 302
        fee = OneOffFee.objects.get()
        assert (fee.amount_fen, fee.head, fee.provider_name, fee.words, fee.proposed_by, fee.state) == (
            12_50, "THIRD_PARTY", "某公司", "客户遗失SIM卡", clerk.id, "PROPOSED",
        )  # fmt: skip
        assert Charge.objects.count() == 0

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"msisdn": "13100000000"}, "msisdn"),
            ({"amount": "0"}, "amount"),
            ({"amount": "500.01"}, "amount"),
            ({"name": ""}, "name"),
            ({"name": "x" * 121}, "name"),
            ({"head": "X"}, "head"),
            ({"head": "THIRD_PARTY"}, "provider_name"),
            ({"words": ""}, "words"),
        ],
    )
    def test_refuses_bad_input(self, changes: dict[str, str], field: str) -> None:
        line = make_line()
        page = desk_of(make_staff("clerk")).post(PROPOSE, {**form(line.msisdn), **changes, "confirmed": "1"})
        assert (page.status_code, OneOffFee.objects.count()) == (200, 0)
        assert field in page.context["form"].errors

    def test_is_closed_to_staff_without_the_permission(self) -> None:
        line, auditor = make_line(), StaffUser.objects.create_user(username="auditor", is_staff=True)
        assert desk_of(auditor).post(PROPOSE, {**form(line.msisdn), "confirmed": "1"}).status_code == 403
        assert OneOffFee.objects.count() == 0


class TestDeciding:
    def test_shows_it_and_charges_it_by_a_second_person(self) -> None:
        line, clerk, supervisor = make_line(cash_fen=50_00), make_staff("clerk"), make_staff("supervisor")
        fee = propose_fee(line, proposed_by=clerk.id)
        desk = desk_of(supervisor)
        page = words(desk.get(decide_url(fee)))
        assert "客户遗失SIM卡" in page
        assert clerk.username in page
        desk.post(decide_url(fee), {"approve": "1"})
        fee.refresh_from_db()
        assert (fee.state, fee.checked_by, wallet_of(line.account_id)) == ("CHARGED", supervisor.id, (30_00, 0, 2))

    def test_refuses_with_words_that_stay(self) -> None:
        fee = propose_fee(make_line(cash_fen=50_00))
        desk_of(make_staff("supervisor")).post(decide_url(fee), {"refuse": "1", "refusal": "客户已付"})
        fee.refresh_from_db()
        assert (fee.state, fee.refusal, Charge.objects.count()) == ("REFUSED", "客户已付", 0)

    def test_is_closed_to_clerks_and_to_who_proposed_it(self) -> None:
        supervisor = make_staff("supervisor")
        fee = propose_fee(make_line(cash_fen=50_00), proposed_by=supervisor.id)
        for desk in (desk_of(supervisor), desk_of(make_staff("clerk"))):
            assert desk.post(decide_url(fee), {"approve": "1"}).status_code == 403
        assert Charge.objects.count() == 0
