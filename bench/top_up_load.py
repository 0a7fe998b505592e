"""Customers who top up while something else goes on: a process of its own, so that it shares nothing but the database.

Started as a fresh process, which has no Django until `confirm_until_stopped` sets it up.
"""

import time
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from multiprocessing.connection import Connection

# (account, line, E.164 number)
LineKey = tuple[uuid.UUID, uuid.UUID, str]

AMOUNT_FEN = 50_00
EVERY_SECONDS = 0.01


def confirm_until_stopped(control: Connection, lines: Sequence[LineKey]) -> None:
    """Confirm a top-up every hundredth of a second until anything is received, then send what each took.

    :param control: sends True when warm, at last a list of (began at, seconds); `time.perf_counter` is one clock for
        all processes of a machine.
    """
    import django

    django.setup()
    from kernel.clock import now

    took: list[tuple[float, float]] = []
    for line in lines:
        _confirm(line, now)
    control.send(True)
    while not control.poll():
        for line in lines:
            next_at = time.perf_counter() + EVERY_SECONDS
            took.append(_confirm(line, now))
            time.sleep(max(0.0, next_at - time.perf_counter()))
            if control.poll():
                break
    control.send(took)


def _confirm(line: LineKey, now: Callable[[], datetime]) -> tuple[float, float]:
    from billing.operations.top_ups import confirm_top_up, start_top_up
    from kernel.channel import Channel

    account_id, line_id, msisdn = line
    top_up = start_top_up(
        account_id=account_id,
        line_id=line_id,
        msisdn=msisdn,
        amount_fen=AMOUNT_FEN,
        channel=Channel.WEB,
        provider="bench",
        idempotency_key=uuid.uuid4().hex,
        now=now(),
    )
    began = time.perf_counter()
    confirm_top_up(
        account_id=account_id,
        top_up_id=top_up.id,
        paid_fen=AMOUNT_FEN,
        provider_payment_number=f"P{top_up.payment_number}",
        now=now(),
    )
    return began, time.perf_counter() - began
