from datetime import timedelta

import pytest
from django.db import connection

from kernel.audit import run_check
from packages_app.operations.record_usage import record_usage
from packages_app.queries.usage_audit import list_checks
from tests.factories.usage import GB, MONTH_START, NOW, make_bucket, make_line, usage

pytestmark = pytest.mark.django_db


def violations() -> dict[str, int]:
    """Return the checks that find something, with how much."""
    found = {check.name: run_check(check).violations for check in list_checks()}
    return {name: many for name, many in found.items() if many}


@pytest.fixture(autouse=True)
def used_up() -> None:
    line = make_line()
    make_bucket(line, 10 * GB)
    make_bucket(line, 300, usage_kind="VOICE", name_en="Voice")
    records = [usage(line, 11 * GB), usage(line, 90, kind="VOICE"), usage(line, GB, at=MONTH_START - timedelta(days=1))]
    record_usage(records=[*records, *records], now=NOW)


class TestListChecks:
    def test_finds_nothing_after_usage_in_and_beyond_the_plan(self) -> None:
        assert violations() == {}
        assert [run_check(check).rows for check in list_checks()] == [3, 3, 2, 2, 0, 2, 0, 0, 0, 1]

    def test_finds_fees_that_are_not_their_charges_or_above_price_and_cap(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                """
                INSERT INTO packages_usage_fee (account_id, id, line_id, period_date, usage_kind, charged_fen)
                SELECT account_id, id, id, '2026-11-01', 'DATA', 50001 FROM accounts_line
                """
            )
        assert violations() == {"usage_fee_is_its_charges": 1, "usage_fee_within_price": 1, "usage_fees_within_cap": 1}

    @pytest.mark.parametrize(
        ("statement", "found"),
        [
            ("DELETE FROM packages_usage_record WHERE usage_kind = 'VOICE'", {"usage_counter_is_sum_of_records": 1}),
            ("UPDATE packages_usage_record SET amount = amount + 1", {"usage_counter_is_sum_of_records": 3}),
            (
                "UPDATE packages_usage_counter SET last_record_at = last_record_at - interval '1 s'",
                {"usage_counter_is_sum_of_records": 3},
            ),
            (
                "DELETE FROM packages_usage_counter WHERE usage_kind = 'VOICE'",
                {
                    "usage_counter_is_sum_of_records": 1,
                    "usage_is_in_buckets_or_beyond": 1,
                    "own_bucket_holds_own_usage": 1,
                },
            ),
            (
                "UPDATE packages_bucket SET used = used - 1 WHERE usage_kind = 'DATA'",
                {"usage_is_in_buckets_or_beyond": 1},
            ),
            (
                "UPDATE packages_usage_counter SET beyond = beyond - 1 WHERE beyond > 0",
                {"usage_is_in_buckets_or_beyond": 2, "usage_beyond_is_sum_of_its_parts": 2},
            ),
            (
                "UPDATE packages_bucket SET used = used + 1 WHERE usage_kind = 'VOICE'",
                {"usage_is_in_buckets_or_beyond": 1, "own_bucket_holds_own_usage": 1},
            ),
            ("DELETE FROM packages_usage_beyond", {"usage_beyond_is_sum_of_its_parts": 2}),
            (
                """
                INSERT INTO packages_bucket
                    (account_id, id, line_id, subscription_id, usage_kind, allowance_number, scope, scope_value,
                        is_shared, carried_from_id, total, used, starts_at, ends_at)
                SELECT account_id, gen_random_uuid(), line_id, subscription_id, usage_kind, allowance_number, scope,
                    scope_value, is_shared, id, total, 0, ends_at, ends_at + interval '1 day'
                FROM packages_bucket WHERE usage_kind = 'VOICE'
                """,
                {"bucket_carried_over_holds_what_was_left": 1},
            ),
            (
                """
                ALTER TABLE packages_bucket DROP CONSTRAINT bucket_not_overspent;
                UPDATE packages_bucket SET total = used - 1
                """,
                {"bucket_not_overspent": 2},
            ),
            ("DELETE FROM messaging_sms", {"threshold_told_is_one_text": 1}),
            (
                "UPDATE packages_threshold_crossing SET superseded = NOT superseded",
                {"threshold_told_is_one_text": 3},
            ),
        ],
    )
    def test_finds_what_no_operation_does(self, statement: str, found: dict[str, int]) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(statement)
        assert violations() == found
