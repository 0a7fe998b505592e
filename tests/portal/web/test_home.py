from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.models import BarReason, Line
from kernel.ids import PublicId
from packages_app.models import Bucket, UsageKind
from tests.factories.accounts import signed_in_client
from tests.factories.barring import make_bar
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.packages_app import GB, ask_for, ask_for_cart, buy, give_plan, make_offering

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock() -> Any:
    """22 November 2026, 14:30 in Shanghai."""
    with time_machine.travel(NOW, tick=False) as moved:
        yield moved


@pytest.fixture
def line() -> Line:
    """A line with 86.50 yuan, 12.5 of 30 GB and 72 of 500 minutes left."""
    line = make_line(cash_fen=86_50 + 5_00)
    buy(line, make_offering({UsageKind.DATA: 30 * GB, UsageKind.VOICE: 500 * 60}))
    Bucket.objects.filter(usage_kind=UsageKind.DATA).update(used=35 * GB // 2)
    Bucket.objects.filter(usage_kind=UsageKind.VOICE).update(used=428 * 60)
    return line


def home_of(*lines: Line) -> Any:
    return signed_in_client(*lines).get(reverse("home"))


class TestEntrance:
    def test_shows_visitors_what_the_hall_does_and_the_way_in(self) -> None:
        answer = Client().get("/")
        page = answer.content.decode()
        assert answer.status_code == 200
        assert 'href="/sign-in/"' in page
        assert "panel__value" not in page

    def test_asks_the_database_nothing_but_to_note_the_visit(
        self, django_assert_num_queries: Any, settings: Any
    ) -> None:
        settings.DEMO_MODE = False
        with django_assert_num_queries(1):
            Client().get("/")


class TestHome:
    def test_shows_money_data_and_minutes_left(self, line: Line) -> None:
        shown = home_of(line).context
        assert shown["balance_fen"] == 86_50
        assert (shown["data_left"], shown["data_total"]) == (25 * GB // 2, 30 * GB)
        assert (shown["voice_left"], shown["voice_total"]) == (72 * 60, 500 * 60)

    def test_names_the_plan(self, line: Line) -> None:
        assert home_of(line).context["plan_name"] == ""
        give_plan(line)
        assert "套餐：畅享套餐59元" in home_of(line).content.decode().replace("Plan: ", "套餐：")

    def test_says_when_allowances_start_anew_and_when_the_figures_were_true(self, line: Line) -> None:
        shown = home_of(line).context
        assert (shown["resets_on"], shown["updated_at"]) == ("12月1日", "14:30")

    def test_names_the_day_of_older_figures(self, line: Line, clock: Any) -> None:
        clock.move_to(NOW + timedelta(days=1))
        assert home_of(line).context["updated_at"] == "11月22日 14:30"

    def test_draws_the_figures_and_one_button_to_top_up(self, line: Line) -> None:
        page = home_of(line).content.decode()
        assert "86.50" in page
        assert '12.5<span class="panel__unit">GB</span>' in page
        assert '72<span class="panel__unit">' in page
        assert page.count("button--money panel__action") == 1
        assert 'href="/top-up/"' in page

    def test_does_without_allowances(self) -> None:
        answer = home_of(make_line(cash_fen=1_00))
        assert answer.status_code == 200
        assert (answer.context["data_total"], answer.context["voice_total"]) == (0, 0)
        assert answer.context["resets_on"] == ""

    def test_leads_to_eight_functions_that_all_exist(self, line: Line) -> None:
        client = signed_in_client(line)
        addresses = [tile["url"] for tile in client.get("/").context["tiles"]]
        assert len(addresses) == 8
        assert [client.get(address, follow=True).status_code for address in addresses] == [200] * 8

    def test_shows_older_people_fewer_functions(self, line: Line) -> None:
        client = signed_in_client(line)
        client.cookies["hall_mode"] = "elder"
        page = client.get("/").content.decode()
        assert page.count('class="tile"') == 4
        assert 'href="tel:10086"' in page

    def test_offers_one_thing_of_the_province_quietly_and_none_to_older_people(self, line: Line) -> None:
        offerings = [make_offering(provinces=["CN-GD"]) for _ in range(2)]
        client = signed_in_client(line)
        page = client.get("/").content.decode()
        assert page.count("quiet-offer") == 1
        assert f'href="/packages/{offerings[0].code}/about/"' in page
        client.cookies["hall_mode"] = "elder"
        assert "quiet-offer" not in client.get("/").content.decode()

    def test_is_not_kept_by_browsers(self, line: Line) -> None:
        assert "no-store" in home_of(line)["Cache-Control"]

    def test_asks_the_database_four_questions(
        self, line: Line, django_assert_max_num_queries: Any, settings: Any
    ) -> None:
        settings.DEMO_MODE = False
        client = signed_in_client(line, make_line())
        client.get("/")  # saves that the session is used
        with django_assert_max_num_queries(5):  # session, lines, wallet, what the line has; the visit is noted
            client.get("/")


class TestThingsToDo:
    def test_show_what_one_yes_confirms_as_one(self, line: Line) -> None:
        orders = ask_for_cart(line, make_offering(price_fen=1_00), make_offering(price_fen=2_00))
        page = home_of(line)
        assert [todo["action_url"] for todo in page.context["todos"]] == [
            f"/orders/{PublicId(line.account_id, orders[0].id)}/"
        ]
        assert "3.00" in page.context["todos"][0]["text"]

    def test_are_none_when_nothing_waits(self, line: Line) -> None:
        answer = home_of(line)
        assert answer.context["todos"] == []
        assert 'class="todos"' not in answer.content.decode()

    def test_show_an_order_that_waits_for_its_second_yes(self, line: Line) -> None:
        order = ask_for(line, make_offering(name_zh="10GB流量包", price_fen=20_00))
        answer = home_of(line)
        [todo] = answer.context["todos"]
        assert "10GB流量包" in todo["title"]
        assert "20.00" in todo["text"]
        assert todo["action_url"] == f"/orders/{PublicId(order.account_id, order.id)}/"
        assert [tile["badge"] for tile in answer.context["tiles"] if "badge" in tile] == [1]

    def test_name_the_order_in_the_language_of_the_page(self, line: Line) -> None:
        ask_for(line, make_offering())
        client = signed_in_client(line)
        client.cookies["django_language"] = "en"
        [todo] = client.get("/").context["todos"]
        assert todo["title"] == "Confirm your order: 1 GB data pack"

    def test_tell_what_is_owed_and_how_to_cure_it(self) -> None:
        line = make_line(overdraft_fen=20_00)
        buy(line, make_offering(price_fen=12_30))
        [todo] = home_of(line).context["todos"]
        assert "12.30" in todo["title"]
        assert todo["action_url"] == "/top-up/"

    def test_tell_what_has_to_come_in_until_dues_are_paid(self) -> None:
        line = make_line(cash_fen=1_00)
        make_charge(line, amount_fen=59_00, may_owe=True)
        client = signed_in_client(line)
        client.cookies["django_language"] = "en"
        [todo] = client.get("/").context["todos"]
        assert (todo["title"], todo["text"], todo["action_url"]) == (
            "You owe 59.00 yuan",
            "Top up at least 58.00 yuan: it is then paid by itself.",
            "/top-up/",
        )

    def test_tell_about_a_suspended_number_with_its_cure(self, line: Line) -> None:
        make_bar(line, BarReason.OPERATOR, now=NOW, cure="Visit us.")
        make_bar(line, BarReason.LOST_SIM, now=NOW)
        lost, stopped = home_of(line).context["todos"]
        assert (lost["tone"], lost["action_url"]) == ("stop", "/barring/")
        assert stopped["text"] == "Visit us."


class TestLineSwitcher:
    def test_shows_the_number_grouped_with_its_state(self, line: Line) -> None:
        national = line.msisdn.removeprefix("+86")
        page = home_of(line).content.decode()
        assert f"{national[:3]} {national[3:7]} {national[7:]}" in page

    def test_offers_the_other_numbers_signed_in_here(self, line: Line) -> None:
        other = make_line()
        page = home_of(line, other).content.decode()
        assert f'value="{PublicId(other.account_id, other.id)}"' in page

    def test_shows_the_figures_of_the_current_number(self, line: Line) -> None:
        other = make_line(cash_fen=12_30)
        assert home_of(other, line).context["balance_fen"] == 12_30
