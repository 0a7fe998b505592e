"""The database says no as well: each constraint refuses the row that breaks it, and without it the row gets in."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import DatabaseError, connection, transaction

from accounts.models import BarAction, BarReason, DataDownload, HolidayWindow, Line, LineActKind, StaffUser
from accounts.operations.bar_proposals import propose_bar
from accounts.operations.line_acts import record_line_act
from accounts.operations.send_sign_in_code import send_sign_in_code
from billing.models import CardPayment, DunningCase, DunningNote, OverdraftLowering
from billing.operations.earn_points import earn_points
from billing.operations.exchange_points import exchange_for_bonus
from billing.operations.issue_bills import issue_bills
from billing.operations.points_rules import add_points_rule
from billing.operations.redeem_voucher import redeem_voucher
from kernel.channel import Channel
from kernel.clock import Month
from kernel.ids import uuid7
from packages_app.models import Bucket, UsageBeyond, UsageFee, UsageKind
from packages_app.operations.record_usage import record_usage
from tests.factories.accounts import fresh_document, fresh_sim, give_service_password, make_second_factor
from tests.factories.accounts import make_line as make_somebody
from tests.factories.bank_cards import make_bank_card_payment, want_automatic
from tests.factories.barring import make_bar
from tests.factories.billing import (
    NOW,
    give_bonus,
    make_campaign,
    make_charge,
    make_hold,
    make_line,
    make_refund,
    make_top_up,
    opened_long_ago,
    propose,
    propose_fee,
)
from tests.factories.e_invoices import ask as ask_for_invoice
from tests.factories.packages_app import ask_for, buy, make_offering
from tests.factories.points import bring_in
from tests.factories.stars import give_star, proposed_table
from tests.factories.usage import usage
from tests.factories.vouchers import make_card, make_cards
from tests.guards.broken import Broken
from tests.guards.constraints import CONSTRAINTS
from tests.races import run_sql

pytestmark = pytest.mark.django_db


@pytest.fixture
def good_rows() -> None:
    """At least one good row of every table in question."""
    line = opened_long_ago(make_line(cash_fen=1_000_00, bonus_fen=10_00))
    give_bonus(line, 5_00)
    make_charge(line, now=NOW - timedelta(days=40))
    issue_bills(month=Month(2026, 10), now=NOW)
    make_hold(line)
    propose(line)
    make_refund(make_top_up(line), asked_by=StaffUser.objects.create(username="asks"))
    redeem(line, make_cards(2)[0].pin)
    make_card()
    propose_fee(line)
    make_campaign()
    ask_for_invoice(line)
    want_automatic(line, make_bank_card_payment(line))
    CardPayment.objects.update(automatic=True, limit_fen=200_00, state="PENDING")
    ask_for(line, make_offering())
    buy(line, make_offering())
    buy(line, make_offering())
    before, carried_over = Bucket.objects.order_by("id")
    Bucket.objects.filter(account_id=line.account_id, id=carried_over.id).update(carried_from_id=before.id)
    record_usage(records=[usage(line, at=NOW)], now=NOW)
    month = {"account_id": line.account_id, "line_id": line.id, "period_date": NOW.date(), "usage_kind": UsageKind.DATA}
    UsageBeyond.objects.create(**month, plan_id=uuid7(), amount=1)
    UsageFee.objects.create(**month, id=uuid7(), charged_fen=1)
    earn_points(now=NOW)
    bring_in(line, 200, earned_at=NOW)
    exchange_for_bonus(account_id=line.account_id, line_id=line.id, points=100, channel="WEB", request_key="1", now=NOW)
    make_charge(line)
    add_points_rule(
        valid_from=NOW + timedelta(days=1), points_per_yuan=1, star_percents=[100] * 6, lifetime_months=36,
        points_per_bonus_yuan=100, bonus_days=0, created_by=1, now=NOW,
    )  # fmt: skip
    make_bar(line, now=NOW)
    case = DunningCase.objects.create(account_id=line.account_id, step="WARNED", step_at=NOW, opened_at=NOW)
    note = {"account_id": line.account_id, "case_id": case.id, "owed_fen": 1, "noted_at": NOW}
    DunningNote.objects.create(**note, kind="STEP", step="WARNED")
    DunningNote.objects.create(**note, kind="POSTPONED", step="ONE_WAY", postponement="HOLIDAY", until_at=NOW)
    make_people(line)
    # Foreign keys are looked at when a transaction ends; nothing of these rows may wait when a table is altered.
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")


def make_people(line: Line) -> None:
    """At least one good row of every table about people."""
    make_somebody(document=fresh_document(), sim=fresh_sim())
    give_service_password(line)
    send_sign_in_code(msisdn=line.msisdn, address="192.0.2.1", now=NOW)
    make_second_factor("clerk")
    propose_bar(
        account_id=line.account_id, line_id=line.id, action=BarAction.BAR, reason=BarReason.OPERATOR, words="a trial",
        proposed_by=1, now=NOW,
    )  # fmt: skip
    record_line_act(account_id=line.account_id, line_id=line.id, kind=LineActKind.PUK_SHOWN, staff_id=1, now=NOW)
    DataDownload.objects.create(account_id=line.account_id, line_id=line.id, language="en", requested_at=NOW)
    HolidayWindow.objects.create(
        code="TRIAL", name_zh="国庆", name_en="National Day", starts_at=NOW.replace(minute=0, second=0, microsecond=0),
        ends_at=NOW.replace(minute=0, second=0, microsecond=0) + timedelta(days=7), minimum_star=3,
    )  # fmt: skip
    give_star(line.account_id, 5)
    OverdraftLowering.objects.create(account_id=line.account_id, overdraft_fen=0, reason="a trial", since=NOW)
    proposed_table()


def redeem(line: Line, pin: str) -> None:
    redeem_voucher(
        account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, pin=pin, channel=Channel.WEB, now=NOW
    )


@pytest.mark.usefixtures("good_rows")
class TestConstraints:
    def test_each_refuse_what_breaks_them(self) -> None:
        refused = {name: refusal_of(broken) for name, broken in CONSTRAINTS.items()}
        assert refused == {name: name for name in CONSTRAINTS}

    def test_control_without_its_constraint_each_row_gets_in(self) -> None:
        accepted = {}
        for name, broken in CONSTRAINTS.items():
            with without(name, broken.table):
                accepted[name] = refusal_of(broken)
        assert accepted == dict.fromkeys(CONSTRAINTS)


def refusal_of(broken: Broken) -> str | None:
    """Insert a broken row and return the name of the constraint that refuses it; either way nothing of it is left."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")  # whether foreign keys lead somewhere is not tried here
            cursor.execute(
                f"INSERT INTO {broken.table} SELECT (jsonb_populate_record(good, %s)).*"  # noqa: S608
                f" FROM {broken.table} AS good WHERE {broken.of} LIMIT 1",
                [json.dumps(broken.changes)],
            )
            assert cursor.rowcount == 1, f"{broken.table} has no good row"
            transaction.set_rollback(True)
    except DatabaseError as error:
        return str(error.__cause__.diag.constraint_name)  # type: ignore[union-attr]
    return None


@contextmanager
def without(name: str, table: str) -> Iterator[None]:
    """Take a constraint away within the block."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_constraint WHERE conname = %s", [name])
            (is_constraint,) = cursor.fetchone()
        run_sql(f"ALTER TABLE {table} DROP CONSTRAINT {name} CASCADE" if is_constraint else f"DROP INDEX {name}")
        yield
        transaction.set_rollback(True)
