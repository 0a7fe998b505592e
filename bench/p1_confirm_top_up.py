"""P1: `confirm_top_up` against the same rows written by one prepared SQL function through bare psycopg2."""

import os
import uuid
from pathlib import Path

import psycopg2

from accounts.models import Line
from accounts.operations.open_account import open_account
from bench.measure import Goal, paired
from billing.models import TopUp
from billing.operations.top_ups import confirm_top_up, start_top_up
from billing.operations.wallets import open_wallet
from kernel.channel import Channel
from kernel.clock import now

ACCOUNTS = 200
ROUNDS = 25
AMOUNT_FEN = 50_00
YARDSTICK = Path(__file__).with_name("sql") / "p1_yardstick.sql"
PREPARE = "PREPARE p1 AS SELECT bench_confirm_top_up($1, $2, $3, $4, $5, $6, $7)"
EXECUTE = "EXECUTE p1 (%s, %s, %s, %s, %s, %s, %s)"
WORDS = "【和风通信】充值成功：11月22日15时04分为号码138****8000充值50.00元，当前余额1250.00元。"


def measure() -> list[Goal]:
    """Confirm one top-up for each of `ACCOUNTS` accounts in a round, each committed on its own."""
    lines = [_open_line(number) for number in range(ACCOUNTS)]
    waiting = {
        (side, number): [_start(line, f"{side}-{number}") for line in lines]
        for side in ("ours", "yardstick")
        for number in range(ROUNDS + 1)
    }
    bare = psycopg2.connect(os.environ["DATABASE_URL"])
    with bare.cursor() as cursor:
        cursor.execute(YARDSTICK.read_text())
        cursor.execute(PREPARE)
    bare.commit()

    def ours(number: int) -> None:
        for top_up in waiting["ours", number]:
            confirm_top_up(
                account_id=top_up.account_id,
                top_up_id=top_up.id,
                paid_fen=AMOUNT_FEN,
                provider_payment_number=f"P{top_up.payment_number}",
                now=now(),
            )

    def yardstick(number: int) -> None:
        for top_up in waiting["yardstick", number]:
            key = f"top-up:{top_up.id}"
            row = (str(top_up.account_id), str(top_up.id), AMOUNT_FEN, f"P{top_up.payment_number}", key, WORDS, now())
            with bare.cursor() as cursor:
                cursor.execute(EXECUTE, row)
            bare.commit()

    try:
        result = paired(rounds=ROUNDS, ours=ours, yardstick=yardstick, title="P1 confirm_top_up")
    finally:
        bare.close()
    return [
        Goal(
            row="p1",
            work=f"confirm_top_up, {ACCOUNTS} accounts, {ROUNDS} rounds, against one prepared SQL function",
            measured=result.ratio,
            wanted=0.50,
            at_least=True,
            detail=result.detail(per_round=ACCOUNTS, unit="top-up"),
        )
    ]


def _open_line(number: int) -> Line:
    line = open_account(
        customer_name="量度客户",
        msisdn=f"+86199{number:08d}",
        province="CN-GD",
        language="zh-hans",
        now=now(),
    )
    open_wallet(account_id=line.account_id, now=now())
    return line


def _start(line: Line, key: str) -> TopUp:
    return start_top_up(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=line.msisdn,
        amount_fen=AMOUNT_FEN,
        channel=Channel.WEB,
        provider="bench",
        idempotency_key=f"{key}-{uuid.uuid4()}",
        now=now(),
    )
