from datetime import timedelta
from typing import Any

import pytest

from billing.models import BonusGrant, LedgerEntry, TopUp, TopUpFailure
from billing.operations.top_ups import PaidAmountDiffers, confirm_top_up, fail_top_up, start_top_up
from billing.queries.campaigns import BonusOffer
from kernel.channel import Channel
from messaging.models import Sms
from tests.factories.billing import NOW, entries_of, make_line, make_top_up, wallet_of

pytestmark = pytest.mark.django_db


def confirm(top_up: TopUp, *, paid_fen: int = 50_00) -> TopUp:
    return confirm_top_up(
        account_id=top_up.account_id,
        top_up_id=top_up.id,
        paid_fen=paid_fen,
        provider_payment_number="P1",
        now=NOW,
    )


class TestTopUpWithBonus:
    OFFER = BonusOffer("SPRING", 10_00, 90)

    def test_keeps_the_promise_and_gives_it_with_the_credit(self) -> None:
        line = make_line(cash_fen=1_00)
        top_up = make_top_up(line, offer=self.OFFER)
        assert (top_up.campaign_code, top_up.bonus_fen, top_up.bonus_days) == ("SPRING", 10_00, 90)
        assert wallet_of(line.account_id) == (1_00, 0, 1)
        confirm(top_up)
        assert entries_of(line.account_id)[1:] == [(2, "BONUS", 10_00, 0, 10_00), (3, "CASH", 50_00, 1_00, 51_00)]
        gift = BonusGrant.objects.get()
        assert (gift.left_fen, gift.expires_at, gift.reason_kind, gift.reason_id) == (
            10_00, NOW + timedelta(days=90), "TOP_UP_BONUS", top_up.id,
        )  # fmt: skip
        assert LedgerEntry.objects.get(version=2).counterpart == "GIFTS"

    def test_says_both_in_the_text(self) -> None:
        line = make_line()
        confirm(make_top_up(line, offer=self.OFFER))
        number = f"{line.msisdn[3:6]}****{line.msisdn[-4:]}"
        assert f"为号码{number}充值50.00元，赠送10.00元，当前余额60.00元。" in Sms.objects.get().body

    def test_gives_it_once(self) -> None:
        line = make_line()
        top_up = make_top_up(line, offer=self.OFFER)
        for _attempt in range(2):
            confirm(top_up)
        assert (wallet_of(line.account_id), BonusGrant.objects.count()) == ((50_00, 10_00, 2), 1)

    def test_gives_nothing_when_nothing_was_paid(self) -> None:
        line = make_line()
        top_up = make_top_up(line, offer=self.OFFER)
        fail_top_up(account_id=line.account_id, top_up_id=top_up.id, failure=TopUpFailure.REFUSED, now=NOW)
        with pytest.raises(PaidAmountDiffers):
            confirm(top_up, paid_fen=49_99)
        assert (wallet_of(line.account_id), BonusGrant.objects.count()) == ((0, 0, 0), 0)

    def test_lasts_for_ever_without_days(self) -> None:
        confirm(make_top_up(make_line(), offer=BonusOffer("SPRING", 10_00, 0)))
        assert BonusGrant.objects.get().expires_at is None

    def test_stays_as_promised_first_when_it_is_asked_for_again(self) -> None:
        line = make_line()
        arguments: dict[str, Any] = {
            "account_id": line.account_id, "line_id": line.id, "msisdn": line.msisdn, "amount_fen": 50_00,
            "channel": Channel.WEB, "provider": "sandbox", "idempotency_key": "k", "now": NOW,
        }  # fmt: skip
        first = start_top_up(**arguments, offer=self.OFFER)
        assert start_top_up(**arguments, offer=None) == first
        assert TopUp.objects.get().bonus_fen == 10_00
