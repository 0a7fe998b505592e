"""What a line has, with a numbered list of what can be cancelled (`cancel_by_number`). No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.models import NumberedList
from channels.texts import NOTHING_TO_CANCEL, WHAT_I_HAVE, WHAT_I_HAVE_CONTINUED
from kernel.clock import SHANGHAI
from kernel.money import yuan_text
from messaging.texts import ENGLISH, day_words, instant_words
from packages_app.models import OfferingKind, Subscription
from packages_app.queries.subscriptions import is_cancellable, list_coming_subscriptions, list_subscriptions
from packages_app.queries.terms import get_name

_LINES_A_TEXT = 8
_NONE = {ENGLISH: "none"}


@dataclass(frozen=True)
class WhatIHave(Answer):
    """The plan, what ends by itself, and what can be left, numbered from 1 in this order until `expires_at`.

    A change of plan that has not begun stands among what can be left.
    """

    plan: Subscription | None
    packs: Sequence[Subscription]
    services: Sequence[Subscription]
    expires_at: datetime

    def words(self, language: str) -> Sequence[Words]:
        lines = [
            f"{_numbered(language, number)}{_service_line(language, service)}"
            for number, service in enumerate(self.services, start=1)
        ]
        head = {
            "plan": get_name(self.plan.terms, language) if self.plan else _NONE.get(language, "无"),
            "packs": "".join(f"\n{_pack_line(language, pack)}" for pack in self.packs[:_LINES_A_TEXT]),
        }
        if not lines:
            return [Words(NOTHING_TO_CANCEL, head)]
        parts = [lines[start : start + _LINES_A_TEXT] for start in range(0, len(lines), _LINES_A_TEXT)]
        said = []
        for number, part in enumerate(parts, start=1):
            values = {"services": "\n".join(part), "ending": self._ending(language) if number == len(parts) else ""}
            said.append(Words(WHAT_I_HAVE, head | values) if number == 1 else Words(WHAT_I_HAVE_CONTINUED, values))
        return said

    def _ending(self, language: str) -> str:
        until = instant_words(language, self.expires_at)
        if language == ENGLISH:
            return f"\nTo cancel, reply with the number, several with commas, before {until}."
        return f"\n退订请回复序号，多个序号用逗号隔开，{until}前有效。"


def _numbered(language: str, number: int) -> str:
    """No full stop: "1.5GB" would be read as a pack of one and a half."""
    return f"{number}) " if language == ENGLISH else f"{number}、"


def _service_line(language: str, service: Subscription) -> str:
    line = f"{get_name(service.terms, language)} {_monthly_price(language, service.terms['price_fen'])}"
    if service.replaces_id is None or service.offering.kind != OfferingKind.PLAN:
        return line
    day = day_words(language, service.started_at)
    return f"{line} (from {day})" if language == ENGLISH else f"{line}（{day}起改订）"


def _monthly_price(language: str, price_fen: int) -> str:
    return f"{yuan_text(price_fen)} yuan a month" if language == ENGLISH else f"{yuan_text(price_fen)}元/月"


def _pack_line(language: str, pack: Subscription) -> str:
    name = get_name(pack.terms, language)
    if pack.ends_at is None and pack.committed_until is not None:
        until = day_words(language, pack.committed_until)
        year = pack.committed_until.astimezone(SHANGHAI).year
        return f"{name}, bound until {until} {year}" if language == ENGLISH else f"{name}，合约至{year}年{until}"
    if pack.ends_at is None:
        return name
    last_day = day_words(language, pack.ends_at - timedelta(microseconds=1))
    return f"{name}, until the end of {last_day}" if language == ENGLISH else f"{name}，{last_day}到期"


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> WhatIHave:
    """Return what the line has, and keep the list so that its numbers can be answered with."""
    coming = list_coming_subscriptions(line.account_id, line.id, now)
    subscriptions = list_subscriptions(line.account_id, line.id, now)
    services = [subscription for subscription in (*subscriptions, *coming) if is_cancellable(subscription, now)]
    others = [subscription for subscription in subscriptions if subscription not in services]
    plans = [subscription for subscription in others if subscription.offering.kind == OfferingKind.PLAN]
    expires_at = now + timedelta(seconds=settings.CANCEL_LIST_LIFETIME)
    NumberedList.objects.update_or_create(
        account_id=line.account_id,
        line_id=line.id,
        defaults={
            "subscription_ids": [str(service.id) for service in services],
            "sent_at": now,
            "expires_at": expires_at,
        },
    )
    return WhatIHave(
        plan=plans[-1] if plans else None,
        packs=[other for other in others if other.offering.kind != OfferingKind.PLAN],
        services=services,
        expires_at=expires_at,
    )


CAPABILITY = Capability("what_i_have", run)
