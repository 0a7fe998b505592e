"""Late fees: one charge for an account and month, for all the days in it on which something was owed too long."""

import uuid
from datetime import datetime

import structlog
from django.db import transaction

from billing.models import BillHead, ChargeReason
from billing.operations.charge import ChargeRequest, charge_accounts
from billing.operations.issue_bills import MonthNotEnded
from billing.queries.late_fees import (
    LateMonth,
    get_late_fee,
    get_late_fee_key,
    get_late_fee_rate,
    list_late_months,
)
from billing.texts import late_fee_words
from kernel.clock import Month

_ACCOUNTS_AT_ONCE = 1_000
_FIRST = uuid.UUID(int=0)

log = structlog.get_logger(__name__)


def charge_late_fees(*, month: Month, now: datetime) -> int:
    """Charge the late fees of a month that has ended, each account once, and tell each by its one charge notice.

    What is late, and for how long, follows from when it was billed and paid: run again it comes to the same, and
    accounts that have the month's late fee are left alone. Nothing happens while LATE_FEE_PER_TEN_THOUSAND is 0. A
    chunk of accounts is committed by itself.

    :return: how many late fees were charged by this run; what the wallet does not reach for is owed.
    :raises MonthNotEnded: its days are not complete.
    :raises ImproperlyConfigured: the operator asks for more than the law allows.
    """
    rate = get_late_fee_rate()
    if now < month.ends_at:
        raise MonthNotEnded
    charged, after = 0, _FIRST
    while rate:
        with transaction.atomic():
            found = list_late_months(month, after, _ACCOUNTS_AT_ONCE)
            requests = [_request(late, month, rate) for late in found if get_late_fee(late.fen_days, rate)]
            batch = charge_accounts(requests=requests, now=now)
        for refused in batch.refused:
            log.error("late_fee_refused", account_id=str(requests[refused.index].account_id), reason=refused.reason)
        charged += batch.settled + batch.due
        if len(found) < _ACCOUNTS_AT_ONCE:
            break
        after = found[-1].account_id
    return charged


def _request(late: LateMonth, month: Month, rate: int) -> ChargeRequest:
    return ChargeRequest(
        account_id=late.account_id,
        line_id=late.line_id,
        msisdn=late.msisdn,
        language=late.language,
        head=BillHead.OTHER,
        name=late_fee_words(late.language, month.first_date),
        provider_name="",
        amount_fen=get_late_fee(late.fen_days, rate),
        reason=ChargeReason.LATE_FEE,
        reason_id=late.oldest_charge_id,
        charge_key=get_late_fee_key(month),
    )
