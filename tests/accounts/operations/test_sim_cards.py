from datetime import timedelta
from typing import Any

import pytest

from accounts.models import Line, LineAct, SimCard, SimDirectory
from accounts.operations.line_acts import ReasonMissing
from accounts.operations.sim_cards import (
    IssuedSim,
    NoSimNoted,
    SimTaken,
    change_sim,
    look_up_puk,
    require_no_recent_sim_change,
)
from accounts.operations.sim_rules import SimInvalid
from accounts.queries.audit import list_checks
from accounts.queries.sim_cards import RecentSimChange, list_sims
from kernel.audit import run_check
from kernel.errors import NotFound
from messaging.models import Sms
from tests.factories.accounts import NOON, fresh_sim, make_line

LATER = NOON + timedelta(days=10)
WAIT = timedelta(hours=72)


def change(line: Line, **changes: Any) -> SimCard:
    arguments = {"sim": fresh_sim(), "why": "LOST", "staff_id": 7, "reason": "showed the card", "now": LATER}
    return change_sim(account_id=line.account_id, line_id=line.id, **{**arguments, **changes})


@pytest.mark.django_db
class TestChangeSim:
    def test_ends_the_old_card_begins_the_new_one_and_tells_the_line(self) -> None:
        first, second = fresh_sim(), fresh_sim()
        line = make_line(sim=first)
        change(line, sim=second)
        cards = [
            (card.iccid, card.reason, card.from_at, card.to_at)
            for card in list_sims(account_id=line.account_id, line_id=line.id)
        ]
        assert cards == [(second.iccid, "LOST", LATER, None), (first.iccid, "FIRST", NOON, LATER)]
        act = LineAct.objects.get()
        assert (act.kind, act.before, act.after) == (
            "SIM_CHANGED",
            f"****{first.iccid[-4:]}",
            f"****{second.iccid[-4:]}",
        )
        text = Sms.objects.get(kind="SIM_CHANGED")
        assert "4月8日12时00分前网上暂不办理敏感业务" in text.body
        assert [check.name for check in list_checks() if run_check(check).violations] == []

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"sim": IssuedSim("8986001234567890121", "12345678")}, SimInvalid),
            ({"sim": IssuedSim("8986001234567890120", "1234")}, SimInvalid),
            ({"why": "FIRST"}, SimInvalid),
            ({"why": "TAKEN_OVER"}, SimInvalid),
            ({"reason": ""}, ReasonMissing),
        ],
    )
    def test_changes_nothing_when_refused(self, changes: dict[str, Any], refusal: type[Exception]) -> None:
        line = make_line(sim=fresh_sim())
        before = list(SimCard.objects.values())
        with pytest.raises(refusal):
            change(line, **changes)
        assert (list(SimCard.objects.values()), LineAct.objects.count(), Sms.objects.count()) == (before, 0, 0)
        assert SimDirectory.objects.count() == 1

    def test_never_takes_a_card_a_second_time(self) -> None:
        first, second = fresh_sim(), fresh_sim()
        line = make_line(sim=first)
        other = make_line(sim=second)
        change(other)
        for used in (first, second):
            with pytest.raises(SimTaken):
                change(line, sim=used)
        assert SimCard.objects.get(account_id=line.account_id).iccid == first.iccid

    def test_finds_no_line_of_another_account(self) -> None:
        line, other = make_line(), make_line()
        with pytest.raises(NotFound):
            change_sim(
                account_id=other.account_id,
                line_id=line.id,
                sim=fresh_sim(),
                why="LOST",
                staff_id=1,
                reason="x",
                now=LATER,
            )
        assert SimCard.objects.count() == 0


@pytest.mark.django_db
class TestRequireNoRecentSimChange:
    def ask(self, line: Line, **after: float) -> None:
        require_no_recent_sim_change(account_id=line.account_id, line_id=line.id, now=LATER + timedelta(**after))

    def test_refuses_for_three_days_and_says_until_when(self) -> None:
        line = make_line(sim=fresh_sim())
        self.ask(line)
        change(line)
        for after in (0, 71.99):
            with pytest.raises(RecentSimChange) as refusal:
                self.ask(line, hours=after)
            assert refusal.value.until == LATER + WAIT
        self.ask(line, hours=72)

    def test_does_not_mind_the_card_that_came_with_the_number(self) -> None:
        line = make_line(sim=fresh_sim())
        require_no_recent_sim_change(account_id=line.account_id, line_id=line.id, now=NOON)

    def test_does_not_mind_another_account(self) -> None:
        change(make_line())
        self.ask(make_line())


@pytest.mark.django_db
class TestLookUpPuk:
    def test_tells_the_customer_records_it_and_texts_the_line_once_a_day(self) -> None:
        line = make_line(sim=fresh_sim(puk="87654321"))
        for _ in range(2):
            assert look_up_puk(account_id=line.account_id, line_id=line.id, now=NOON) == "87654321"
        assert list(LineAct.objects.values_list("kind", "staff_id")) == [("PUK_SHOWN", None)] * 2
        assert "87654321" not in Sms.objects.get(kind="PUK_LOOKED_UP").body

    def test_asks_staff_why(self) -> None:
        line = make_line(sim=fresh_sim())
        with pytest.raises(ReasonMissing):
            look_up_puk(account_id=line.account_id, line_id=line.id, staff_id=7, now=NOON)
        look_up_puk(account_id=line.account_id, line_id=line.id, staff_id=7, reason="locked out", now=NOON)
        assert list(LineAct.objects.values_list("staff_id", "reason")) == [(7, "locked out")]

    def test_says_so_when_the_card_was_not_noted_and_records_nothing(self) -> None:
        line = make_line()
        with pytest.raises(NoSimNoted):
            look_up_puk(account_id=line.account_id, line_id=line.id, now=NOON)
        assert (LineAct.objects.count(), Sms.objects.count()) == (0, 0)
