"""The catalogue, one offer, and plans side by side."""

import re
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from kernel.clock import SHANGHAI, now
from packages_app.models import Offering
from packages_app.operations.keep_offering import keep_offering
from packages_app.sheets.notation import parse_allowances, parse_unit_prices
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line
from tests.factories.packages_app import BEFORE, buy, give_plan, make_offering, make_plan, make_service, tie

pytestmark = pytest.mark.django_db

CATALOGUE = "/packages/"


def text_of(response: Any) -> str:
    """The words of the page's content, without its frame."""
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=200_00, language="en")


@pytest.fixture
def client(line: Line) -> Client:
    browser = signed_in_client(line)
    browser.cookies["django_language"] = "en"
    return browser


def family_plan(**fields: Any) -> Offering:
    plan = make_plan(
        name_en="Family",
        price_fen=169_00,
        one_off_fen=20_00,
        first_month="BY_DAYS",
        carries_over=True,
        cap_fen=300_00,
        commitment_months=12,
        **fields,
    )
    keep_offering(
        offering=plan,
        allowances=parse_allowances(
            "DATA 120GB SHARED; DATA 30GB APP video; DATA 10GB TIME 23:00-07:00; DATA 1GB REGION CN-GD; VOICE 100min"
        ),
        unit_prices=parse_unit_prices("DATA 5/GB; DATA JP 3/10MB; VOICE 0.15/min; SMS 0.1"),
        author="",
        now=BEFORE,
    )
    return plan


class TestCatalogue:
    def test_shows_what_is_on_sale_with_plain_prices_and_contents(self, client: Client) -> None:
        make_offering(name_en="1 GB data pack")
        make_service(name_en="Audiobook club")
        make_offering(name_en="Old pack", on_sale_to=now() - timedelta(days=1))
        page = text_of(client.get(CATALOGUE))
        assert "1 GB data pack" in page
        assert "5 yuan" in page
        assert "1 GB of data" in page
        assert "9.90 yuan a month" in page
        assert "Collected for 悦听科技" in page
        assert "Old pack" not in page

    def test_has_a_section_for_each_kind_that_is_sold(self, client: Client) -> None:
        for kind in ("DATA_PACK", "ROAMING_PASS"):
            make_offering(kind=kind)
        make_plan()
        make_service(kind="DEVICE_CONTRACT")
        page = client.get(CATALOGUE).content.decode()
        assert re.findall(r"<h2>([^<]+)</h2>", page) == [
            "Data packs",
            "Plans",
            "Roaming passes",
            "Phones with a contract",
        ]

    def test_leads_to_all_of_an_offer(self, client: Client) -> None:
        offering = make_offering()
        page = client.get(CATALOGUE).content.decode()
        assert f'href="/packages/{offering.code}/about/"' in page

    def test_marks_what_the_line_has(self, client: Client, line: Line) -> None:
        buy(line, make_service(), now=now())
        assert "yours now" in text_of(client.get(CATALOGUE))

    def test_shows_what_the_line_may_not_have_with_the_reason_or_leaves_it_out_when_asked(self, client: Client) -> None:
        make_offering(name_en="For Sichuan", provinces=["CN-SC"])
        make_offering(name_en="For all")
        page = text_of(client.get(CATALOGUE))
        assert "For Sichuan" in page
        assert "This is not sold in your province." in page
        page = text_of(client.get(CATALOGUE, {"mine": "on"}))
        assert "For Sichuan" not in page
        assert "For all" in page
        assert "1 offer found" in page

    def test_keeps_what_the_line_has_among_what_it_may_have(self, client: Client, line: Line) -> None:
        buy(line, make_service(name_en="Audiobook club"), now=now())
        assert "Audiobook club" in text_of(client.get(CATALOGUE, {"mine": "on"}))

    def test_finds_by_words_and_filters(self, client: Client) -> None:
        make_offering(name_en="Small", price_fen=5_00)
        make_offering({"DATA": 50 * 1024**3}, name_en="Large", price_fen=50_00)
        page = text_of(client.get(CATALOGUE, {"q": "流量", "price": "10", "kind": "DATA_PACK"}))
        assert ("Small" in page, "Large" in page) == (True, False)
        page = text_of(client.get(CATALOGUE, {"volume": "20", "sort": "cheapest"}))
        assert ("Small" in page, "Large" in page) == (False, True)

    def test_puts_everything_in_one_list_when_it_is_sorted(self, client: Client) -> None:
        make_plan(name_en="Dear")
        make_offering(name_en="Cheap")
        page = client.get(CATALOGUE, {"sort": "cheapest"}).content.decode()
        assert re.findall(r"<h2>([^<]+)</h2>", page) == ["Offers found"]
        assert page.index("Cheap") < page.index("Dear")

    @pytest.mark.parametrize(
        "asked", [{"kind": "GIFT"}, {"price": "x"}, {"sort": "'"}, {"q": "1 GB " + "x" * 99}, {"volume": "7"}]
    )
    def test_passes_over_what_makes_no_sense(self, asked: dict[str, str], client: Client) -> None:
        make_offering(name_en="Pack")
        assert "Pack" in text_of(client.get(CATALOGUE, asked))

    def test_says_when_nothing_fits_and_leads_back(self, client: Client) -> None:
        make_offering()
        page = text_of(client.get(CATALOGUE, {"q": "submarine"}))
        assert "Nothing fits all of that" in page
        assert "Show all" in page

    def test_says_when_nothing_is_on_sale(self, client: Client) -> None:
        assert "Nothing is on sale just now" in text_of(client.get(CATALOGUE))

    def test_answers_htmx_with_the_list_alone(self, client: Client) -> None:
        make_offering(name_en="Pack")
        page = client.get(CATALOGUE, {"q": "pack"}, headers={"HX-Request": "true"}).content.decode()
        assert page.strip().startswith('<div class="stack stack--wide" id="found">')
        assert "Pack" in page
        assert "<main" not in page

    def test_speaks_chinese(self, line: Line) -> None:
        plan = family_plan(name_zh="和睦家庭")
        tie(make_service(), "REQUIRES", plan)
        page = text_of(signed_in_client(line).get(CATALOGUE))
        assert "和睦家庭" in page

    @pytest.mark.parametrize("many", [1, 12])
    def test_asks_a_fixed_number_of_queries(
        self, many: int, client: Client, line: Line, django_assert_max_num_queries: Any
    ) -> None:
        had = give_plan(line).offering
        for _ in range(many):
            tie(make_offering(provinces=["CN-SC"]), "REQUIRES", had)
        client.get(CATALOGUE)
        with django_assert_max_num_queries(12):
            client.get(CATALOGUE, {"q": "流量", "mine": "on"})

    def test_asks_visitors_to_sign_in(self) -> None:
        response = Client().get(CATALOGUE)
        assert (response.status_code, response["Location"]) == (
            302,
            f"{reverse('accounts:sign-in')}?next=%2Fpackages%2F",
        )


class TestOffering:
    def test_says_everything_that_binds(self, client: Client) -> None:
        plan, service = family_plan(on_sale_to=datetime(2099, 1, 1, tzinfo=SHANGHAI)), make_service(name_en="Solo")
        tie(plan, "EXCLUDES", service)
        page = text_of(client.get(f"/packages/{plan.code}/about/"))
        for words in (
            "Price 169 yuan a month",
            "First month price and contents by the days that are left",
            "Fee at the start 20 yuan, once, on top of the first price",
            "120 GB of data, shared by the numbers of your account",
            "30 GB of data, for video only",
            "10 GB of data, from 23:00 to 07:00",
            "1 GB of data, in Guangdong only",
            "Calls included 100 minutes of calls",
            "What is left general data lasts one month more",
            "Data use: 5 yuan for each GB",
            "Data use in Japan: 3 yuan for each 10 MB",
            "Calls made: 0.15 yuan for each minute of a call",
            "Texts sent: 0.1 yuan for each text sent",
            "Cap at 300 yuan a month such use stops",
            "Valid until you leave it",
            "Binds you for 12 months from the start",
            "How to leave by choosing another plan",
            "Cannot be had with Solo",
            "On sale until Dec. 31, 2098",
        ):
            assert words in page
        assert f'href="/packages/{plan.code}/"' in client.get(f"/packages/{plan.code}/about/").content.decode()

    def test_says_how_long_what_is_paid_once_lasts(self, client: Client) -> None:
        week, month = make_offering(kind="ROAMING_PASS", validity_days=7), make_offering()
        page = text_of(client.get(f"/packages/{week.code}/about/"))
        assert "Price 5 yuan, once" in page
        assert "Valid 7 days of 24 hours from your confirmation" in page
        assert "How to leave ends by itself; nothing is charged again" in page
        assert "Valid to the end of the month in which you confirm" in text_of(
            client.get(f"/packages/{month.code}/about/")
        )

    def test_says_what_it_needs(self, client: Client) -> None:
        service, base = make_service(), make_service(name_en="Base")
        plans = make_plan(name_en="Fifty"), make_plan(name_en="Sixty")
        tie(service, "REQUIRES", base, *plans)
        page = text_of(client.get(f"/packages/{service.code}/about/"))
        assert "Needs Base one of these plans: Fifty, Sixty" in page
        assert "This can only be had together with: Base, Fifty, Sixty." in page

    def test_says_the_reason_and_the_cure_instead_of_the_way_to_order(self, client: Client) -> None:
        offering = make_offering(minimum_star=3, provinces=["CN-GD"])
        response = client.get(f"/packages/{offering.code}/about/")
        page = text_of(response)
        assert "This is for customers of 3 stars or more, and you are not rated yet." in page
        assert "Stars are given at the beginning of each month" in page
        assert "For whom customers of 3 stars or more" in page
        assert "Where it is sold Guangdong" in page
        assert f'href="/packages/{offering.code}/"' not in response.content.decode()

    def test_says_that_the_line_has_it(self, client: Client, line: Line) -> None:
        service = make_service()
        buy(line, service, now=now())
        assert "You already have this." in text_of(client.get(f"/packages/{service.code}/about/"))

    def test_is_there_when_it_is_not_on_sale_any_more(self, client: Client) -> None:
        offering = make_offering(on_sale_to=now() - timedelta(days=1))
        assert "This is not on sale now." in text_of(client.get(f"/packages/{offering.code}/about/"))

    def test_is_not_found_when_it_never_was(self, client: Client) -> None:
        assert client.get("/packages/NO-SUCH/about/").status_code == 404

    def test_asks_few_queries(self, client: Client, django_assert_max_num_queries: Any) -> None:
        plan = family_plan()
        tie(plan, "EXCLUDES", *(make_service() for _ in range(5)))
        client.get(CATALOGUE)
        with django_assert_max_num_queries(12):
            client.get(f"/packages/{plan.code}/about/")


class TestCompare:
    def test_sets_plans_side_by_side(self, client: Client) -> None:
        small, family = make_plan(name_en="Small"), family_plan()
        make_plan(name_en="Third")
        page = client.get("/packages/compare/", {"code": [small.code, family.code]}).content.decode()
        table = page[page.index("<table") : page.index("</table>")]
        assert re.findall(r'about/">([^<]+)</a>', table) == ["Small", "Family"]
        cells = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", table))
        assert "Price 59 yuan a month 169 yuan a month" in cells
        assert "Fee at the start – 20 yuan" in cells
        assert "Third" not in cells

    @pytest.mark.parametrize("count", [1, 4])
    def test_asks_for_two_or_three(self, count: int, client: Client) -> None:
        codes = [make_plan(name_en=f"Plan {number}").code for number in range(4)]
        response = client.get("/packages/compare/", {"code": codes[:count]})
        assert response.status_code == 200
        assert "Choose two or three plans that are on sale." in text_of(response)
        assert "<table" not in response.content.decode()
        assert "Plan 3" in text_of(response)

    def test_sets_out_what_there_is_to_choose_from(self, client: Client) -> None:
        make_plan(name_en="Small")
        page = text_of(client.get("/packages/compare/"))
        assert "Small" in page
        assert "Choose two or three plans that are on sale." not in page

    def test_compares_nothing_but_plans_on_sale(self, client: Client) -> None:
        plan, old = make_plan(), make_plan(on_sale_to=now() - timedelta(days=1))
        response = client.get("/packages/compare/", {"code": [plan.code, old.code, make_offering().code, "NO-SUCH"]})
        assert "<table" not in response.content.decode()

    def test_says_when_there_are_none(self, client: Client) -> None:
        assert "No plan is on sale just now" in text_of(client.get("/packages/compare/"))
