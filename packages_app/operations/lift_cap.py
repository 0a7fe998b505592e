"""Lets a customer go on beyond the money cap of a month."""

import uuid
from datetime import datetime
from functools import partial

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from kernel.errors import DomainError
from kernel.money import yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words
from packages_app.events import beyond_use_resumed
from packages_app.models import CapLift
from packages_app.queries.usage_fees import get_month_fee
from packages_app.usage_texts import CAP_LIFTED


class CapNotReached(DomainError):
    """There is nothing to lift: use beyond the plan is not stopped."""

    code = "CAP_NOT_REACHED"
    message = _("Use beyond your plan is not stopped.")
    cure = _("The cap can be raised once it is reached.")
    http_status = 409


def lift_cap(*, account_id: uuid.UUID, line_id: uuid.UUID, channel: str, now: datetime) -> CapLift:
    """Let this month's cap rise by one step, tell the customer, and let the network go on.

    Only a cap that is reached can be lifted, so that a wish that arrives twice lifts it once.

    :param channel: where the customer asked, a `kernel.channel.Channel` value.
    :return: the lift, with the new cap; it holds for this month alone.
    :raises CapNotReached: use beyond the plan is not stopped.
    :raises NotFound: the account has no such line.
    """
    with transaction.atomic():
        line = get_line(account_id=account_id, line_id=line_id)
        fee = get_month_fee(account_id, line_id, now)
        if not fee.is_stopped:
            raise CapNotReached
        lift = CapLift(
            account_id=account_id,
            line_id=line_id,
            period_date=fee.month.first_date,
            number=fee.lifts + 1,
            cap_fen=fee.next_cap_fen,
            channel=channel,
            lifted_at=now,
        )
        # Of two at once the second waits here for the first, and then finds its number taken.
        CapLift.objects.bulk_create([lift], ignore_conflicts=True)
        kept = CapLift.objects.get(
            account_id=account_id, line_id=line_id, period_date=lift.period_date, number=lift.number
        )
        if kept.lifted_at != now or kept.channel != channel:
            raise CapNotReached
        queue_sms(
            account_id=account_id,
            msisdn=line.msisdn,
            template=CAP_LIFTED,
            language=line.language,
            values={"at": instant_words(line.language, now), "cap": yuan_text(lift.cap_fen)},
            dedup_key=f"cap-lift:{line_id}:{lift.period_date}:{lift.number}",
            now=now,
        )
        transaction.on_commit(
            partial(beyond_use_resumed.send_robust, sender=None, account_id=account_id, line_id=line_id)
        )
    return lift
