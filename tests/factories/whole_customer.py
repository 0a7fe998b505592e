"""Customers with something of everything, so that one can be shown what belongs to another."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import DatabaseError, transaction
from django.db.models import (
    BinaryField,
    BooleanField,
    CharField,
    DateField,
    DateTimeField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    TextField,
    UUIDField,
)  # fmt: skip

from accounts.models import Account, Line
from accounts.operations.documents import record_document
from accounts.operations.grant_partner import grant_partner_account
from accounts.operations.partner_messages import send_partner_message
from accounts.operations.set_contact import set_contact
from accounts.operations.sim_cards import issue_first_sim
from billing.models import OverdraftChange, Refund
from billing.operations.card_payments import pay_with_card
from billing.operations.issue_bills import issue_bills
from channels.models import NumberedList
from kernel.account_owned import Placement, SameAccountKey
from kernel.channel import Channel
from kernel.clock import Month, month_of
from kernel.clock import now as current_instant
from messaging.models import NetworkMessage, Sms, SmsResend
from messaging.operations.set_text_preference import set_text_preference
from packages_app.models import CapLift, PartnerOrder, ReminderChoice, ThresholdCrossing, UsageBeyond, UsageFee
from packages_app.operations.record_usage import record_usage
from tests.factories import billing
from tests.factories.accounts import fresh_document, fresh_sim, give_service_password, make_sign_in, make_staff
from tests.factories.bank_cards import DELAYS, make_bank_card, start, want_automatic
from tests.factories.care import make_ticket
from tests.factories.e_invoices import ask, paid_top_up, subject_of
from tests.factories.messaging import receive_text
from tests.factories.packages_app import ask_for, buy, give_plan, make_offering, make_service
from tests.factories.stars import give_star
from tests.factories.usage import make_bucket, usage

# Amounts of this many fen over a yuan are found nowhere else.
ODD_FEN = 37
# A made-up row is tried with so many of its columns' choices until its constraints take it.
MOST_CHOICES = 8


def last_month() -> Month:
    """Return the month of the bill that such a customer has."""
    return month_of(current_instant()).previous


def make_whole_customer(*, name: str, yuan: int, email: str) -> Line:
    """Open an account with a line that has everything a customer can have: money, orders, cards, papers, use, texts.

    :param name: unlike any other, to be found where it should not be.
    :param yuan: as the name; amounts of the account are this and ODD_FEN.
    """
    now = current_instant()
    line = billing.opened_long_ago(billing.make_line(cash_fen=yuan * 100 + ODD_FEN, bonus_fen=7_77, name=name))
    give_service_password(line)
    make_sign_in(line, at=now, browser=f"browser of {name}")
    _give_papers(line, name=name, email=email, now=now)
    grant_partner_account(client_id=f"partner-of-{line.msisdn[-4:]}", account_id=line.account_id, now=now)
    _give_money_matters(line, name=name, yuan=yuan, email=email, now=now)
    _give_services(line, name=name, now=now)
    _give_texts(line, name=name, now=now)
    make_ticket(line, words=f"ticket of {name}", now=now)
    _give_the_rest(line, name=name, now=now)
    return line


def _give_papers(line: Line, *, name: str, email: str, now: datetime) -> None:
    record_document(account_id=line.account_id, document=fresh_document(), staff_id=1, reason=f"{name}补登记", now=now)
    long_ago = now - timedelta(days=400)
    issue_first_sim(account_id=line.account_id, line_id=line.id, sim=fresh_sim(), now=long_ago)
    set_contact(account_id=line.account_id, line_id=line.id, name=f"联系人{name}", email=f"at.{email}", now=now)


def _give_money_matters(line: Line, *, name: str, yuan: int, email: str, now: datetime) -> None:
    month = last_month()
    billing.make_charge(line, amount_fen=59_13, name=f"套餐 {name}", now=month.starts_at + timedelta(days=3))
    issue_bills(month=month, now=month.ends_at + timedelta(hours=2))
    billing.make_charge(line, amount_fen=3_19, now=now)
    billing.make_top_up(line, amount_fen=yuan * 100 + ODD_FEN + 1, now=now)
    paid = paid_top_up(line, amount_fen=yuan * 100 + ODD_FEN + 2)
    ask(line, subject_of(paid), buyer_name=name, email=email, now=now)
    card = make_bank_card(line, now=now)
    pay_with_card(
        account_id=line.account_id, card_id=card.id, msisdn=line.msisdn, amount_fen=yuan * 100 + ODD_FEN + 3,
        request_key=uuid.uuid4().hex, channel=Channel.WEB, now=now,
    )  # fmt: skip
    want_automatic(line, card, now=now)
    start(line, kind_of_card=DELAYS, now=now)
    billing.make_hold(line, 1_23, now=now)
    billing.propose(line, now=now)
    billing.propose_fee(line, now=now, words=f"客户{name}遗失SIM卡")
    billing.make_refund(paid, asked_by=make_staff("clerk"))
    Refund.objects.filter(account_id=line.account_id).update(reason=f"{name}重复充值")
    give_star(line.account_id, 3, month=month)
    OverdraftChange.objects.create(
        account_id=line.account_id, before_fen=0, after_fen=0, reason=f"{name}", changed_at=now
    )


def _give_services(line: Line, *, name: str, now: datetime) -> None:
    this_month = month_of(now)
    give_plan(line)
    buy(line, make_service(), now=now)
    order = ask_for(line, make_offering(), now=now)
    PartnerOrder.objects.create(
        account_id=line.account_id, order_id=order.id, client_id="market", client_name="market", item_ids=["1"],
        description=f"给{name}",
    )  # fmt: skip
    bucket = make_bucket(line, name=f"流量 {name}", starts_at=this_month.starts_at)
    record_usage(records=[usage(line, at=now, app=f"应用{name}", other_party="+8613911112222")], now=now)
    of_this_month: dict[str, Any] = {
        "account_id": line.account_id,
        "line_id": line.id,
        "period_date": this_month.first_date,
    }
    UsageBeyond.objects.create(**of_this_month, usage_kind="DATA", plan_id=bucket.subscription_id, region="", amount=1)
    UsageFee.objects.create(**of_this_month, usage_kind="DATA", charged_fen=1_01)
    CapLift.objects.create(**of_this_month, number=1, cap_fen=600_00, channel=Channel.WEB, lifted_at=now)
    ReminderChoice.objects.create(account_id=line.account_id, line_id=line.id, percent=70, changed_at=now)
    ThresholdCrossing.objects.create(
        account_id=line.account_id, line_id=line.id, bucket_id=bucket.id, cycle_date=this_month.first_date,
        threshold_percent=50, crossed_at=now, superseded=True,
    )  # fmt: skip


def _give_texts(line: Line, *, name: str, now: datetime) -> None:
    receive_text(line, f"你好我是{name}", now=now)
    set_text_preference(
        account_id=line.account_id, msisdn=line.msisdn, unwanted_groups=set(), quiet_hours=(21, 8), now=now
    )
    sms = Sms.objects.filter(account_id=line.account_id).latest("queued_at")
    SmsResend.objects.create(
        account_id=line.account_id, sms_id=sms.id, reason=f"{name}没有收到", asked_by="clerk", asked_at=now
    )
    send_partner_message(line=line, content=f"告知{name}", client_id="market", idempotency_key="whole", now=now)
    NumberedList.objects.create(
        account_id=line.account_id, line_id=line.id, subscription_ids=[], sent_at=now,
        expires_at=now + timedelta(hours=2),
    )  # fmt: skip
    NetworkMessage.objects.create(
        key=f"network-{sms.id}", account_id=line.account_id, sms_id=sms.id, part_bits=1, state="", reason="",
        noted_at=now,
    )  # fmt: skip


def _give_the_rest(line: Line, *, name: str, now: datetime) -> None:
    """Put a row into each table of customers that has none yet, made up from its columns; what its constraints refuse
    needs a line of its own above.
    """
    for model in apps.get_models():
        if getattr(model, "placement", None) is not Placement.ACCOUNT or not model._meta.managed or model is Account:
            continue
        rows = model._default_manager.filter(account_id=line.account_id)
        for choice in range(MOST_CHOICES):
            if rows.exists():
                break
            with suppress(DatabaseError), transaction.atomic():
                model._default_manager.create(**_made_up(model, line, name=name, choice=choice, now=now))


def _made_up(model: type[Model], line: Line, *, name: str, choice: int, now: datetime) -> dict[str, Any]:
    """Return a value for each column that needs one.

    :param choice: which of its choices a column takes.
    """
    values: dict[str, Any] = {"account_id": line.account_id}
    siblings = {
        field.id_field: field.related_model for field in model._meta.get_fields() if isinstance(field, SameAccountKey)
    }
    for field in model._meta.concrete_fields:
        if field.name == "account" or field.has_default() or field.null or field.blank:
            continue
        if field.attname in siblings:
            same = siblings[field.attname]._default_manager.filter(account_id=line.account_id)
            values[field.attname] = same.values_list("id", flat=True).first()
        elif isinstance(field, ForeignKey):
            values[field.attname] = field.related_model._default_manager.values_list("pk", flat=True).first()
        elif field.choices:
            values[field.attname] = field.choices[choice % len(field.choices)][0]
        else:
            values[field.attname] = next((made for kind, made in _examples(name, now) if isinstance(field, kind)), None)
    return values


def _examples(name: str, now: datetime) -> list[tuple[type, Any]]:
    return [
        (CharField, name),
        (TextField, name),
        (BooleanField, False),
        (IntegerField, 1),
        (DateTimeField, now),
        (DateField, month_of(now).first_date),
        (UUIDField, uuid.uuid4()),
        (JSONField, {"name": name}),
        (BinaryField, name.encode()),
    ]
