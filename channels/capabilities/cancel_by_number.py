"""Cancels services by their numbers on the last list (`what_i_have`): all of them or none.

Arguments: `numbers`, as they were written.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import transaction

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.queries.numbered_lists import get_numbered_list
from channels.texts import ALREADY_CANCELLED, LIST_EXPIRED, NUMBERS_UNKNOWN
from messaging.texts import ENGLISH
from packages_app.models import Subscription
from packages_app.operations.subscriptions import cancel_subscription
from packages_app.queries.terms import get_name

_COMMA = {ENGLISH: ", "}


@dataclass(frozen=True)
class Cancelled(Answer):
    """What was cancelled now, each told by a text of its own, and what had been cancelled before."""

    now: Sequence[Subscription]
    before: Sequence[Subscription]

    def words(self, language: str) -> Sequence[Words]:
        if not self.before:
            return []
        names = [get_name(subscription.terms, language) for subscription in self.before]
        return [Words(ALREADY_CANCELLED, {"names": _COMMA.get(language, "、").join(names)})]


@dataclass(frozen=True)
class NumbersUnknown(Answer):
    """Some numbers are not on the list, so nothing was cancelled."""

    numbers: Sequence[int]
    last: int

    outcome = "NUMBERS_UNKNOWN"

    def words(self, language: str) -> Sequence[Words]:
        numbers = _COMMA.get(language, "、").join(str(number) for number in self.numbers)
        return [Words(NUMBERS_UNKNOWN, {"numbers": numbers, "last": self.last})]


@dataclass(frozen=True)
class ListExpired(Answer):
    """No list is valid, so the numbers mean nothing."""

    lifetime_seconds: int

    outcome = "LIST_EXPIRED"

    def words(self, language: str) -> Sequence[Words]:
        return [Words(LIST_EXPIRED, {"hours": self.lifetime_seconds // 3600})]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> Answer:
    """Cancel what the numbers mean.

    :raises DomainError: one of them cannot be cancelled any more, as `cancel_subscription`; none was.
    """
    listed = get_numbered_list(line.account_id, line.id, now)
    if not listed:
        return ListExpired(settings.CANCEL_LIST_LIFETIME)
    numbers: list[int] = sorted(set(arguments["numbers"]))
    unknown = [number for number in numbers if not 1 <= number <= len(listed)]
    if unknown:
        return NumbersUnknown(unknown, len(listed))
    with transaction.atomic():
        # In the order of their ids, so that two replies at once do not wait for each other.
        chosen = [
            cancel_subscription(account_id=line.account_id, subscription_id=subscription_id, channel=channel, now=now)
            for subscription_id in sorted(listed[number - 1] for number in numbers)
        ]
    return Cancelled(
        now=[subscription for subscription in chosen if subscription.cancelled_at == now],
        before=[subscription for subscription in chosen if subscription.cancelled_at != now],
    )


CAPABILITY = Capability("cancel_by_number", run)
