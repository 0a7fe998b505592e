"""How much money is left. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Line
from billing.queries.balance import Balance, get_balance
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import BALANCE, BALANCE_OWING
from kernel.money import yuan_text
from messaging.texts import instant_words


@dataclass(frozen=True)
class BalanceAnswer(Answer):
    """The balance of the line's account, in fen, as of an instant."""

    balance: Balance
    at: datetime

    def words(self, language: str) -> Sequence[Words]:
        values = {
            "at": instant_words(language, self.at),
            "total": yuan_text(self.balance.total_fen),
            "cash": yuan_text(self.balance.cash_fen),
            "bonus": yuan_text(self.balance.bonus_fen),
            "owed": yuan_text(self.balance.owed_fen),
            "missing": yuan_text(self.balance.missing_fen),
        }
        return [Words(BALANCE_OWING if self.balance.owed_fen else BALANCE, values)]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> BalanceAnswer:
    """Return the balance.

    :raises NotFound: the account has no wallet.
    """
    return BalanceAnswer(get_balance(line.account_id), now)


CAPABILITY = Capability("balance", run)
