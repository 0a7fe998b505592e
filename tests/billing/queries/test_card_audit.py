"""Each invariant of linked cards is broken once on purpose."""

import pytest
from django.db import connection

from billing.operations.automatic_top_ups import top_up_automatically
from billing.queries.card_audit import CARDS
from kernel.audit import run_check
from tests.factories.bank_cards import make_bank_card_payment, start, want_automatic
from tests.factories.billing import NOW, make_charge, make_line, wallet_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def _books() -> None:
    """Cards that paid when asked and by themselves, and one that waits for its code, all in order."""
    line = make_line(cash_fen=30_00)
    want_automatic(line, make_bank_card_payment(line), monthly_limit_fen=120_00)
    for _fall in range(2):
        make_charge(line, amount_fen=wallet_of(line.account_id)[0] - 1_00)
        top_up_automatically(account_id=line.account_id, now=NOW)
    start(make_line())


def broken() -> list[str]:
    return [check.name for check in CARDS if run_check(check).violations]


@pytest.mark.usefixtures("_books")
class TestCardChecks:
    def test_find_books_in_order(self) -> None:
        assert broken() == []
        assert [run_check(check).rows for check in CARDS] == [3, 3, 3, 2]

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            (
                "UPDATE billing_card_payment SET amount_fen = amount_fen + 1 WHERE NOT automatic",
                ["card_payment_is_one_top_up", "card_payment_paid_is_one_credit"],
            ),
            (
                "UPDATE billing_card_payment SET state = 'FAILED' WHERE NOT automatic",
                ["card_payment_is_one_top_up", "card_payment_paid_is_one_credit"],
            ),
            ("DELETE FROM billing_card_payment WHERE NOT automatic", ["card_payment_is_one_top_up"]),
            (
                "UPDATE billing_top_up SET payer_account_id = id WHERE provider = 'BANK_CARD'",
                ["card_payment_is_one_top_up"],
            ),
            (
                "DELETE FROM billing_ledger_entry WHERE reason_kind = 'TOP_UP' AND amount_fen = 3000",
                ["card_payment_paid_is_one_credit"],
            ),
            (
                "UPDATE billing_card_payment SET limit_fen = 9999 WHERE automatic",
                ["automatic_top_ups_keep_the_monthly_limit"],
            ),
            ("DELETE FROM billing_bound_bank_account", ["bank_account_is_linked_once"]),
            (
                "UPDATE billing_bound_bank_account SET card_id = gen_random_uuid()",
                ["bank_account_is_linked_once"],
            ),
            (
                "UPDATE billing_bank_card SET state = 'UNBOUND' WHERE state = 'ACTIVE'",
                ["bank_account_is_linked_once"],
            ),
        ],
    )
    def test_find_what_is_wrong(self, statement: str, found: list[str]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
        assert broken() == found
