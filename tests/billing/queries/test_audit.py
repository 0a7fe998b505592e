"""Each invariant is broken once on purpose: a check that finds nothing then would be worth nothing."""

from datetime import datetime, timedelta

import pytest
from django.db import connection

from accounts.models import Line
from billing.models import BillHead, TopUp
from billing.operations.adjustments import approve_adjustment
from billing.operations.earn_points import earn_points
from billing.operations.issue_bills import issue_bills
from billing.operations.top_ups import confirm_top_up
from billing.queries.audit import list_checks
from kernel.audit import run_check
from kernel.clock import SHANGHAI, Month
from tests.factories.accounts import make_staff
from tests.factories.bank_cards import make_bank_card_payment
from tests.factories.billing import (
    NOW,
    capture_hold,
    make_charge,
    make_hold,
    make_line,
    make_refund,
    make_top_up,
    opened_long_ago,
    propose,
    propose_fee,
)
from tests.factories.channels import text_10086
from tests.factories.dunning import dun, make_debtor
from tests.factories.e_invoices import ask, hand_over, refuse
from tests.factories.stars import give_star
from tests.factories.vouchers import make_card

OCTOBER = Month(2026, 10)
OCTOBER_2 = datetime(2026, 10, 2, 12, tzinfo=SHANGHAI)


@pytest.fixture
def line() -> Line:
    """Books with something of everything in them, all in order."""
    line = opened_long_ago(make_line(cash_fen=100_00, bonus_fen=5_00))
    top_up = make_top_up(line)
    confirm_top_up(
        account_id=line.account_id, top_up_id=top_up.id, paid_fen=50_00, provider_payment_number="P1", now=NOW
    )
    make_top_up(line, amount_fen=30_00)
    make_charge(line, amount_fen=20_00, now=OCTOBER_2)
    make_charge(line, amount_fen=1_00, now=OCTOBER_2, head=BillHead.DATA)
    billed = propose(line, 1_00, now=OCTOBER_2)
    approve_adjustment(account_id=line.account_id, adjustment_id=billed.id, checked_by=2, now=OCTOBER_2)
    issue_bills(month=OCTOBER, now=NOW)
    make_charge(line, amount_fen=10_00)
    capture_hold(make_hold(line, 2_00), 2_00)
    make_hold(line, 3_00)
    approve_adjustment(account_id=line.account_id, adjustment_id=propose(line, 2_00).id, checked_by=2, now=NOW)
    propose(line, 1_00)
    propose_fee(line)
    refuse(hand_over(ask(line)))
    make_card()
    text_10086(line, "CXYE")
    return line


def broken() -> list[str]:
    return [check.name for check in list_checks() if run_check(check).violations]


def run_sql(*statements: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.django_db
class TestListChecks:
    def test_finds_books_in_order(self, line: Line) -> None:
        make_refund(TopUp.objects.get(state="SUCCEEDED"), asked_by=make_staff("clerk"))
        make_bank_card_payment(line)
        give_star(line.account_id, 1)
        earn_points(now=NOW)
        make_debtor()
        dun(3, 10)
        assert broken() == []
        assert [check.name for check in list_checks() if run_check(check).rows == 0] == []

    def test_names_every_invariant_once(self) -> None:
        names = [check.name for check in list_checks()]
        assert len(names) == len(set(names)) == 60

    @pytest.mark.parametrize(
        ("statements", "found"),
        [
            (
                ["UPDATE billing_wallet SET cash_fen = cash_fen + 1"],
                ["wallet_is_sum_of_entries", "counterparts_sum_to_zero", "trial_balance_closes"],
            ),
            (
                ["UPDATE billing_wallet SET cash_fen = cash_fen + 1, bonus_fen = bonus_fen + 1"],
                [
                    *("wallet_is_sum_of_entries", "counterparts_sum_to_zero", "wallet_bonus_is_what_gifts_left"),
                    "trial_balance_closes",
                ],
            ),
            (
                [
                    "ALTER TABLE billing_wallet DROP CONSTRAINT wallet_not_below_floor",
                    "ALTER TABLE billing_wallet DROP CONSTRAINT wallet_overdraft_not_negative",
                    "ALTER TABLE billing_wallet DROP CONSTRAINT wallet_covers_what_is_held",
                    "UPDATE billing_wallet SET overdraft_fen = -100000000",
                ],
                ["wallet_not_below_floor", "wallet_covers_what_is_held"],
            ),
            (["UPDATE billing_wallet SET version = version + 1"], ["versions_without_gaps"]),
            (
                [
                    "ALTER TABLE billing_bonus_grant DROP CONSTRAINT bonus_is_an_entry",
                    "UPDATE billing_ledger_entry SET version = version + 100",
                    "UPDATE billing_bonus_grant SET version = version + 100",
                    "UPDATE billing_wallet SET version = version + 100",
                ],
                ["versions_without_gaps"],
            ),
            (
                [
                    "UPDATE billing_ledger_entry SET before_fen = before_fen + 1, after_fen = after_fen + 1"
                ],
                ["entries_follow_each_other"],
            ),
            (
                ["UPDATE billing_top_up SET state = 'FAILED', finished_at = now() WHERE state = 'SUCCEEDED'"],
                ["top_up_succeeded_is_one_credit", "top_up_succeeded_has_one_text"],
            ),
            (
                ["UPDATE billing_top_up SET state = 'SUCCEEDED', finished_at = now() WHERE state = 'PENDING'"],
                ["top_up_succeeded_is_one_credit", "top_up_succeeded_has_one_text"],
            ),
            (
                ["UPDATE billing_top_up SET amount_fen = 1 WHERE state = 'SUCCEEDED'"],
                ["top_up_succeeded_is_one_credit"],
            ),
            (["DELETE FROM messaging_sms WHERE kind = 'TOP_UP_RECEIVED'"], ["top_up_succeeded_has_one_text"]),
            (["DELETE FROM billing_payment_number"], ["payment_number_leads_to_top_up"]),
            (
                ["UPDATE billing_payment_number SET top_up_id = account_id"],
                ["payment_number_leads_to_top_up"],
            ),
            (
                ["UPDATE billing_charge SET amount_fen = amount_fen + 1 WHERE charged_at > '2026-11-01'"],
                ["capture_is_one_charge", "charge_is_one_debit"],
            ),
            (
                ["DELETE FROM billing_charge WHERE charged_at > '2026-11-01'"],
                ["capture_is_one_charge", "charge_is_one_debit", "charge_has_one_notice"],
            ),
            (["DELETE FROM messaging_sms WHERE kind = 'CHARGE_NOTICE'"], ["charge_has_one_notice"]),
            (["UPDATE messaging_sms SET dedup_key = dedup_key || 'x' WHERE kind = 'CHARGE_NOTICE'"],
             ["charge_has_one_notice"]),
            (["UPDATE billing_bill SET total_fen = total_fen + 1"], ["bill_is_sum_of_lines"]),
            (["DELETE FROM billing_bill"], ["bill_is_sum_of_lines", "bill_has_one_text"]),
            (["DELETE FROM messaging_sms WHERE kind = 'BILL_READY'"], ["bill_has_one_text"]),
            (["UPDATE messaging_sms SET dedup_key = 'bill:2026-09' WHERE kind = 'BILL_READY'"], ["bill_has_one_text"]),
            (["INSERT INTO billing_bill SELECT '2026-10-02', 0, issued_at, account_id FROM billing_bill"],
             ["bill_once_per_account_and_month"]),
            (
                ["UPDATE billing_bill_line SET name = 'other' WHERE number = 1"],
                ["bill_line_is_its_charge"],
            ),
            (
                [
                    "DELETE FROM billing_bill_line WHERE head = 'OTHER'",
                    "UPDATE billing_bill SET total_fen = 2100",
                ],
                ["adjustment_is_on_the_next_bill"],
            ),
            (
                ["UPDATE billing_adjustment SET words = 'other' WHERE checked_at < '2026-11-01'"],
                ["bill_line_is_its_charge"],
            ),
            (
                [
                    "DELETE FROM billing_bill_line WHERE number = 2",
                    "UPDATE billing_bill SET total_fen = total_fen - 100",
                ],
                ["charge_of_billed_month_is_on_a_bill"],
            ),
        ],
    )  # fmt: skip
    def test_finds_what_is_broken(self, line: Line, statements: list[str], found: list[str]) -> None:
        run_sql(*statements)
        assert broken() == found

    def test_finds_an_account_without_a_wallet(self, line: Line) -> None:
        other = make_line()
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM billing_wallet WHERE account_id = %s", [other.account_id])
        assert broken() == ["account_has_wallet"]

    def test_leaves_a_charge_of_the_last_day_for_the_next_bill(self, line: Line) -> None:
        make_charge(line, now=OCTOBER.ends_at - timedelta(minutes=1))
        assert broken() == []

    def test_shows_ids_and_amounts_only(self, line: Line) -> None:
        run_sql("UPDATE billing_wallet SET cash_fen = cash_fen + 1")
        check = next(check for check in list_checks() if check.name == "wallet_is_sum_of_entries")
        assert run_check(check).examples == (f"({line.account_id},12501,12500,0,0)",)
