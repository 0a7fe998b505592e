"""Each invariant of bonus, holds and adjustments is broken once on purpose."""

from datetime import timedelta

import pytest
from django.db import connection

from accounts.models import Line
from billing.operations.adjustments import approve_adjustment
from billing.operations.holds import release
from billing.operations.ledger import expire_bonuses
from billing.operations.top_ups import confirm_top_up
from billing.queries.audit import list_checks
from billing.queries.campaigns import BonusOffer
from kernel.audit import run_check
from tests.factories.billing import NOW, capture_hold, give_bonus, make_hold, make_line, make_top_up, propose

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    """A wallet with something of everything behind it, all in order."""
    line = make_line(cash_fen=100_00)
    top_up = make_top_up(line, offer=BonusOffer("SPRING", 5_00, 30))
    confirm_top_up(
        account_id=line.account_id, top_up_id=top_up.id, paid_fen=50_00, provider_payment_number="P1", now=NOW
    )
    give_bonus(line, 3_00, expires_at=NOW + timedelta(days=1))
    expire_bonuses(now=NOW + timedelta(days=1))
    capture_hold(make_hold(line, 2_00), 1_00)
    release(account_id=line.account_id, hold_id=make_hold(line, 2_00).id, now=NOW)
    make_hold(line, 3_00)
    approve_adjustment(account_id=line.account_id, adjustment_id=propose(line).id, checked_by=2, now=NOW)
    propose(line)
    return line


def broken() -> list[str]:
    return [check.name for check in list_checks() if run_check(check).violations]


class TestListChecks:
    def test_finds_books_in_order(self, line: Line) -> None:
        assert broken() == []

    @pytest.mark.parametrize(
        ("statements", "found"),
        [
            (["UPDATE billing_bonus_grant SET left_fen = left_fen - 1 WHERE left_fen > 0"],
             ["wallet_bonus_is_what_gifts_left"]),
            (["UPDATE billing_bonus_grant SET granted_fen = granted_fen + 1"], ["gift_is_one_credit"]),
            (["UPDATE billing_bonus_grant SET reason_id = account_id"], ["gift_is_one_credit"]),
            (["DELETE FROM billing_bonus_grant WHERE left_fen = 0"],
             ["gift_is_one_credit", "gift_expires_once_and_in_time"]),
            (["UPDATE billing_bonus_grant SET expires_at = expires_at + interval '1 hour' WHERE left_fen = 0"],
             ["gift_expires_once_and_in_time"]),
            (["UPDATE billing_ledger_entry SET posting_key = 'other' WHERE reason_kind = 'BONUS_EXPIRY'"],
             ["gift_expires_once_and_in_time"]),
            (["UPDATE billing_top_up SET bonus_fen = 6"], ["top_up_bonus_is_one_gift"]),
            (["UPDATE billing_top_up SET bonus_fen = 0, campaign_code = ''"], ["top_up_bonus_is_one_gift"]),
            (["UPDATE billing_wallet SET held_fen = held_fen - 1"], ["wallet_held_is_sum_of_holds"]),
            (["UPDATE billing_hold SET amount_fen = amount_fen + 1 WHERE state = 'HELD'"],
             ["wallet_held_is_sum_of_holds"]),
            (
                [
                    "ALTER TABLE billing_wallet DROP CONSTRAINT wallet_covers_what_is_held",
                    "UPDATE billing_wallet SET held_fen = 100000",
                ],
                ["wallet_held_is_sum_of_holds", "wallet_covers_what_is_held"],
            ),
            (["UPDATE billing_hold SET captured_fen = 2 WHERE state = 'CAPTURED'"], ["capture_is_one_charge"]),
            (["UPDATE billing_charge SET charge_key = 'hold:x' WHERE charge_key LIKE 'hold:%'"],
             ["capture_is_one_charge"]),
            (["DELETE FROM billing_hold_step WHERE number = 2"], ["hold_has_its_steps"]),
            (["UPDATE billing_hold SET state = 'EXPIRED' WHERE state = 'RELEASED'"], ["hold_has_its_steps"]),
            (["UPDATE billing_adjustment SET amount_fen = amount_fen + 1 WHERE state = 'POSTED'"],
             ["adjustment_is_one_posting"]),
            (["UPDATE billing_adjustment SET state = 'REFUSED' WHERE state = 'POSTED'"],
             ["adjustment_is_one_posting", "adjustment_has_one_text"]),
            (
                [
                    "ALTER TABLE billing_adjustment DROP CONSTRAINT adjustment_needs_two_people",
                    "UPDATE billing_adjustment SET checked_by = proposed_by WHERE state = 'POSTED'",
                ],
                ["adjustment_had_two_people"],
            ),
            (["DELETE FROM messaging_sms WHERE kind = 'ADJUSTMENT'"], ["adjustment_has_one_text"]),
        ],
    )  # fmt: skip
    def test_finds_what_is_broken(self, line: Line, statements: list[str], found: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            for statement in statements:
                cursor.execute(statement)
        assert broken() == found
