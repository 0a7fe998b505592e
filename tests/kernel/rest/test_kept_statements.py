import threading
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models import F, Q, QuerySet, Value
from django.db.models.functions import Lower
from django.test.utils import CaptureQueriesContext

from accounts.models import Line
from billing.models import Bill
from kernel.clock import month_of
from kernel.ids import NIL
from kernel.rest import kept_statements
from kernel.rest.kept_statements import list_kept, read_rows
from kernel.rest.resource import Caller
from kernel.sight import Sight, SightKind
from tests.factories.billing import NOW, make_line

pytestmark = pytest.mark.django_db
PARTNER = Caller(client_id="somebody", sight=Sight(SightKind.ALL), language="en", now=NOW)


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    list_kept().clear()


class Composer:
    """Composes a statement, and counts how often."""

    def __init__(self, make: Callable[[Caller, Q], QuerySet[Any, Any]]) -> None:
        self.make = make
        self.times = 0

    def __call__(self, caller: Caller, conditions: Q) -> QuerySet[Any, Any]:
        self.times += 1
        return self.make(caller, conditions)

    def read(self, conditions: Q, caller: Caller = PARTNER, name: str = "lines") -> list[Any]:
        return read_rows(name=(name,), caller=caller, conditions=conditions, compose=self)


def lines(_caller: Caller, conditions: Q) -> QuerySet[Any, Any]:
    return Line.objects.filter(conditions).order_by("id")


class TestReadRows:
    def test_composes_once_for_all_values(self) -> None:
        first, second = make_line(), make_line()
        composer = Composer(lines)
        found = [
            composer.read(Q(account_id=line.account_id) & (Q(msisdn__in=[line.msisdn]) | ~Q(activated_at__lte=NOW)))
            for line in (first, second, first)
        ]
        assert found == [[first], [second], [first]]
        assert composer.times == 2  # the two whose likeness shows that it may be kept

    def test_asks_as_often_as_it_is_called_and_gives_rows_of_their_own(self) -> None:
        line = make_line()
        composer = Composer(lines)
        with CaptureQueriesContext(connection) as asked:
            one, other = (composer.read(Q(account_id=line.account_id))[0] for _time in range(2))
        assert (len(asked), one is other, one == other) == (2, False, True)
        Line.objects.filter(account_id=line.account_id).update(language="en")
        assert composer.read(Q(account_id=line.account_id))[0].language == "en"

    def test_composes_anew_what_is_asked_otherwise(self) -> None:
        line = make_line()
        composer = Composer(lines)
        asked: list[Q] = [
            Q(account_id=line.account_id),
            Q(account_id__in=[line.account_id]),
            Q(account_id__in=[line.account_id, uuid.UUID(int=1)]),
            Q(account_id=line.account_id, state="ACTIVE"),
            Q(account_id=line.account_id) | Q(state="ACTIVE"),
        ]
        assert [composer.read(conditions) for conditions in asked] == [[line]] * len(asked)
        assert composer.times == 2 * len(asked)
        composer.read(asked[0], replace(PARTNER, language="zh-hans"))
        composer.read(asked[0], name="others")
        assert composer.times == 2 * len(asked) + 4

    def test_passes_on_what_the_caller_may_see_and_when_it_asks(self) -> None:
        mine, theirs = make_line(), make_line()

        def seen(caller: Caller, conditions: Q) -> QuerySet[Any, Any]:
            return Line.objects.filter(
                conditions, account_id=caller.sight.account_id or NIL, activated_at__lte=caller.now
            )

        composer = Composer(seen)
        callers = [
            replace(PARTNER, client_id=line.msisdn, sight=Sight(SightKind.OWN, account_id=line.account_id))
            for line in (mine, theirs)
        ]
        assert [composer.read(Q(), caller) for caller in callers] == [[mine], [theirs]]
        assert composer.read(Q(), replace(callers[0], now=mine.activated_at - timedelta(seconds=1))) == []
        assert composer.times == 2

    @pytest.mark.parametrize(
        "make",
        [
            pytest.param(
                lambda caller, _conditions: Bill.objects.filter(period_date=month_of(caller.now).first_date),
                id="made of the time",
            ),
            pytest.param(
                lambda caller, _conditions: Line.objects.filter(msisdn=f"+86{caller.client_id}"),
                id="made of the caller",
            ),
            pytest.param(
                lambda _caller, conditions: Line.objects.annotate(low=Lower("msisdn")).filter(
                    low__startswith=dict(conditions.children)["msisdn"]
                ),
                id="made by the ORM",
            ),
        ],
    )
    def test_keeps_nothing_that_was_made_of_a_value(self, make: Callable[[Caller, Q], QuerySet[Any, Any]]) -> None:
        composer = Composer(make)
        for _time in range(3):
            composer.read(Q(msisdn="+8613800138000"))
        assert composer.times == 2 + 3

    @pytest.mark.parametrize("conditions", [Q(msisdn=F("language")), Q(language=Value("en"))], ids=["F", "Value"])
    def test_keeps_nothing_that_holds_more_than_values(self, conditions: Q) -> None:
        composer = Composer(lines)
        assert [composer.read(conditions) for _time in range(2)] == [[], []]
        assert composer.times == 2

    def test_reads_days_and_finds_nothing_among_none(self) -> None:
        line = make_line()
        Bill.objects.create(account_id=line.account_id, period_date=date(2026, 10, 1), total_fen=1, issued_at=NOW)
        composer = Composer(lambda _caller, conditions: Bill.objects.filter(conditions))
        months = [date(2026, 10, 1), date(2026, 9, 1)]
        assert [len(composer.read(Q(account_id=line.account_id, period_date=day))) for day in months] == [1, 0]
        assert composer.times == 2
        assert composer.read(Q(account_id__in=[])) == []

    def test_keeps_no_more_than_so_many(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(kept_statements, "MOST_KEPT", 3)
        composer = Composer(lines)
        for number in range(5):
            composer.read(Q(activated_at=datetime(2026, 1, 1, tzinfo=UTC)), name=str(number))
        assert len(list_kept()) == 2

    def test_keeps_them_for_one_thread(self) -> None:
        composer = Composer(lines)
        composer.read(Q(language="en"))
        times = []

        def elsewhere() -> None:
            try:
                composer.read(Q(language="en"))
                times.append(composer.times)
            finally:
                connection.close()

        thread = threading.Thread(target=elsewhere)
        thread.start()
        thread.join()
        assert times == [4]
