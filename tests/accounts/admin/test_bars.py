import pytest
from django.test import Client

from accounts.models import Bar, BarAction, BarProposal, BarReason, Line, StaffUser
from accounts.operations.bar_proposals import propose_bar
from tests.factories.accounts import make_staff, staff_client
from tests.factories.barring import make_bar
from tests.factories.billing import NOW, make_line

pytestmark = pytest.mark.django_db


def desk_of(member: StaffUser) -> Client:
    client = Client()
    client.force_login(member)
    return client


def line_page(line: Line, name: str) -> str:
    return f"/staff/accounts/line/{line.account_id},{line.id}/{name}/"


def bar_page(bar: Bar, name: str) -> str:
    return f"/staff/accounts/bar/{bar.account_id},{bar.id}/{name}/"


def proposal_page(proposal: BarProposal, name: str) -> str:
    return f"/staff/accounts/barproposal/{proposal.account_id},{proposal.id}/{name}/"


class TestOnePerson:
    def test_stops_a_number_whose_card_is_lost_and_lifts_it_with_a_reason(self) -> None:
        line, clerk = make_line(), make_staff("clerk")
        desk = desk_of(clerk)
        assert line_page(line, "report-lost") in desk.get(line_page(line, "change")).content.decode()
        desk.post(line_page(line, "report-lost"), {"reason": ""})
        assert Bar.objects.count() == 0
        desk.post(line_page(line, "report-lost"), {"reason": "客户来电"})
        bar = Bar.objects.get()
        assert (bar.reason, bar.words, bar.started_by_staff) == ("LOST_SIM", "客户来电", clerk.id)
        desk.post(bar_page(bar, "lift"), {"reason": "找回"})
        bar.refresh_from_db()
        assert (bar.ended_words, bar.ended_by_staff) == ("找回", clerk.id)

    @pytest.mark.parametrize("reason", [BarReason.FRAUD_REVIEW, BarReason.OPERATOR])
    def test_lifts_nothing_that_needs_two(self, reason: BarReason) -> None:
        line = make_line()
        bar = make_bar(line, reason, now=NOW)
        assert staff_client("supervisor").post(bar_page(bar, "lift"), {"reason": "x"}).status_code == 403
        bar.refresh_from_db()
        assert bar.ended_at is None


class TestTwoPeople:
    def test_stop_a_number_and_lift_it_again(self) -> None:
        line, clerk, supervisor = make_line(), make_staff("clerk"), make_staff("supervisor")
        sent = {"bar_reason": "FRAUD_REVIEW", "reason": "异常拨打", "cure": ""}
        desk_of(clerk).post(line_page(line, "propose-bar"), sent)
        proposal = BarProposal.objects.get()
        assert desk_of(clerk).post(proposal_page(proposal, "approve")).status_code == 403
        page = desk_of(supervisor).get(f"/staff/accounts/barproposal/{proposal.account_id},{proposal.id}/change/")
        assert "异常拨打" in page.content.decode()
        desk_of(supervisor).post(proposal_page(proposal, "approve"), {"agree": "1"})
        bar = Bar.objects.get()
        desk_of(clerk).post(bar_page(bar, "propose-lift"), {"reason": "已核实"})
        lifting = BarProposal.objects.get(action="LIFT")
        desk_of(supervisor).post(proposal_page(lifting, "approve"), {"agree": "1"})
        bar.refresh_from_db()
        assert bar.ended_at is not None

    def test_are_two(self) -> None:
        line, supervisor = make_line(), make_staff("supervisor")
        proposal = propose_bar(
            account_id=line.account_id, line_id=line.id, action=BarAction.BAR, reason=BarReason.OPERATOR,
            words="x", proposed_by=supervisor.id, now=NOW,
        )  # fmt: skip
        page = desk_of(supervisor).post(proposal_page(proposal, "approve"), {"agree": "1"})
        assert page.status_code == 200
        assert Bar.objects.count() == 0

    def test_refuse_with_words_that_stay(self) -> None:
        line = make_line()
        proposal = propose_bar(
            account_id=line.account_id, line_id=line.id, action=BarAction.BAR, reason=BarReason.OPERATOR,
            words="x", proposed_by=1, now=NOW,
        )  # fmt: skip
        staff_client("supervisor").post(proposal_page(proposal, "refuse"), {"reason": "弄错了"})
        proposal.refresh_from_db()
        assert (proposal.state, proposal.refusal, Bar.objects.count()) == ("REFUSED", "弄错了", 0)
