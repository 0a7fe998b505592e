"""Plan, balance and data left in one message.

Arguments: `quiet_seconds`, within which the line is not told again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from accounts.models import Line
from billing.queries.balance import Balance, get_balance
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.locks import lock_line
from channels.texts import SUMMARY, left_words, no_data_words
from kernel.money import yuan_text
from messaging.queries.texts import is_text_queued_since
from messaging.texts import ENGLISH, instant_words
from packages_app.models import Subscription
from packages_app.queries.allowance import KindAllowance, get_allowance
from packages_app.queries.subscriptions import get_current_plan
from packages_app.queries.terms import get_name

_NONE = {ENGLISH: "none"}


@dataclass(frozen=True)
class SummaryAnswer(Answer):
    """What the line has as of an instant."""

    plan: Subscription | None
    balance: Balance
    data: KindAllowance
    at: datetime

    def words(self, language: str) -> Sequence[Words]:
        values = {
            "at": instant_words(language, self.at),
            "plan": get_name(self.plan.terms, language) if self.plan else _NONE.get(language, "无"),
            "balance": yuan_text(self.balance.total_fen),
            "data": left_words(language, self.data) if self.data.total else no_data_words(language),
        }
        return [Words(SUMMARY, values)]


@dataclass(frozen=True)
class JustTold(Answer):
    """The line was told a moment ago: nothing is said again."""

    outcome = "JUST_TOLD"

    def words(self, language: str) -> Sequence[Words]:
        return []


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> Answer:
    """Return what the line has, unless it was told within `quiet_seconds`.

    :raises NotFound: the account has no wallet.
    """
    lock_line(account_id=line.account_id, line_id=line.id)
    quiet_since = now - timedelta(seconds=arguments["quiet_seconds"])
    if is_text_queued_since(line.account_id, line.msisdn, SUMMARY.kind, quiet_since):
        return JustTold()
    return SummaryAnswer(
        plan=get_current_plan(line.account_id, line.id, now),
        balance=get_balance(line.account_id),
        data=get_allowance(line.account_id, line.id, now).data,
        at=now,
    )


CAPABILITY = Capability("summary", run)
