from typing import Any

import pytest

from accounts.models import Bar, BarAction, BarProposal, BarReason, Line
from accounts.operations.bar_proposals import (
    CheckedByProposer,
    OnePersonDecides,
    ProposalDecided,
    ProposalWaits,
    approve_bar_proposal,
    propose_bar,
    refuse_bar_proposal,
)
from accounts.operations.barring import AlreadyBarred, NotBarred
from accounts.operations.line_acts import ReasonMissing
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from tests.factories.accounts import NOON, make_line
from tests.factories.barring import make_bar

pytestmark = pytest.mark.django_db


def propose(line: Line, **changes: Any) -> BarProposal:
    wanted: dict[str, Any] = {
        "account_id": line.account_id, "line_id": line.id, "action": BarAction.BAR, "reason": BarReason.FRAUD_REVIEW,
        "words": "many calls abroad", "proposed_by": 1, "now": NOON,
    }  # fmt: skip
    return propose_bar(**{**wanted, **changes})


def approve(proposal: BarProposal, *, checked_by: int = 2) -> BarProposal:
    return approve_bar_proposal(
        account_id=proposal.account_id, proposal_id=proposal.id, checked_by=checked_by, now=NOON
    )


def state_of(line: Line) -> str:
    return Line.objects.get(account_id=line.account_id, id=line.id).state


class TestProposeBar:
    def test_writes_it_down_and_bars_nothing(self) -> None:
        line = make_line()
        assert propose(line).state == "PROPOSED"
        assert (state_of(line), Sms.objects.count()) == ("ACTIVE", 0)

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"reason": BarReason.LOST_SIM}, OnePersonDecides),
            ({"reason": BarReason.ARREARS_ONE_WAY}, OnePersonDecides),
            ({"words": " "}, ReasonMissing),
            ({"action": BarAction.LIFT}, NotBarred),
            ({"reason": BarReason.OPERATOR}, AlreadyBarred),
            ({"account_id": BarReason}, NotFound),
        ],
    )
    def test_refuses_what_makes_no_sense(self, changes: dict[str, Any], refusal: type[DomainError]) -> None:
        line = make_line()
        make_bar(line, BarReason.OPERATOR)
        if "account_id" in changes:
            changes = {"account_id": make_line().account_id}
        with pytest.raises(refusal):
            propose(line, **changes)
        assert BarProposal.objects.count() == 0

    def test_refuses_the_same_twice_while_it_waits(self) -> None:
        line = make_line()
        propose(line)
        with pytest.raises(ProposalWaits):
            propose(line, proposed_by=3)
        assert BarProposal.objects.count() == 1


class TestApproveBarProposal:
    def test_bars_by_a_second_person_with_the_words_of_the_first(self) -> None:
        line = make_line()
        approve(propose(line, cure="Come to our shop."))
        bar = Bar.objects.get()
        assert (bar.words, bar.cure, bar.started_by, bar.started_by_staff) == (
            "many calls abroad", "Come to our shop.", "STAFF", 2,
        )  # fmt: skip
        assert state_of(line) == "SUSPENDED"

    def test_lifts_by_a_second_person(self) -> None:
        line = make_line()
        make_bar(line, BarReason.FRAUD_REVIEW)
        approve(propose(line, action=BarAction.LIFT, words="cleared up"))
        assert (state_of(line), Bar.objects.get().ended_words) == ("ACTIVE", "cleared up")

    def test_refuses_the_same_person_and_a_second_decision(self) -> None:
        line = make_line()
        proposal = propose(line)
        with pytest.raises(CheckedByProposer):
            approve(proposal, checked_by=1)
        assert state_of(line) == "ACTIVE"
        approve(proposal)
        with pytest.raises(ProposalDecided):
            approve(proposal, checked_by=3)
        assert (Bar.objects.count(), Sms.objects.count()) == (1, 1)

    def test_leaves_the_proposal_open_when_it_is_overtaken(self) -> None:
        line = make_line()
        proposal = propose(line)
        make_bar(line, BarReason.FRAUD_REVIEW)
        with pytest.raises(AlreadyBarred):
            approve(proposal)
        proposal.refresh_from_db()
        assert proposal.state == "PROPOSED"


class TestRefuseBarProposal:
    def test_keeps_why_and_changes_nothing(self) -> None:
        line = make_line()
        proposal = propose(line)
        refused = refuse_bar_proposal(
            account_id=line.account_id, proposal_id=proposal.id, checked_by=2, refusal="a mistake", now=NOON
        )
        assert (refused.state, refused.refusal, state_of(line)) == ("REFUSED", "a mistake", "ACTIVE")
        with pytest.raises(ProposalDecided):
            approve(proposal)
