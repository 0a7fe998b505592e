"""The trial balance at the terminal."""

import io
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from time_machine import travel

from tests.factories.billing import make_charge, make_line

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> str:
    out = io.StringIO()
    call_command("trial_balance", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture(autouse=True)
def _on_the_24th() -> Iterator[None]:
    with travel(datetime(2026, 11, 24, 12, tzinfo=UTC), tick=False):
        yield


@pytest.fixture(autouse=True)
def _books() -> None:
    make_charge(make_line(cash_fen=100_00), amount_fen=7_00, now=datetime(2026, 11, 23, tzinfo=UTC))


class TestTrialBalance:
    def test_draws_yesterday_and_proves_it(self) -> None:
        text = run()
        assert "2026-11-23 – 2026-11-23" in text
        assert [figure for figure in ("100.00", "-7.00", "93.00", "0.00") if figure not in text] == []

    def test_writes_csv(self) -> None:
        lines = run("--from", "2026-11-22", "--to", "2026-11-23", "--csv").splitlines()
        assert [line.split(",", 1)[0] for line in lines[1:]] == ["2026-11-22", "2026-11-23"]
        assert lines[2].endswith("0.00,7.00,-7.00,1")

    def test_ends_with_1_when_it_does_not_close(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_wallet SET cash_fen = cash_fen + 1")
        with pytest.raises(SystemExit) as ended:
            run()
        assert ended.value.code == 1
        run("--quick")

    def test_refuses_a_day_that_is_not_closed(self) -> None:
        with pytest.raises(CommandError, match=r".+"):
            run("--to", "2026-11-24")
