"""P4: `issue_bills` against one bare INSERT … SELECT … GROUP BY, run again, and what customers feel meanwhile."""

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from django.db import connection

from accounts.models import Line
from bench.measure import Goal
from bench.top_up_load import LineKey, confirm_until_stopped
from billing.models import BillHead
from billing.operations.issue_bills import issue_bills
from billing.operations.wallets import open_wallet
from kernel.clock import Month, month_of, now

# Fewer, by HALL_BENCH_ACCOUNTS, where the machine is small or busy.
ACCOUNTS = int(os.environ.get("HALL_BENCH_ACCOUNTS", "100000"))
ROUNDS = 2
TOPPING_UP = 50
CALM_SECONDS = 8.0
SQL = Path(__file__).with_name("sql")
BENCH_ID = """
    CREATE OR REPLACE FUNCTION bench_id(kind integer, number bigint) RETURNS uuid IMMUTABLE LANGUAGE sql
    AS $$ SELECT ('019a0000-0000-7000-8' || lpad(to_hex(kind), 3, '0') || '-' || lpad(to_hex(number), 12, '0'))::uuid $$
"""
WORDS = "【和风通信】账单已出，合计%s.%s元。请登录网上营业厅，在“账单”中查看每项费用及其变化原因。"


def measure() -> list[Goal]:
    """Issue the bills of a tenth of `ACCOUNTS` accounts with four charges each, then of all in turn with the yardstick,
    then once more while other customers top up.
    """
    month = month_of(now()).previous
    _fill(month, 1, ACCOUNTS // 10)
    tenths = []
    for _round in range(ROUNDS):
        _forget(month)
        tenths.append(_timed(lambda: _issue(month)))
    _fill(month, ACCOUNTS // 10 + 1, ACCOUNTS)
    ours: list[float] = []
    lean: list[float] = []
    again: list[float] = []
    for _round in range(ROUNDS):
        _forget(month)
        lean.append(_timed(lambda: _bare(month)))
        _forget(month)
        ours.append(_timed(lambda: _issue(month)))
        again.append(_timed(lambda: _issue(month)))
    _forget(month)
    calm_seconds, busy_seconds = _p99_of_top_ups(month)
    run, yardstick, rerun, tenth = map(statistics.median, (ours, lean, again, tenths))
    data = f"{ACCOUNTS:,} accounts, four charges each"
    return [
        Goal(
            row="p4",
            work=f"issue_bills with its texts, {data}, against one bare statement",
            measured=statistics.median(bare / mine for mine, bare in zip(ours, lean, strict=True)),
            wanted=0.60,
            at_least=True,
            detail=f"ours {run:,.1f} s, yardstick {yardstick:,.1f} s",
        ),
        Goal(
            row="p4",
            work=f"the same month again, {data}, against its first run",
            measured=rerun / run,
            wanted=0.25,
            at_least=False,
            detail=f"first {run:,.1f} s, again {rerun:,.2f} s",
        ),
        Goal(
            row="p4",
            work=f"time for one account, {data}, against a tenth as many",
            measured=run / tenth / 10,
            wanted=1.20,
            at_least=False,
            detail=f"all {run:,.1f} s, a tenth {tenth:,.2f} s",
        ),
        Goal(
            row="p4",
            work=f"99th percentile of confirm_top_up during the run, {data}, against before it",
            measured=busy_seconds / calm_seconds,
            wanted=2.0,
            at_least=False,
            detail=f"before {calm_seconds * 1e3:,.1f} ms, during {busy_seconds * 1e3:,.1f} ms",
        ),
    ]


def _fill(month: Month, first: int, last: int) -> None:
    """Make the accounts of these numbers."""
    values: dict[str, Any] = {"first": first, "last": last, "period": month.first_date}
    with connection.cursor() as cursor:
        cursor.execute(BENCH_ID)
        cursor.execute((SQL / "p4_people.sql").read_text(), values)
        cursor.execute("VACUUM ANALYZE")


def _forget(month: Month) -> None:
    """Put the month back to before its bills, and the disk at rest."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE billing_bill_line, billing_bill_run, messaging_sms CASCADE")
        cursor.execute("DELETE FROM billing_bill WHERE period_date = %s", [month.first_date])
        cursor.execute("VACUUM ANALYZE billing_bill")
        cursor.execute("CHECKPOINT")


def _issue(month: Month) -> None:
    issue_bills(month=month, now=now())


def _bare(month: Month) -> None:
    values: dict[str, Any] = {
        "period": month.first_date,
        "starts_at": month.starts_at,
        "ends_at": month.ends_at,
        "heads": list(BillHead.values),
        "told_as": f"bill:{month}",
        "words": WORDS,
    }
    with connection.cursor() as cursor:
        cursor.execute((SQL / "p4_yardstick.sql").read_text(), values)


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _p99_of_top_ups(month: Month) -> tuple[float, float]:
    """Return the 99th percentile of a top-up's seconds before the run and during it."""
    with _topping_up() as control:
        time.sleep(CALM_SECONDS)
        run_at = time.perf_counter()
        _issue(month)
        ended_at = time.perf_counter()
        control.send(True)
        took = control.recv()
    calm = [seconds for began, seconds in took if began < run_at]
    busy = [seconds for began, seconds in took if run_at <= began < ended_at]
    return _p99(calm), _p99(busy)


def _p99(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=100)[-1]


@contextmanager
def _topping_up() -> Iterator[Connection]:
    lines: list[LineKey] = list(
        Line.objects.filter(msisdn__startswith="+86197")
        .order_by("id")
        .values_list("account_id", "id", "msisdn")[:TOPPING_UP]
    )
    for account_id, _line_id, _msisdn in lines:
        open_wallet(account_id=account_id, now=now())
    fresh = multiprocessing.get_context("spawn")
    control, far_end = fresh.Pipe()
    process = fresh.Process(target=confirm_until_stopped, args=(far_end, lines), daemon=True)
    process.start()
    try:
        control.recv()
        yield control
    finally:
        process.terminate()
        process.join()
