import uuid
from typing import Any

import pytest
from django.test import Client

from accounts.models import StaffUser
from billing.models import Adjustment
from messaging.models import Sms
from tests.factories.accounts import make_staff
from tests.factories.billing import entries_of, make_line, propose, wallet_of
from tests.pages import words

pytestmark = pytest.mark.django_db

PROPOSE = "/staff/billing/adjustment/propose/"


def desk_of(member: StaffUser) -> Client:
    client = Client()
    client.force_login(member)
    return client


def form(msisdn: str, **changes: str) -> dict[str, Any]:
    return {
        "msisdn": msisdn,
        "direction": "GIVE_BACK",
        "amount": "12.50",
        "reason": "WRONG_CHARGE",
        "words": "十月套餐费重复",
        "request_key": str(uuid.uuid4()),
        **changes,
    }


def decide_url(adjustment: Adjustment) -> str:
    return f"/staff/billing/adjustment/{adjustment.account_id},{adjustment.id}/decide/"


class TestProposing:
    def test_asks_once_more_before_it_writes_anything(self) -> None:
        line = make_line()
        desk = desk_of(make_staff("clerk"))
        assert 'name="msisdn"' in desk.get(PROPOSE).content.decode()
        page = desk.post(PROPOSE, form(line.msisdn))
        assert (page.status_code, Adjustment.objects.count()) == (200, 0)
        assert "+12.50" in words(page)
        assert 'name="confirmed"' in page.content.decode()

    def test_writes_the_proposal_down_once(self) -> None:
        line, clerk = make_line(), make_staff("clerk")
        desk, sent = desk_of(clerk), {**form(line.msisdn), "confirmed": "1"}
        answers = [desk.post(PROPOSE, sent) for _ in range(2)]
        adjustment = Adjustment.objects.get()
        page = f"/staff/billing/adjustment/{adjustment.account_id},{adjustment.id}/change/"
        assert [answer["Location"].replace("_2C", ",") for answer in answers] == [page] * 2
        assert (adjustment.amount_fen, adjustment.reason, adjustment.words, adjustment.proposed_by) == (
            12_50, "WRONG_CHARGE", "十月套餐费重复", clerk.id,
        )  # fmt: skip
        assert (adjustment.state, wallet_of(line.account_id)) == ("PROPOSED", (0, 0, 0))

    def test_takes_when_that_is_the_direction(self) -> None:
        line = make_line()
        desk_of(make_staff("clerk")).post(PROPOSE, {**form(line.msisdn, direction="TAKE"), "confirmed": "1"})
        assert Adjustment.objects.get().amount_fen == -12_50

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"msisdn": "12"}, "msisdn"),
            ({"msisdn": "13100000000"}, "msisdn"),
            ({"amount": "1.234"}, "amount"),
            ({"amount": "-5"}, "amount"),
            ({"amount": "0"}, "amount"),
            ({"amount": "500.01"}, "amount"),
            ({"reason": "WHIM"}, "reason"),
            ({"words": ""}, "words"),
            ({"words": "x" * 201}, "words"),
            ({"direction": "UP"}, "direction"),
            ({"request_key": "x"}, "request_key"),
        ],
    )
    def test_refuses_bad_input(self, changes: dict[str, str], field: str) -> None:
        line = make_line()
        page = desk_of(make_staff("clerk")).post(PROPOSE, {**form(line.msisdn), **changes, "confirmed": "1"})
        assert (page.status_code, Adjustment.objects.count()) == (200, 0)
        assert field in page.context["form"].errors

    def test_is_closed_to_staff_without_the_permission(self) -> None:
        line, auditor = make_line(), StaffUser.objects.create_user(username="auditor", is_staff=True)
        desk = desk_of(auditor)
        assert desk.get(PROPOSE).status_code == 403
        assert desk.post(PROPOSE, {**form(line.msisdn), "confirmed": "1"}).status_code == 403
        assert Adjustment.objects.count() == 0
        assert Client().get(PROPOSE).status_code == 302


class TestDeciding:
    def test_shows_it_and_posts_it_by_a_second_person(self) -> None:
        line, clerk, supervisor = make_line(cash_fen=1_00), make_staff("clerk"), make_staff("supervisor")
        adjustment = propose(line, 5_00, proposed_by=clerk.id)
        desk = desk_of(supervisor)
        record = f"/staff/billing/adjustment/{adjustment.account_id},{adjustment.id}/change/"
        assert "/decide/" in desk.get(record).content.decode()
        page = words(desk.get(decide_url(adjustment)))
        assert "+5.00" in page
        assert clerk.username in page
        assert wallet_of(line.account_id) == (1_00, 0, 1)
        desk.post(decide_url(adjustment), {"approve": "1"})
        adjustment.refresh_from_db()
        assert (adjustment.state, adjustment.checked_by) == ("POSTED", supervisor.id)
        assert wallet_of(line.account_id) == (6_00, 0, 2)
        assert "/decide/" not in desk.get(record).content.decode()

    def test_refuses_with_words_that_stay(self) -> None:
        line = make_line()
        adjustment = propose(line)
        desk = desk_of(make_staff("supervisor"))
        assert desk.post(decide_url(adjustment), {"refuse": "1", "refusal": ""}).status_code == 200
        adjustment.refresh_from_db()
        assert adjustment.state == "PROPOSED"
        desk.post(decide_url(adjustment), {"refuse": "1", "refusal": "没有凭证"})
        adjustment.refresh_from_db()
        assert (adjustment.state, adjustment.refusal) == ("REFUSED", "没有凭证")
        assert (entries_of(line.account_id), Sms.objects.count()) == ([], 0)
        assert adjustment.msisdn[3:6] in words(desk.get("/staff/billing/adjustment/"))

    def test_says_so_when_the_balance_does_not_reach(self) -> None:
        line = make_line(cash_fen=1_00)
        adjustment = propose(line, -5_00)
        page = desk_of(make_staff("supervisor")).post(decide_url(adjustment), {"approve": "1"}, follow=True)
        assert [str(message) for message in page.context["messages"]] == ["余额不足。请充值后再试。"]
        adjustment.refresh_from_db()
        assert (adjustment.state, wallet_of(line.account_id)) == ("PROPOSED", (1_00, 0, 1))

    def test_is_closed_to_clerks_and_to_who_proposed_it(self) -> None:
        line, supervisor = make_line(), make_staff("supervisor")
        adjustment = propose(line, proposed_by=supervisor.id)
        for desk in (desk_of(supervisor), desk_of(make_staff("clerk"))):
            assert desk.get(decide_url(adjustment)).status_code == 403
            assert desk.post(decide_url(adjustment), {"approve": "1"}).status_code == 403
        assert wallet_of(line.account_id) == (0, 0, 0)

    @pytest.mark.parametrize(
        "key", ["nonsense", "0193f3a0-0000-7000-8000-000000000000,0193f3a0-0000-7000-8000-000000000000"]
    )
    def test_answers_404_for_what_is_not_there(self, key: str) -> None:
        assert desk_of(make_staff("supervisor")).get(f"/staff/billing/adjustment/{key}/decide/").status_code == 404
