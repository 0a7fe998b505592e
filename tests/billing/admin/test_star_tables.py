import re
import uuid
from datetime import datetime

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import StarTable, StarTableState
from accounts.operations.star_tables import ensure_first_star_table
from billing.admin import star_tables
from billing.models import StarSimulation
from billing.operations.rate_stars import rate_stars
from billing.operations.star_simulations import run_star_simulations
from kernel.clock import SHANGHAI
from kernel.masking import mask_msisdn
from tests.billing.operations.test_rate_stars import customer
from tests.factories.accounts import staff_client
from tests.factories.stars import DECEMBER, LONG_AGO, NOVEMBER

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=SHANGHAI)
PROPOSE = reverse("admin:accounts_startable_propose")
LIST = reverse("admin:accounts_startable_changelist")
ENTERED = {
    "first_month": "2026-12",
    "minimum_months": "6",
    "looks_back_months": "6",
    "valid_months": "12",
    "steps_months": "0:0 12:10 24：20",
    "steps_real_name": "0:0 1:10",
    "steps_spend": "0:0 58.50:10",
    "steps_late": "0:20 1:0",
    "steps_suspensions": "0:10 1:0",
    "bands": "0:0 20:10 30:20.50 40:30 50:1000",
    "words": "more for loyal ones",
}


@pytest.fixture(autouse=True)
def _today(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(star_tables, "now", lambda: NOW)
    ensure_first_star_table(now=LONG_AGO)


def propose(client: Client, **changes: str) -> StarTable:
    values = {**ENTERED, "request_key": str(uuid.uuid4()), **changes}
    assert client.post(PROPOSE, values).status_code == 200
    assert client.post(PROPOSE, {**values, "confirmed": "1"}).status_code == 302
    return StarTable.objects.get(state=StarTableState.PROPOSED)


def page_of(table: StarTable, page: str) -> str:
    return reverse(f"admin:accounts_startable_{page}", args=[table.id])


def words_of(client: Client, address: str) -> str:
    client.cookies["django_language"] = "en"
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).split())


class TestProposing:
    def test_begins_with_the_table_in_force_in_a_later_month(self) -> None:
        form = staff_client("supervisor").get(PROPOSE).context["form"]
        assert form["first_month"].value() == "2026-12"
        assert form["steps_spend"].value() == "0:0 30:5 58:10 88:15 128:20 188:30"
        assert form["bands"].value() == "0:0 45:20 60:50 75:100 90:200"

    def test_reads_it_back_and_writes_it_down_with_a_trial(self) -> None:
        table = propose(staff_client("supervisor"))
        assert table.first_month == DECEMBER
        steps = table.steps.filter(input__in=["SPEND", "MONTHS"]).values_list("at_least", "points")
        assert list(steps) == [(0, 0), (12, 10), (24, 20), (0, 0), (58_50, 10)]
        assert list(table.bands.values_list("overdraft_fen", flat=True)) == [0, 10_00, 20_50, 30_00, 1000_00]
        assert StarSimulation.objects.get().table_id == table.id

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("first_month", "2026-13"),
            ("first_month", "soon"),
            ("steps_late", "0-20"),
            ("steps_late", "1:20"),
            ("steps_spend", "0:0 x:1"),
            ("bands", "0:0 20:10 30:20 40:30"),
            ("bands", "0:0 20:10 30:20 40:30 50:1000.01"),
            ("minimum_months", "25"),
            ("words", ""),
        ],
    )
    def test_says_what_is_wrong_at_its_field(self, name: str, value: str) -> None:
        values = {**ENTERED, "request_key": str(uuid.uuid4()), name: value, "confirmed": "1"}
        answer = staff_client("supervisor").post(PROPOSE, values)
        assert list(answer.context["form"].errors) == [name]
        assert StarTable.objects.count() == 1

    def test_says_at_its_field_that_the_month_has_begun(self) -> None:
        values = {**ENTERED, "request_key": str(uuid.uuid4()), "first_month": "2026-11", "confirmed": "1"}
        answer = staff_client("supervisor").post(PROPOSE, values)
        assert list(answer.context["form"].errors) == ["first_month"]
        assert StarTable.objects.count() == 1

    def test_is_not_for_clerks(self) -> None:
        client = staff_client("clerk")
        assert (client.get(LIST).status_code, client.get(PROPOSE).status_code) == (200, 403)


class TestDeciding:
    def test_shows_the_trial_to_a_second_person_who_puts_it_in_force(self) -> None:
        line = customer()
        rate_stars(month=NOVEMBER, now=NOW)
        maker, checker = staff_client("supervisor"), staff_client("supervisor")
        table = propose(maker)
        decide = page_of(table, "decide")
        assert maker.get(decide).status_code == 403
        checker.post(decide, {"approve": "1"})
        table.refresh_from_db()
        assert table.state == StarTableState.PROPOSED
        run_star_simulations(now=NOW)
        words = words_of(checker, decide)
        assert "would go up 1" in words
        assert "overdraft at risk then, in all 1000.00 yuan" in words
        record = words_of(checker, page_of(table, "change"))
        assert mask_msisdn(line.msisdn) in record
        assert line.msisdn.removeprefix("+86") not in record
        checker.post(decide, {"approve": "1"})
        table.refresh_from_db()
        assert (table.state, table.checked_by != table.proposed_by) == (StarTableState.APPROVED, True)

    def test_lets_the_second_person_refuse_with_words(self) -> None:
        table = propose(staff_client("supervisor"))
        checker = staff_client("supervisor")
        assert checker.post(page_of(table, "decide"), {"refuse": "1", "refusal": ""}).status_code == 200
        checker.post(page_of(table, "decide"), {"refuse": "1", "refusal": "too generous"})
        table.refresh_from_db()
        assert (table.state, table.refusal) == (StarTableState.REFUSED, "too generous")

    def test_tries_it_out_once_more(self) -> None:
        client = staff_client("supervisor")
        table = propose(client)
        assert client.get(page_of(table, "try")).status_code == 405
        assert client.post(page_of(table, "try")).status_code == 302
        assert StarSimulation.objects.filter(table_id=table.id).count() == 2
        assert staff_client("clerk").post(page_of(table, "try")).status_code == 403


class TestCsv:
    def test_names_who_would_move_with_masked_numbers(self) -> None:
        line = customer()
        rate_stars(month=NOVEMBER, now=NOW)
        client = staff_client("supervisor")
        table = propose(client)
        run_star_simulations(now=NOW)
        answer = client.get(page_of(table, "csv"))
        rows = b"".join(answer.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
        assert rows[1:] == [f"{mask_msisdn(line.msisdn)},3,5,70,60,50.00,1000.00"]

    def test_is_not_there_before_a_trial_nor_for_others(self) -> None:
        client = staff_client("supervisor")
        table = StarTable.objects.get()
        assert client.get(page_of(table, "csv")).status_code == 404
        assert staff_client("product").get(page_of(propose(client), "csv")).status_code == 404
