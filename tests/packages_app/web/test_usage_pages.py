"""Allowances, the cap, detail records and the line's own reminder."""

import re
from datetime import date, timedelta
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import Line
from accounts.operations.privacy_choices import choose_recommendations
from billing.operations.wallets import open_wallet
from kernel.ids import PublicId
from packages_app.models import CapLift, UsageFee, UsageRecord
from packages_app.operations.record_usage import record_usage
from packages_app.queries.reminder_choices import get_own_threshold
from tests.factories.accounts import signed_in_client
from tests.factories.packages_app import make_offering
from tests.factories.usage import (
    GB,
    MB,
    MONTH_START,
    NOW,
    make_bucket,
    make_line,
    make_sister,
    make_subscription,
    unit_price,
    usage,
)

pytestmark = pytest.mark.django_db
ALLOWANCE, DETAILS, EXPORT = (
    reverse(f"packages:{name}") for name in ("allowance", "usage-details", "usage-details-export")
)


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    line = make_line()
    open_wallet(account_id=line.account_id, now=MONTH_START)
    return line


def browser_of(line: Line, **options: Any) -> Client:
    browser = signed_in_client(line, **options)
    browser.cookies["django_language"] = "en"
    return browser


def text_of(response: Any) -> str:
    page = response.content.decode()
    main = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


class TestAllowance:
    def test_says_of_each_bucket_what_it_is_for_and_adds_up(self, line: Line) -> None:
        sister = make_sister(line)
        make_bucket(line, 10 * GB)
        make_bucket(sister, 20 * GB, name_en="Family", is_shared=True)
        make_bucket(sister, 5 * GB, name_en="Sister's own")
        make_bucket(line, 2 * GB, name_en="Video pack", scope="APP", scope_value="video")
        make_bucket(line, GB, name_en="Night pack", scope="TIME", scope_value="23:00-07:00")
        make_bucket(line, 100 * 60, usage_kind="VOICE", name_en="Minutes")
        record_usage(records=[usage(line, 3 * MB), usage(line, 61, kind="VOICE")], now=NOW)
        words = text_of(browser_of(line).get(ALLOWANCE))
        assert "Enjoy 59 9.99 GB left of 10 GB" in words
        assert "0.01 GB used" in words
        assert "Family 20 GB left of 20 GB" in words
        assert "shared by all numbers of the account" in words
        assert "for video alone" in words
        assert "every day 23:00–07:00" in words
        assert "Minutes 98 minutes left of 100 minutes" in words
        assert "2 minutes used" in words
        assert "Sister" not in words

    def test_says_what_to_do_without_any(self, line: Line) -> None:
        assert "See what can be ordered" in text_of(browser_of(line).get(ALLOWANCE))

    def test_asks_the_same_number_of_queries_whatever_there_is(
        self, line: Line, django_assert_max_num_queries: Any
    ) -> None:
        for number in range(5):
            make_bucket(line, GB, name_en=f"Pack {number}")
        browser = browser_of(line)
        with django_assert_max_num_queries(10):  # one of them once a minute: the sign-in is in use
            browser.get(ALLOWANCE)

    def test_suggests_a_pack_when_data_runs_low_and_the_plain_list_to_who_wants_no_suggestions(
        self, line: Line
    ) -> None:
        make_offering(name_en="Big pack", price_fen=30_00)
        pack = make_offering(name_en="Small pack", price_fen=5_00)
        make_offering(name_en="Elsewhere", price_fen=1_00, provinces=["CN-SN"])
        make_bucket(line, 10 * GB)
        browser = browser_of(line)
        assert "nearly used up" not in text_of(browser.get(ALLOWANCE))
        record_usage(records=[usage(line, 8 * GB)], now=NOW)
        page = browser.get(ALLOWANCE)
        assert "For the rest of the month: Small pack, 5.00 yuan, once." in text_of(page)
        assert f"/packages/{pack.code}/about/" in page.content.decode()
        choose_recommendations(account_id=line.account_id, personal=False, now=NOW)
        words = text_of(browser.get(ALLOWANCE))
        assert "All data packs" in words
        assert "Small pack" not in words


class TestCap:
    def test_is_lifted_by_a_button_when_it_is_reached(self, line: Line) -> None:
        make_subscription(line, allowances={}, unit_prices=[unit_price(5_000, GB)], cap_fen=10_00)
        record_usage(records=[usage(line, 3 * GB)], now=NOW)
        browser = browser_of(line)
        assert "Go on, up to 20.00 yuan this month" in text_of(browser.get(ALLOWANCE))
        page = browser.post(reverse("packages:lift-cap"), follow=True)
        assert "Costs this month so far: 15.00 yuan, at most 20.00 yuan." in text_of(page)
        assert "Go on" not in text_of(browser.get(ALLOWANCE))
        assert CapLift.objects.get().channel == "WEB"

    def test_is_not_lifted_before(self, line: Line) -> None:
        page = browser_of(line).post(reverse("packages:lift-cap"), follow=True)
        assert "Use beyond your plan is not stopped." in page.content.decode()
        assert CapLift.objects.count() == 0


class TestDetails:
    def test_show_records_by_day_with_their_sum(self, line: Line) -> None:
        record_usage(
            records=[
                usage(line, 3 * MB, app="video", region="HK"),
                usage(line, MB, at=NOW - timedelta(days=1)),
                usage(make_line(), 7 * MB),
                usage(line, 61, kind="VOICE", other_party="13812345678"),
            ],
            now=NOW,
        )
        browser = browser_of(line)
        words = text_of(browser.get(DETAILS))
        assert "2 records, 4 MB in all" in words
        assert "14:32:00 video · HK 3 MB" in words
        assert "7 MB" not in words
        voice = text_of(browser.get(DETAILS, {"kind": "VOICE"}))
        assert "138****5678 1 min 01 s" in voice

    def test_go_page_by_page_without_gap_or_repeat(self, line: Line) -> None:
        record_usage(
            records=[usage(line, 1000 + number, at=NOW - timedelta(minutes=number // 3)) for number in range(120)],
            now=NOW,
        )
        browser, url, seen, pages = browser_of(line), DETAILS, list[str](), 0
        while url:
            page = browser.get(url)
            seen += [row["amount"] for day in page.context["days"] for row in day["rows"]]
            url, pages = page.context["older_url"], pages + 1
        assert (pages, len(seen)) == (3, 120)

    def test_of_a_fee_are_those_of_the_month_in_which_it_was_used(self, line: Line) -> None:
        fee = UsageFee.objects.create(
            account_id=line.account_id, line_id=line.id, period_date=date(2026, 10, 1), usage_kind="VOICE"
        )
        form = browser_of(line).get(DETAILS, {"fee": str(PublicId(line.account_id, fee.id))}).context["form"]
        assert (form["month"].value(), form["kind"].value()) == ("2026-10", "VOICE")
        stranger = browser_of(make_line())
        assert stranger.get(DETAILS, {"fee": str(PublicId(line.account_id, fee.id))}).status_code == 404
        assert browser_of(line).get(DETAILS, {"fee": "nothing"}).status_code == 404

    def test_can_be_searched(self, line: Line) -> None:
        record_usage(records=[usage(line, MB, app="video"), usage(line, 2 * MB, app="music")], now=NOW)
        assert "1 record, 2 MB in all" in text_of(browser_of(line).get(DETAILS, {"q": "MUS"}))

    def test_say_when_there_are_none(self, line: Line) -> None:
        assert "Choose another month or kind." in text_of(browser_of(line).get(DETAILS, {"month": "2026-08"}))

    @pytest.mark.parametrize(
        ("query", "status"),
        [
            ({"month": "2020-01"}, 422),
            ({"kind": "FAX"}, 422),
            ({"older_at": "x"}, 404),
            ({"older_at": "2026-11-22"}, 404),
        ],
    )
    def test_refuse_what_is_not_kept_or_makes_no_sense(self, query: dict[str, str], status: int, line: Line) -> None:
        assert browser_of(line).get(DETAILS, query).status_code == status

    def test_need_a_fresh_code_and_the_service_password(self, line: Line) -> None:
        fresh = timedelta(seconds=settings.STEP_UP_SECONDS)
        assert browser_of(line, ago=fresh - timedelta(seconds=1)).get(DETAILS).status_code == 200
        for url in (DETAILS, EXPORT):
            response = browser_of(line, ago=fresh).get(url)
            assert response.status_code == 302
            assert response["Location"].startswith(f"{reverse('accounts:step-up')}?need=BOTH&")
        for proof in ("CODE", "PASSWORD"):
            assert browser_of(line, proofs=(proof,)).get(DETAILS).status_code == 302
        assert Client().get(DETAILS)["Location"].startswith(reverse("accounts:sign-in"))

    def test_ask_few_queries(self, line: Line, django_assert_max_num_queries: Any) -> None:
        record_usage(records=[usage(line, MB) for _ in range(80)], now=NOW)
        browser = browser_of(line)
        with django_assert_max_num_queries(9):  # one of them once a minute: the sign-in is in use
            browser.get(DETAILS)

    def test_can_be_taken_home_without_formulas(self, line: Line) -> None:
        record_usage(
            records=[usage(line, 5, app="=cmd()"), usage(line, 60, kind="VOICE", other_party="13812345678")], now=NOW
        )
        browser = browser_of(line)
        response: Any = browser.get(EXPORT, {"month": "2026-11", "kind": "DATA"})
        lines = b"".join(response.streaming_content).decode("utf-8-sig").splitlines()
        assert lines == [
            "Time,Amount (bytes),Other party,Application,Region",
            "2026-11-22 14:32:00,5,,'=cmd(),",
        ]
        voice: Any = browser.get(EXPORT, {"month": "2026-11", "kind": "VOICE"})
        assert b"138****5678" in b"".join(voice.streaming_content)
        assert UsageRecord.objects.count() == 2


class TestReminderSection:
    def test_keeps_the_lines_own_threshold(self, line: Line) -> None:
        browser = browser_of(line)
        response = browser.post(reverse("accounts:preferences"), {"section": "reminder", "percent": "60"})
        assert response.status_code == 302
        assert get_own_threshold(line.account_id, line.id) == 60
        assert 'value="60"' in browser.get(reverse("accounts:preferences")).content.decode()
        browser.post(reverse("accounts:preferences"), {"section": "reminder", "percent": ""})
        assert get_own_threshold(line.account_id, line.id) is None

    @pytest.mark.parametrize("percent", ["0", "100", "half"])
    def test_refuses_what_is_no_threshold(self, percent: str, line: Line) -> None:
        response = browser_of(line).post(reverse("accounts:preferences"), {"section": "reminder", "percent": percent})
        assert response.status_code == 422
        assert get_own_threshold(line.account_id, line.id) is None
