"""Points exchanged for bonus: they leave the purse and the bonus enters the wallet, in one transaction, once per form.

What is exchanged for a data pack is an order (`packages_app.operations.orders`): its confirmation takes the points.
"""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line
from billing.models import Counterpart, MoneyBucket, PointsCounterpart, PointsExchange
from billing.operations.ledger import IdempotencyConflict, post_entries
from billing.operations.points_ledger import take_points
from billing.points_texts import POINTS_EXCHANGED
from billing.queries.points_rules import bonus_for, get_points_rule
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

REASON_KIND = "POINTS"


class NotWholeYuan(DomainError):
    """Points are exchanged for whole yuan."""

    code = "NOT_WHOLE_YUAN"
    field = "points"
    http_status = 422

    def __init__(self, *, step: int) -> None:
        super().__init__(_("Points are exchanged in steps of %(step)s.") % {"step": step})


def exchange_for_bonus(
    *, account_id: uuid.UUID, line_id: uuid.UUID, points: int, channel: str, request_key: str, now: datetime
) -> PointsExchange:
    """Exchange points for bonus, and tell the line.

    :param points: a multiple of what a yuan of bonus costs (`PointsRule.points_per_bonus_yuan`).
    :param channel: a `kernel.channel.Channel` value.
    :param request_key: made once per form; sent twice it is one exchange. 40 characters at most.
    :return: the exchange; of the first call, if the form was sent before.
    :raises NotFound: the account has no such line in use.
    :raises NotWholeYuan: it is none or no multiple.
    :raises InsufficientPoints: the account does not have so many.
    :raises IdempotencyConflict: the form was sent before with another number.
    """
    line = get_line(account_id=account_id, line_id=line_id)
    rule = get_points_rule(now)
    if points <= 0 or points % rule.points_per_bonus_yuan:
        raise NotWholeYuan(step=rule.points_per_bonus_yuan)
    with transaction.atomic():
        wanted = PointsExchange(
            account_id=account_id,
            line_id=line.id,
            points=points,
            bonus_fen=bonus_for(points=points, rule=rule),
            channel=channel,
            request_key=request_key,
            exchanged_at=now,
        )
        # Of two at once the later waits here for the earlier, and finds its row.
        PointsExchange.objects.bulk_create([wanted], ignore_conflicts=True)
        kept = PointsExchange.objects.get(account_id=account_id, request_key=request_key)
        if kept.id != wanted.id:
            if (kept.points, kept.line_id) != (points, line.id):
                raise IdempotencyConflict
            return kept
        take_points(
            account_id=account_id,
            points=points,
            posting_key=f"exchange:{kept.id}",
            counterpart=PointsCounterpart.BONUS,
            reason_id=kept.id,
            now=now,
        )
        posting = post_entries(
            account_id=account_id,
            posting_key=f"points:{kept.id}",
            amount_fen=kept.bonus_fen,
            counterpart=Counterpart.POINTS,
            reason_kind=REASON_KIND,
            reason_id=kept.id,
            bucket=MoneyBucket.BONUS,
            bonus_expires_at=now + timedelta(days=rule.bonus_days) if rule.bonus_days else None,
            now=now,
        )
        queue_sms(
            account_id=account_id,
            msisdn=line.msisdn,
            template=POINTS_EXCHANGED,
            language=line.language,
            values={
                "number": mask_msisdn(line.msisdn),
                "points": points,
                "bonus": yuan_text(kept.bonus_fen),
                "balance": yuan_text(posting.total_fen),
                "at": instant_words(line.language, now),
                "service_number": settings.SERVICE_NUMBER,
            },
            dedup_key=f"points:{kept.id}",
            now=now,
        )
    return kept
