"""What is owed is seen, and paid by itself as soon as money arrives."""

import uuid

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.models import BillHead, Charge, ChargeReason
from billing.operations.charge import charge_wallet
from billing.queries.balance import get_balance
from kernel.money import yuan_text
from tests.journeys.conftest import Enter
from tests.journeys.test_accessibility import faults_of
from tests.journeys.visitors import PHONE_SCREEN

pytestmark = pytest.mark.browser


def owe(msisdn: str, *, more_than_is_there_fen: int) -> Charge:
    """Charge a fee that the wallet does not reach for."""
    line = get_line_by_msisdn(msisdn)
    fee = uuid.uuid4()
    return charge_wallet(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=msisdn,
        language=line.language,
        head=BillHead.PLAN,
        name="畅享套餐59元",
        provider_name="",
        amount_fen=get_balance(line.account_id).available_fen + more_than_is_there_fen,
        reason=ChargeReason.SUBSCRIPTION,
        reason_id=fee,
        charge_key=f"journey:{fee}",
        may_owe=True,
        now=timezone.now(),
    )


class TestOwing:
    def test_is_seen_on_home_bills_and_statement_and_ends_with_a_top_up(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(signed_in=newcomer, screen=PHONE_SCREEN)
        charge = owe(newcomer, more_than_is_there_fen=7_50)
        owing = visitor.said("You owe %(amount)s yuan", amount=f"{charge.amount_fen / 100:,.2f}")
        for page in ("/", "/bills/", "/statement/"):
            visitor.page.goto(page)
            expect(visitor.main).to_contain_text(owing)
            assert faults_of(visitor) == []
        visitor.page.goto("/top-up/")
        visitor.fill("Another amount", "7.50")
        visitor.press("Go on to pay")
        visitor.press("Pay %(amount)s yuan", amount="7.50")
        visitor.handset.open()
        visitor.handset.wait_for(f"已为号码.*扣缴欠费{yuan_text(charge.amount_fen)}元，欠费已全部缴清")
        visitor.page.goto("/bills/")
        expect(visitor.main).not_to_contain_text(owing)
        charge.refresh_from_db()
        assert charge.settled_at is not None
