import hashlib
from datetime import datetime, timedelta

import pytest
from django.apps import apps
from django.db import connection
from pytest_django import Settings

from accounts.models import Line, NumberDirectory
from accounts.operations.open_account import open_account
from accounts.queries.lines import get_line_by_msisdn
from billing.models import Bill, BillLine, Wallet
from billing.queries.balance import get_balance
from billing.queries.bills import list_bills
from kernel.checks import HOUSE
from kernel.clock import SHANGHAI
from messaging.models import Sms
from packages_app.models import Bucket, Offering, Order, Subscription, UsageRecord
from packages_app.queries.allowance import get_allowance
from packages_app.queries.subscriptions import get_current_plan
from portal.demo.people import MAIN_MSISDN
from portal.demo.seeding import HallHasCustomers, NotADemo, Seeded, seed_demo
from tests.books import broken_invariants

AS_OF = datetime(2026, 11, 22, tzinfo=SHANGHAI)


def seed(*, lines: int = 30, months: int = 2, seed: int = 1, as_of: datetime = AS_OF) -> Seeded:
    return seed_demo(lines=lines, months=months, seed=seed, as_of=as_of, progress=lambda *_: None)


def fingerprints() -> dict[str, str]:
    """Return a hash of every table of the house that has rows; what is sealed never looks the same twice."""
    found = {}
    tables = sorted(m._meta.db_table for m in apps.get_models() if m._meta.app_label in HOUSE and m._meta.managed)
    with connection.cursor() as cursor:
        for table in tables:
            unlike = "- '{number_sealed,puk_sealed}'::text[]"
            cursor.execute(f'SELECT (to_jsonb("row") {unlike})::text FROM "{table}" AS "row"')  # noqa: S608 (our own)
            rows = sorted(row for (row,) in cursor.fetchall())
            if rows:
                found[table] = hashlib.sha256("\n".join(rows).encode()).hexdigest()
    return found


def forget_everything() -> None:
    tables = ", ".join(fingerprints())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"TRUNCATE {tables} CASCADE")


@pytest.mark.django_db
class TestSeedDemo:
    def test_makes_the_same_rows_for_the_same_seed_and_day(self) -> None:
        seed()
        first = fingerprints()
        assert len(first) >= 18
        forget_everything()
        seed()
        assert fingerprints() == first
        forget_everything()
        seed(seed=2)
        assert {table for table, digest in fingerprints().items() if digest == first[table]} == {
            "accounts_star_band",
            "accounts_star_step",
            "accounts_star_table",
            "billing_bill_run",
            "packages_month_turn",
            "packages_offering",
            "packages_offering_allowance",
            "packages_offering_link",
            "packages_offering_unit_price",
            "packages_offering_version",
        }

    def test_gives_the_main_line_what_the_documentation_says(self) -> None:
        seed(months=6)
        line = get_line_by_msisdn(MAIN_MSISDN)
        plan = get_current_plan(line.account_id, line.id, AS_OF)
        assert plan is not None
        assert plan.terms["name_zh"] == "畅享套餐59元"
        data = get_allowance(line.account_id, line.id, AS_OF).data
        assert round(100 * data.used / data.total, 4) == 73
        assert (data.total, data.beyond) == (20 * 1024**3, 0)
        assert get_balance(line.account_id).total_fen == 86_50
        bills = Bill.objects.filter(account_id=line.account_id).order_by("-period_date")
        assert [bill.total_fen for bill in bills[:2]] == [65_00, 65_00]
        assert len(list_bills(line.account_id, 12)) == 6

    @pytest.mark.parametrize(
        ("msisdn", "balance_fen"), [("+8613800138001", 12_30), ("+8613800138002", 152_00), ("+8613800138003", 45_80)]
    )
    def test_gives_the_others_their_balances(self, msisdn: str, balance_fen: int) -> None:
        seed(lines=0)
        assert get_balance(get_line_by_msisdn(msisdn).account_id).total_fen == balance_fen

    def test_leaves_one_of_them_without_data_used_this_month(self) -> None:
        seed(lines=0)
        line = get_line_by_msisdn("+8613800138003")
        assert get_allowance(line.account_id, line.id, AS_OF).data.used == 0

    def test_ends_all_at_midnight_of_the_day(self) -> None:
        seed()
        assert UsageRecord.objects.filter(started_at__gt=AS_OF).count() == 0
        assert Order.objects.filter(confirmed_at__gt=AS_OF).count() == 0
        assert Wallet.objects.filter(updated_at__gt=AS_OF).count() == 0

    def test_queues_no_texts(self) -> None:
        seed()
        assert Sms.objects.count() == 0

    def test_sells_plans_packs_and_services(self) -> None:
        seed(lines=0)
        kinds = list(Offering.objects.values_list("kind", flat=True))
        assert {kind: kinds.count(kind) for kind in kinds} == {
            "PLAN": 8,
            "DATA_PACK": 10,
            "ROAMING_PASS": 5,
            "VALUE_ADDED": 7,
            "DEVICE_CONTRACT": 2,
        }

    def test_changes_nothing_when_all_are_there(self) -> None:
        assert seed() == Seeded(lines=34, bills=68)
        before = fingerprints()
        assert seed(seed=9, as_of=AS_OF + timedelta(days=40)) == Seeded(0, 0)
        assert fingerprints() == before

    def test_makes_what_is_missing_and_leaves_the_others(self) -> None:
        seed(lines=3)
        before = set(NumberDirectory.objects.values_list("msisdn", "account_id"))
        assert seed(lines=8).lines == 5
        assert NumberDirectory.objects.count() == 12
        assert before < set(NumberDirectory.objects.values_list("msisdn", "account_id"))

    def test_makes_the_same_lines_whatever_else_is_made(self) -> None:
        seed(lines=3)
        three = set(Line.objects.values_list("account_id", "id", "msisdn"))
        forget_everything()
        seed(lines=9)
        assert three < set(Line.objects.values_list("account_id", "id", "msisdn"))

    def test_refuses_a_hall_with_customers_of_its_own(self) -> None:
        open_account(customer_name="李四", msisdn="+8613912345678", province="CN-GD", language="zh-hans", now=AS_OF)
        with pytest.raises(HallHasCustomers):
            seed()
        assert (Line.objects.count(), Offering.objects.count()) == (1, 0)

    def test_refuses_a_hall_that_is_no_demo(self, settings: Settings) -> None:
        settings.DEMO_MODE = False
        with pytest.raises(NotADemo):
            seed()
        assert Line.objects.count() == 0


@pytest.mark.django_db(transaction=True)
class TestBooks:
    @pytest.mark.parametrize(
        ("day", "months"),
        [((2026, 11, 22), 6), ((2026, 11, 1), 1), ((2026, 11, 30), 0), ((2024, 2, 29), 12)],
        ids=["any day", "first of a month", "last of a month", "leap day"],
    )
    def test_agree_on_whatever_day(self, day: tuple[int, int, int], months: int) -> None:
        as_of = datetime(*day, tzinfo=SHANGHAI)
        assert seed(lines=60, months=months, as_of=as_of).lines == 64
        assert broken_invariants() == {}
        assert Subscription.objects.filter(state="ACTIVE").count() >= 64
        assert Bucket.objects.filter(ends_at__gt=as_of).count() >= 64 * 3
        assert BillLine.objects.exists() is (months > 0)
