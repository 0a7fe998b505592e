"""Tops up by recharge card, the line's own number or another.

Arguments: `pin` and `number` as they were written; no number means the line's own.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.models import Line
from billing.models import TopUp
from billing.operations.redeem_voucher import redeem_voucher
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import RECHARGED_BEFORE, RECHARGED_OTHER
from kernel.channel import Channel
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from kernel.phone import parse_msisdn
from messaging.texts import instant_words


@dataclass(frozen=True)
class Recharged(Answer):
    """The top-up the card became, now or before.

    :ivar own: whether it is told to the line itself by the text of the top-up, so that nothing more need be said.
    """

    top_up: TopUp
    own: bool
    before: bool

    def words(self, language: str) -> Sequence[Words]:
        values = {
            "number": mask_msisdn(self.top_up.msisdn),
            "amount": yuan_text(self.top_up.amount_fen),
            "at": instant_words(language, self.top_up.requested_at),
        }
        if self.before:
            return [Words(RECHARGED_BEFORE, values)]
        return [] if self.own else [Words(RECHARGED_OTHER, values)]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> Recharged:
    """Use the card.

    :raises NumberInvalid: the number is none.
    :raises DomainError: as `billing.operations.redeem_voucher`.
    """
    msisdn = parse_msisdn(arguments["number"]) if arguments["number"] else line.msisdn
    top_up = redeem_voucher(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=msisdn,
        pin=arguments["pin"],
        channel=Channel(channel),
        now=now,
    )
    return Recharged(top_up, own=msisdn == line.msisdn, before=top_up.requested_at != now)


CAPABILITY = Capability("recharge_card", run)
