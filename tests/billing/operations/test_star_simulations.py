from collections import Counter
from datetime import datetime, timedelta

import pytest

from accounts.models import StarRating, StarTableState
from accounts.operations.star_table_rules import Band
from billing.models import OverdraftChange, StarSimulation, Wallet
from billing.operations import star_simulations as module
from billing.operations.rate_stars import rate_stars
from billing.operations.star_simulations import (
    NotTriedOut,
    approve_tried_star_table,
    propose_star_table_with_trial,
    run_star_simulations,
    start_star_simulation,
)
from billing.queries.star_simulations import Move, Totals, get_newest_simulation, get_totals, list_examples, list_moves
from kernel.clock import SHANGHAI
from kernel.masking import mask_msisdn
from messaging.models import Sms
from tests.billing.operations.test_rate_stars import customer
from tests.factories.billing import make_charge
from tests.factories.stars import BANDS, DECEMBER, NOVEMBER, STEPS, proposed_table, star_rules, star_table

pytestmark = pytest.mark.django_db

RATED_AT = datetime(2026, 11, 1, 2, tzinfo=SHANGHAI)
NOW = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)
# Who has three stars by the table in force gets four, with twice the overdraft; two stars become one.
OTHER_BANDS = [Band(0, 0), Band(45, 20_00), Band(50, 50_00), Band(55, 100_00), Band(80, 200_00)]


def everything() -> tuple[object, ...]:
    return (
        list(StarRating.objects.order_by("pk").values()),
        list(Wallet.objects.order_by("pk").values()),
        OverdraftChange.objects.count(),
        Sms.objects.count(),
    )


class TestRunStarSimulations:
    def test_says_who_would_move_and_what_could_be_owed_and_changes_nothing(self) -> None:
        star_table()
        up, down = customer(cash_fen=0), customer(since=datetime(2026, 3, 1, tzinfo=SHANGHAI), cash_fen=0)
        new = customer(since=datetime(2026, 9, 1, tzinfo=SHANGHAI), cash_fen=0)
        rate_stars(month=NOVEMBER, now=RATED_AT)
        make_charge(down, amount_fen=15_00, now=RATED_AT)
        table = proposed_table(DECEMBER, bands=OTHER_BANDS)
        start_star_simulation(table_id=table.id, asked_by=1, now=NOW)
        before = everything()
        assert run_star_simulations(now=NOW, chunk_accounts=2) == 1
        assert everything() == before
        trial = StarSimulation.objects.get()
        assert (trial.accounts, trial.finished_at) == (3, NOW)
        assert list_moves(trial) == [
            Move(None, None, 1, 0, 0, 0),
            Move(2, 1, 1, 20_00, 0, 15_00),
            Move(3, 4, 1, 50_00, 100_00, 0),
        ]
        assert get_totals(trial) == Totals(1, 1, 1, 70_00, 100_00, 15_00)
        examples = {example.numbers[0]: example for example in list_examples(trial, 10)}
        assert set(examples) == {mask_msisdn(up.msisdn), mask_msisdn(down.msisdn)}
        assert new.msisdn not in str(trial.examples)
        found = examples[mask_msisdn(up.msisdn)]
        assert (found.before, found.after, found.points_before, found.points_after) == (3, 4, 60, 60)
        assert (found.overdraft_before_fen, found.overdraft_after_fen) == (50_00, 100_00)

    def test_says_beforehand_what_the_rating_then_does(self) -> None:
        star_table(NOVEMBER)
        for year, month in ((2024, 1), (2026, 4), (2026, 8)):
            customer(since=datetime(year, month, 3, tzinfo=SHANGHAI))
        rate_stars(month=NOVEMBER, now=RATED_AT)
        table = star_table(DECEMBER, bands=OTHER_BANDS, minimum_months=3)
        december = datetime(2026, 12, 1, 2, tzinfo=SHANGHAI)
        start_star_simulation(table_id=table.id, asked_by=1, now=december)
        run_star_simulations(now=december)
        said: Counter[int | None] = Counter()
        for move in list_moves(StarSimulation.objects.get()):
            said[move.after] += move.accounts
        rate_stars(month=DECEMBER, now=december)
        stars = list(StarRating.objects.filter(period_date=DECEMBER.first_date).values_list("star", flat=True))
        assert said == Counter(stars) == {1: 2, 4: 1}

    def test_goes_on_where_it_was_cut_off_and_counts_nobody_twice(self, monkeypatch: pytest.MonkeyPatch) -> None:
        star_table()
        for _ in range(3):
            customer()
        table = proposed_table(DECEMBER)
        start_star_simulation(table_id=table.id, asked_by=1, now=NOW)
        add, calls = module._add, []

        def dies_the_second_time(trial: StarSimulation) -> None:
            add(trial)
            calls.append(trial.id)
            if len(calls) == 2:
                raise RuntimeError("power cut")

        monkeypatch.setattr(module, "_add", dies_the_second_time)
        with pytest.raises(RuntimeError, match="power cut"):
            run_star_simulations(now=NOW, chunk_accounts=2)
        assert StarSimulation.objects.get().accounts == 2
        run_star_simulations(now=NOW + timedelta(minutes=1), chunk_accounts=2)
        trial = StarSimulation.objects.get()
        assert (trial.accounts, sum(move.accounts for move in list_moves(trial))) == (3, 3)
        assert run_star_simulations(now=NOW) == 0


class TestApproveTriedStarTable:
    def test_waits_for_a_trial_that_came_to_its_end(self) -> None:
        table = propose_star_table_with_trial(
            rules=star_rules(DECEMBER), words="more for loyal ones", request_key="k", proposed_by=1, now=NOW
        )
        with pytest.raises(NotTriedOut):
            approve_tried_star_table(table_id=table.id, checked_by=2, now=NOW)
        run_star_simulations(now=NOW)
        approved = approve_tried_star_table(table_id=table.id, checked_by=2, now=NOW)
        assert (approved.state, approved.checked_by) == (StarTableState.APPROVED, 2)

    def test_has_one_trial_however_often_the_form_is_sent(self) -> None:
        for _ in range(2):
            table = propose_star_table_with_trial(
                rules=star_rules(DECEMBER, steps=STEPS, bands=BANDS),
                words="",
                request_key="k",
                proposed_by=1,
                now=NOW,
            )
        assert StarSimulation.objects.count() == 1
        newest = get_newest_simulation(table.id)
        assert newest is not None
        assert newest.finished_at is None
