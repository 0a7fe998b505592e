from datetime import datetime
from typing import Any

import pytest

from accounts.models import StarBand, StarInput, StarStep, StarTable, StarTableState
from accounts.operations.star_table_rules import Band, StarTableWrong
from accounts.operations.star_tables import (
    SecondPersonNeeded,
    StarTableDecided,
    StarTableTooLate,
    approve_star_table,
    ensure_first_star_table,
    propose_star_table,
    refuse_star_table,
)
from accounts.queries.star_tables import get_star_table_of
from kernel.clock import SHANGHAI, Month
from kernel.errors import NotFound
from tests.factories.stars import BANDS, DECEMBER, LONG_AGO, NOVEMBER, STEPS, proposed_table, star_rules, star_table

pytestmark = pytest.mark.django_db

LAST_OF_OCTOBER = datetime(2026, 10, 31, 23, 59, tzinfo=SHANGHAI)
FIRST_OF_NOVEMBER = datetime(2026, 11, 1, tzinfo=SHANGHAI)


class TestProposeStarTable:
    def test_writes_down_what_was_said_and_rates_nobody(self) -> None:
        table = proposed_table()
        assert (table.state, table.proposed_by, table.checked_by) == (StarTableState.PROPOSED, 1, None)
        kept = StarStep.objects.filter(table_id=table.id, input=StarInput.LATE).values_list("at_least", "points")
        assert list(kept) == STEPS[StarInput.LATE]
        bands = StarBand.objects.filter(table_id=table.id).values_list("star", "least_points", "overdraft_fen")
        assert list(bands) == [(1, 0, 0), (2, 30, 20_00), (3, 50, 50_00), (4, 65, 100_00), (5, 80, 200_00)]
        with pytest.raises(NotFound):
            get_star_table_of(NOVEMBER)

    def test_is_one_proposal_however_often_it_is_sent(self) -> None:
        sent = [
            propose_star_table(rules=star_rules(), words="", request_key="k", proposed_by=1, now=LONG_AGO)
            for _ in range(2)
        ]
        assert (sent[0].id == sent[1].id, StarTable.objects.count(), StarBand.objects.count()) == (True, 1, 5)

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"looks_back_months": 0}, "looks_back_months"),
            ({"valid_months": 25}, "valid_months"),
            ({"minimum_months": 25}, "minimum_months"),
            ({"steps": {**STEPS, StarInput.SPEND: []}}, "steps_spend"),
            ({"steps": {**STEPS, StarInput.SPEND: [(1, 0)]}}, "steps_spend"),
            ({"steps": {**STEPS, StarInput.LATE: [(0, 1), (0, 2)]}}, "steps_late"),
            ({"steps": {**STEPS, StarInput.MONTHS: [(0, 1_001)]}}, "steps_months"),
            ({"bands": BANDS[:4]}, "bands"),
            ({"bands": [Band(1, 0), *BANDS[1:]]}, "bands"),
            ({"bands": [*BANDS[:3], Band(50, 100_00), BANDS[4]]}, "bands"),
            ({"bands": [*BANDS[:3], Band(65, 10_00), BANDS[4]]}, "bands"),
            ({"bands": [*BANDS[:4], Band(80, 1_000_01)]}, "bands"),
        ],
    )
    def test_refuses_what_would_not_give_each_account_one_rating(self, changes: dict[str, Any], field: str) -> None:
        with pytest.raises(StarTableWrong) as refusal:
            proposed_table(**changes)
        assert (refusal.value.field, StarTable.objects.count()) == (field, 0)

    def test_refuses_a_month_that_has_begun(self) -> None:
        arguments: dict[str, Any] = {"rules": star_rules(NOVEMBER), "words": "", "request_key": "k", "proposed_by": 1}
        with pytest.raises(StarTableTooLate):
            propose_star_table(**arguments, now=FIRST_OF_NOVEMBER)
        assert StarTable.objects.count() == 0
        assert propose_star_table(**arguments, now=LAST_OF_OCTOBER).first_month == NOVEMBER


class TestApproveStarTable:
    def test_puts_the_table_in_force_from_its_month_on(self) -> None:
        ensure_first_star_table(now=LONG_AGO)
        table = star_table(NOVEMBER)
        october = get_star_table_of(Month(2026, 10))
        assert (october.proposed_by, october.state) == (None, StarTableState.APPROVED)
        assert [get_star_table_of(month).id for month in (NOVEMBER, DECEMBER)] == [table.id, table.id]
        assert table.checked_by == 2

    def test_takes_the_last_approved_of_two_for_one_month(self) -> None:
        first = proposed_table()
        second = proposed_table()
        approve_star_table(table_id=second.id, checked_by=2, now=LONG_AGO)
        approve_star_table(table_id=first.id, checked_by=2, now=LAST_OF_OCTOBER)
        assert get_star_table_of(NOVEMBER).id == first.id

    def test_needs_a_second_person_and_only_one_decision_before_the_month(self) -> None:
        table = proposed_table()
        with pytest.raises(SecondPersonNeeded):
            approve_star_table(table_id=table.id, checked_by=1, now=LONG_AGO)
        with pytest.raises(SecondPersonNeeded):
            refuse_star_table(table_id=table.id, checked_by=1, refusal="", now=LONG_AGO)
        with pytest.raises(StarTableTooLate):
            approve_star_table(table_id=table.id, checked_by=2, now=FIRST_OF_NOVEMBER)
        assert StarTable.objects.get().state == StarTableState.PROPOSED
        refuse_star_table(table_id=table.id, checked_by=2, refusal="too generous", now=LONG_AGO)
        with pytest.raises(StarTableDecided):
            approve_star_table(table_id=table.id, checked_by=3, now=LONG_AGO)
        kept = StarTable.objects.get()
        assert (kept.state, kept.checked_by, kept.refusal) == (StarTableState.REFUSED, 2, "too generous")


class TestEnsureFirstStarTable:
    def test_makes_one_table_that_is_sound_and_leaves_staff_theirs(self) -> None:
        ensure_first_star_table(now=LONG_AGO)
        ensure_first_star_table(now=LONG_AGO)
        assert (StarTable.objects.count(), StarBand.objects.count()) == (1, 5)
        assert StarBand.objects.get(star=5).overdraft_fen == 200_00
