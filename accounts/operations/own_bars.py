"""What customers stop and restore themselves: a lost SIM card, a number not needed for a while (停机保号)."""

import uuid
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import DatabaseError, transaction
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.models import Bar, BarAuthor, BarReason
from accounts.operations.barring import AlreadyBarred, Author, NotBarred, bar_line, lift_bar
from accounts.operations.numbers import forget_codes
from accounts.operations.sign_ins import end_other_sign_ins
from accounts.queries.bars import count_own_bars
from accounts.queries.lines import lock_line
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from kernel.errors import DomainError, NotFound
from kernel.ids import NIL

log = structlog.get_logger(__name__)

# What a customer may lift; the rest has a cure of its own.
_LIFTED_BY_CUSTOMERS = (BarReason.CUSTOMER_REQUEST, BarReason.LOST_SIM)


class StopTooLong(DomainError):
    """A number is not kept stopped for so many days in one go."""

    code = "STOP_TOO_LONG"
    message = _("A number cannot be stopped for that long.")
    cure = _("Choose one of the times that are offered.")
    field = "days"


class StoppedTooOften(DomainError):
    """The number was stopped at its customer's request as often as it may be in a year."""

    code = "STOPPED_TOO_OFTEN"
    http_status = 409

    def __init__(self, *, times: int, next_at: datetime) -> None:
        message = ngettext(
            "A number can be stopped at your request %(times)d time a year.",
            "A number can be stopped at your request %(times)d times a year.",
            times,
        )
        day = date_format(localtime(next_at).date())
        super().__init__(message % {"times": times}, cure=_("It can be stopped again from %(day)s.") % {"day": day})


class NotForCustomers(DomainError):
    """The reason is not one that its customer can lift."""

    code = "NOT_FOR_CUSTOMERS"
    message = _("You cannot lift this yourself.")
    cure = _("See beside the reason what helps, or ring us.")
    http_status = 403


def report_lost_sim(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    author: Author,
    words: str = "",
    kept_sign_in_id: uuid.UUID = NIL,
    now: datetime,
) -> Bar:
    """Stop a line whose SIM card is lost, at once, and sign it out on every browser but one.

    Codes that were texted work no more, and none is texted to it until it is restored (`send_sign_in_code`).

    :param words: what staff were told; 200 characters at most.
    :param kept_sign_in_id: the sign-in of who reports it, which stays.
    :raises AlreadyBarred: it was reported before.
    :raises NotFound: the account has no such line in use.
    """
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        bar = bar_line(
            account_id=account_id, line_id=line_id, reason=BarReason.LOST_SIM, author=author, words=words, now=now
        )
        end_other_sign_ins(account_id=account_id, line_id=line_id, kept_id=kept_sign_in_id, now=now)
        # Whoever has the card may have read the last code.
        forget_codes(msisdn=line.msisdn)
    return bar


def stop_on_request(*, account_id: uuid.UUID, line_id: uuid.UUID, days: int, author: Author, now: datetime) -> Bar:
    """Stop a line because its customer wants it so, for some days at most. What it costs is billing's to say.

    :param days: one of OWN_BAR_DAYS; the line is restored by itself at their end.
    :raises StopTooLong: it is none of them.
    :raises StoppedTooOften: OWN_BARS_PER_YEAR times in this calendar year are used up.
    :raises AlreadyBarred: it is stopped at the customer's request.
    :raises NotFound: the account has no such line in use.
    """
    if days not in settings.OWN_BAR_DAYS:
        raise StopTooLong
    with transaction.atomic():
        lock_line(account_id=account_id, line_id=line_id)
        if Bar.objects.filter(
            account_id=account_id, line_id=line_id, reason=BarReason.CUSTOMER_REQUEST, ended_at=None
        ).exists():
            raise AlreadyBarred
        year = now.astimezone(SHANGHAI).year
        if count_own_bars(account_id, line_id, datetime(year, 1, 1, tzinfo=SHANGHAI)) >= settings.OWN_BARS_PER_YEAR:
            next_at = datetime(year + 1, 1, 1, tzinfo=SHANGHAI)
            raise StoppedTooOften(times=settings.OWN_BARS_PER_YEAR, next_at=next_at)
        return bar_line(
            account_id=account_id,
            line_id=line_id,
            reason=BarReason.CUSTOMER_REQUEST,
            author=author,
            until_at=now + timedelta(days=days),
            now=now,
        )


def restore_by_customer(
    *, account_id: uuid.UUID, line_id: uuid.UUID, reason: BarReason, channel: Channel, now: datetime
) -> Bar:
    """Lift what a customer may lift. The door has proved who asks: a lost SIM card proves nothing.

    :raises NotForCustomers: the reason is somebody else's to lift.
    :raises NotBarred: the line is not barred for it.
    :raises NotFound: the account has no such line in use.
    """
    if reason not in _LIFTED_BY_CUSTOMERS:
        raise NotForCustomers
    author = Author(BarAuthor.CUSTOMER, channel)
    return lift_bar(account_id=account_id, line_id=line_id, reason=reason, author=author, now=now)


def end_own_bars(*, now: datetime, limit: int = 500) -> int:
    """Restore numbers whose time at the customer's request is over, each in a transaction of its own.

    :param limit: numbers at most.
    :return: how many were lifted.
    """
    over = Bar.objects.filter(ended_at=None, until_at__lte=now).order_by("until_at")
    lifted = 0
    for account_id, line_id in over.values_list("account_id", "line_id")[:limit]:
        try:
            lift_bar(
                account_id=account_id,
                line_id=line_id,
                reason=BarReason.CUSTOMER_REQUEST,
                author=Author(BarAuthor.SYSTEM, Channel.SYSTEM),
                now=now,
            )
        except (NotBarred, NotFound):
            continue
        except DatabaseError:
            # A line that is locked for long must not keep the others waiting; the next sweep comes back to it.
            log.exception("own_bar_not_ended", account_id=str(account_id))
        else:
            lifted += 1
    return lifted
