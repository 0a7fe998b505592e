"""P3: charge notices from the outbox to SENT against a bare claim–mark loop, and SMPP in a window against waiting."""

import logging
import os
import statistics
import time
import uuid
from collections.abc import Callable
from typing import Any

import psycopg2
from django.conf import settings
from django.db import connection, transaction
from rich.progress import track
from smpplib.client import Client

from accounts.operations.open_account import open_account
from bench.measure import Goal
from bench.message_centre import message_centre
from billing.texts import CHARGE_NOTICE
from kernel.clock import now
from messaging.gateways import forget_gateways
from messaging.gateways.base import Outcome, OutgoingSms
from messaging.gateways.smpp import SmppGateway
from messaging.operations.deliver_sms import deliver_due_sms
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch

ACCOUNTS = 200
TEXTS = 10_000
BATCH = 500
ROUNDS = 7
ANSWER_SECONDS = 0.005
IN_WINDOW, ONE_BY_ONE = 4_000, 150
YARDSTICK_LOG = "bench.smpplib"
PASSWORD = "bench"  # noqa: S105 (of a message centre that lives for a minute)
VALUES = {"number": "198****0000", "name": "畅享包", "amount": "10.00", "balance": "50.00", "at": "11月22日15时04分"}

CLAIM = """
    UPDATE messaging_sms
       SET state = 'SENDING', attempts = attempts + 1, lease_until = %s
     WHERE (account_id, id) IN (SELECT account_id, id FROM messaging_sms
                                 WHERE state = 'QUEUED' AND due_at <= %s
                                 ORDER BY urgent DESC, due_at
                                 LIMIT %s
                                   FOR UPDATE SKIP LOCKED)
    RETURNING account_id, id, msisdn, body
"""
MARK = """
    UPDATE messaging_sms AS sms
       SET state = 'SENT', sent_at = %s, lease_until = NULL
      FROM unnest(%s::uuid[], %s::uuid[]) AS sent (account_id, id)
     WHERE sms.account_id = sent.account_id AND sms.id = sent.id
"""


def measure() -> list[Goal]:
    """Drain `TEXTS` texts in turn with the yardstick; then send over SMPP to a centre that answers after 5 ms."""
    return [_outbox(), _smpp()]


def _outbox() -> Goal:
    settings.SMS_GATEWAY = "memory"
    forget_gateways()
    accounts = [_open(number) for number in range(ACCOUNTS)]
    bare = psycopg2.connect(os.environ["DATABASE_URL"])
    pairs: list[tuple[float, float]] = []
    try:
        for number in track(range(ROUNDS + 1), description="P3 outbox", transient=True):
            order: list[Callable[[], None]] = [_drain, lambda: _bare(bare)]
            took = {}
            for side in order if number % 2 else reversed(order):
                _queue(accounts, number)
                took[order.index(side)] = _timed(side)
            pairs.append((took[0], took[1]))
    finally:
        bare.close()
    ours, lean = (statistics.median(side) for side in zip(*pairs[1:], strict=True))
    return Goal(
        row="p3",
        work=f"{TEXTS:,} charge notices to SENT by an instant gateway, against a bare claim–mark loop of {BATCH}",
        measured=statistics.median(yardstick / mine for mine, yardstick in pairs[1:]),
        wanted=0.60,
        at_least=True,
        detail=f"ours {TEXTS / ours:,.0f} texts/s, yardstick {TEXTS / lean:,.0f} texts/s",
    )


def _open(number: int) -> uuid.UUID:
    line = open_account(
        customer_name="量度客户", msisdn=f"+86196{number:08d}", province="CN-GD", language="zh-hans", now=now()
    )
    return line.account_id


def _queue(accounts: list[uuid.UUID], round_number: int) -> None:
    """Start each side with the same outbox and the disk at rest."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE messaging_sms CASCADE")
    requests = [
        SmsRequest(
            accounts[number % ACCOUNTS],
            f"+86198{number % ACCOUNTS:08d}",
            CHARGE_NOTICE,
            "zh-hans",
            VALUES,
            f"charge:{round_number}:{number}",
        )
        for number in range(TEXTS)
    ]
    with transaction.atomic():
        queue_sms_batch(requests=requests, now=now())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE messaging_sms")
        cursor.execute("CHECKPOINT")


def _drain() -> None:
    sent = 0
    while (delivery := deliver_due_sms(now=now(), limit=BATCH)).claimed:
        sent += delivery.sent
    if sent != TEXTS:
        raise RuntimeError(f"{sent} of {TEXTS} texts were sent")


def _bare(bare: Any) -> None:
    while True:
        at = now()
        with bare.cursor() as cursor:
            cursor.execute(CLAIM, [at, at, BATCH])
            rows = cursor.fetchall()
        bare.commit()
        if not rows:
            return
        with bare.cursor() as cursor:
            cursor.execute(MARK, [at, [row[0] for row in rows], [row[1] for row in rows]])
        bare.commit()


def _smpp() -> Goal:
    with message_centre(latency_seconds=ANSWER_SECONDS, password=PASSWORD) as port:
        settings.SMPP_HOST, settings.SMPP_PORT = "127.0.0.1", port
        settings.SMPP_SYSTEM_ID, settings.SMPP_PASSWORD, settings.SMPP_WINDOW = PASSWORD, PASSWORD, 50
        _send_in_window(200)
        ratios, rates = [], []
        for _round in track(range(3), description="P3 SMPP", transient=True):
            waiting = ONE_BY_ONE / _timed(lambda: _send_and_wait(port))
            ours = IN_WINDOW / _timed(lambda: _send_in_window(IN_WINDOW))
            ratios.append(ours / waiting)
            rates.append((ours, waiting))
    ours, waiting = (statistics.median(side) for side in zip(*rates, strict=True))
    return Goal(
        row="p3",
        work="SMPP in a window of 50 to a centre that answers after 5 ms, against smpplib's submit and wait",
        measured=statistics.median(ratios),
        wanted=20.0,
        at_least=True,
        detail=f"ours {ours:,.0f} texts/s, yardstick {waiting:,.0f} texts/s",
    )


def _send_in_window(count: int) -> None:
    gateway = SmppGateway()
    texts = [OutgoingSms(uuid.uuid4(), "+8619800000000", f"{number} yuan were charged.") for number in range(count)]
    results = gateway.send(texts, now=now(), timeout_seconds=60.0)
    gateway.close()
    if any(result.outcome is not Outcome.SENT for result in results):
        raise RuntimeError("not every text was taken")


def _send_and_wait(port: int) -> None:
    logging.getLogger(YARDSTICK_LOG).disabled = True
    client = Client("127.0.0.1", port, timeout=10, logger_name=YARDSTICK_LOG)
    client.set_message_sent_handler(lambda pdu: None)
    client.connect()
    client.bind_transmitter(system_id=PASSWORD, password=PASSWORD)
    for number in range(ONE_BY_ONE):
        client.send_message(
            source_addr="10086", destination_addr="8619800000000", short_message=f"{number} yuan were charged.".encode()
        )
        client.read_once()
    client.disconnect()


def _timed(work: Callable[[], None]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
