"""Each invariant of recharge cards is broken once on purpose."""

import pytest
from django.db import connection

from billing.operations.redeem_voucher import redeem_voucher
from billing.queries.audit import list_checks
from kernel.audit import run_check
from kernel.channel import Channel
from tests.factories.billing import NOW, make_line
from tests.factories.channels import text_10086
from tests.factories.vouchers import make_cards

pytestmark = pytest.mark.django_db


@pytest.fixture
def _books() -> None:
    """A used card, one that waits, and a text with its answer, all in order."""
    line = make_line()
    used, _waiting = make_cards(2)
    redeem_voucher(
        account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, pin=used.pin, channel=Channel.SMS, now=NOW
    )
    text_10086(line, "CXYE")


def broken() -> list[str]:
    return [check.name for check in list_checks() if check.name.startswith("voucher") and run_check(check).violations]


@pytest.mark.usefixtures("_books")
class TestVoucherChecks:
    def test_find_books_in_order(self) -> None:
        assert broken() == []

    @pytest.mark.parametrize(
        ("statements", "found"),
        [
            (
                [
                    ("UPDATE billing_voucher SET state = 'ACTIVE', redeemed_at = NULL, account_id = NULL,"
                     " top_up_id = NULL WHERE state = 'REDEEMED'")
                ],
                ["voucher_redeemed_is_one_credit"],
            ),
            (
                [
                    ("UPDATE billing_voucher SET state = 'REDEEMED', redeemed_at = now(), account_id = batch.id,"
                     " top_up_id = batch.id FROM (SELECT gen_random_uuid() AS id) AS batch WHERE state = 'ACTIVE'")
                ],
                ["voucher_redeemed_is_one_credit"],
            ),
            (
                ["UPDATE billing_top_up SET provider_payment_number = 'other' WHERE provider = 'VOUCHER'"],
                ["voucher_redeemed_is_one_credit"],
            ),
            (
                ["UPDATE billing_voucher SET face_fen = face_fen + 1 WHERE state = 'REDEEMED'"],
                ["voucher_redeemed_is_one_credit", "voucher_batch_is_its_cards"],
            ),
            (
                [
                    ("UPDATE billing_voucher AS other SET state = used.state, redeemed_at = used.redeemed_at,"
                     " account_id = used.account_id, top_up_id = used.top_up_id"
                     " FROM billing_voucher AS used WHERE used.state = 'REDEEMED'")
                ],
                ["voucher_redeemed_is_one_credit", "voucher_top_up_is_of_one_card"],
            ),
            (
                ["UPDATE billing_voucher SET serial_number = 'same' WHERE state = 'ACTIVE'",
                 ("INSERT INTO billing_voucher SELECT repeat('a', 64), serial_number, face_fen, expires_at, state,"
                  " NULL, NULL, NULL, batch_id FROM billing_voucher WHERE state = 'ACTIVE'")],
                ["voucher_top_up_is_of_one_card", "voucher_batch_is_its_cards"],
            ),
            (["DELETE FROM billing_voucher WHERE state = 'ACTIVE'"], ["voucher_batch_is_its_cards"]),
            (
                ["UPDATE billing_voucher SET expires_at = expires_at + interval '1 second' WHERE state = 'ACTIVE'"],
                ["voucher_batch_is_its_cards"],
            ),
            (["UPDATE messaging_inbound SET body = 'CZ#123456789012345678'"], ["voucher_pin_is_not_kept"]),
            (["UPDATE messaging_inbound SET body = '1234 5678 9012 3456'"], ["voucher_pin_is_not_kept"]),
            (["UPDATE messaging_inbound SET body = '123456 789012 345678'"], ["voucher_pin_is_not_kept"]),
            (["UPDATE messaging_inbound SET body = '1 2 3 4 5 6 7 8 9 10 11 12 13 14'"], []),
            (["UPDATE messaging_inbound SET body = 'CZ#****#13800138000, 138 0013 8000'"], []),
            (
                ["UPDATE messaging_sms SET body = 'PIN 123456789012345678' WHERE kind = 'ANSWER_BALANCE'"],
                ["voucher_pin_is_not_kept"],
            ),
        ],
    )  # fmt: skip
    def test_find_what_is_broken(self, statements: list[str], found: list[str]) -> None:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
        assert broken() == found
