"""Ratings, overdrafts and charges at once: everybody is rated and told once, no wallet is below its floor. Each race
has a control that shows what its guard is for."""

import time
import uuid
from collections import Counter
from datetime import datetime
from threading import Barrier, Event
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import Line, StarRating
from accounts.operations import keep_ratings
from billing.models import Counterpart, OverdraftChange, StarRun, Wallet
from billing.operations import ledger, rate_stars
from billing.operations.ledger import post_entries
from billing.operations.rate_stars import Rated
from billing.operations.wallets import follow_stars
from kernel.clock import SHANGHAI
from messaging.models import Sms
from tests.billing.operations.test_rate_stars import customer
from tests.books import broken_invariants
from tests.factories.stars import NOVEMBER, give_star, star_table
from tests.races import PATIENCE_SECONDS, at_once, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

RATED_AT = datetime(2026, 11, 1, 2, tzinfo=SHANGHAI)


def rate() -> Rated:
    return rate_stars.rate_stars(month=NOVEMBER, now=RATED_AT, chunk_accounts=2)


def many(lines: int) -> None:
    """Let so many customers wait for their first star."""
    star_table()
    for _ in range(lines):
        give_star(customer().account_id, None, month=NOVEMBER.previous)


class TestManyRunsOfOneMonth:
    def test_rate_tell_and_raise_everybody_once(self) -> None:
        many(8)
        runs = at_once(lambda _number: rate(), times=6)
        assert sum(runs, Rated()) == Rated(accounts=8, changed=8, overdrafts=8)
        assert StarRating.objects.filter(period_date=NOVEMBER.first_date).count() == 8
        assert Sms.objects.filter(kind="STAR_CHANGED").count() == 8
        assert OverdraftChange.objects.count() == 8
        assert StarRun.objects.get().finished_at == RATED_AT
        assert broken_invariants() == {}

    def test_fail_without_their_turn_and_without_one_rating_for_a_month(self, monkeypatch: pytest.MonkeyPatch) -> None:
        many(2)
        conflict = "ON CONFLICT (account_id, period_date) DO NOTHING"
        assert keep_ratings._INSERT.count(conflict) == 1
        monkeypatch.setattr(keep_ratings, "_INSERT", keep_ratings._INSERT.replace(conflict, ""))
        monkeypatch.setattr(StarRun.objects, "select_for_update", lambda **_options: StarRun.objects.all())
        both_have_listed, list_accounts, first = Barrier(2), rate_stars._list_accounts, Event()

        def list_and_meet(*arguments: Any) -> list[uuid.UUID]:
            chunk = list_accounts(*arguments)
            if not first.is_set():
                both_have_listed.wait(timeout=PATIENCE_SECONDS)
                first.set()
            return chunk

        monkeypatch.setattr(rate_stars, "_list_accounts", list_and_meet)
        assert outcomes(lambda _number: rate(), times=2) == Counter(OK=1, DATABASE_ERROR=1)


class TestLoweringWhileMoneyLeaves:
    def meet(self) -> tuple[Line, Counter[str]]:
        """Let an overdraft be taken away while a charge that uses of it is about to be committed."""
        line = customer(cash_fen=0)
        follow_stars(overdrafts={line.account_id: 50_00}, reason="star 3", now=RATED_AT)
        spent, backends = Event(), list[int]()

        def act(number: int) -> None:
            if number:
                assert spent.wait(timeout=PATIENCE_SECONDS)
                backends.append(_one("SELECT pg_backend_pid()"))
                follow_stars(overdrafts={line.account_id: 0}, reason="star 1", now=RATED_AT)
                return
            with transaction.atomic():
                spend(line, 30_00)
                spent.set()
                until = time.monotonic() + PATIENCE_SECONDS
                while not backends or not _one("SELECT cardinality(pg_blocking_pids(%s))", backends[0]):
                    assert time.monotonic() < until
                    time.sleep(0.01)

        return line, outcomes(act, times=2)

    def test_leaves_what_is_used(self) -> None:
        line, ended = self.meet()
        assert ended == Counter(OK=2)
        wallet = Wallet.objects.get(account_id=line.account_id)
        assert (wallet.cash_fen, wallet.overdraft_fen) == (-30_00, 30_00)
        assert broken_invariants() == {}

    def test_fails_when_the_wallet_is_read_before_it_is_locked(self, monkeypatch: pytest.MonkeyPatch) -> None:
        guard = "FOR NO KEY UPDATE OF wallet"
        assert ledger._SET_OVERDRAFTS.count(guard) == 1
        monkeypatch.setattr(ledger, "_SET_OVERDRAFTS", ledger._SET_OVERDRAFTS.replace(guard, ""))
        line, ended = self.meet()
        # The database itself keeps the wallet above its floor: the rating dies of it.
        assert ended == Counter(OK=1, DATABASE_ERROR=1)
        assert Wallet.objects.get(account_id=line.account_id).overdraft_fen == 50_00


def spend(line: Line, amount_fen: int) -> None:
    key = uuid.uuid4()
    post_entries(
        account_id=line.account_id, posting_key=str(key), amount_fen=-amount_fen, counterpart=Counterpart.OPENING,
        reason_kind="TEST", reason_id=key, now=RATED_AT,
    )  # fmt: skip


def _one(query: str, *values: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return int(cursor.fetchone()[0])
