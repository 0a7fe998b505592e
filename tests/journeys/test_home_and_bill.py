"""What a signed-in line sees without a tap, and where last month's money went."""

import re

import pytest
from django.utils.timezone import localtime
from playwright.sync_api import expect

from accounts.queries.lines import get_line_by_msisdn
from billing.models import Charge
from billing.queries.balance import get_balance
from billing.queries.bills import get_bill
from kernel.clock import month_of, now
from kernel.templatetags.hall_format import yuan
from kernel.volume import volume_text, whole_minutes
from packages_app.queries.allowance import get_allowance
from portal.demo.people import FIXED_PEOPLE
from tests.journeys.conftest import Enter
from tests.journeys.visitors import PHONE_SCREEN, WIDE_SCREEN, Screen, Visitor

pytestmark = pytest.mark.browser

CHEN, _LIN, EMMA, _WANG = (person.msisdn for person in FIXED_PEOPLE)
GB = 1024**3
HEADS = (
    *("Plan and fixed fees", "Voice", "Data", "Texts and picture messages", "Value-added services"),
    *("Collected for others", "Other"),
)


def words_of(text: str) -> str:
    """Return a text without its layout."""
    return "".join(text.split())


def fen_of(yuan_with_decimals: str) -> int:
    whole, decimals = yuan_with_decimals.split(".")
    return int(whole) * 100 + int(decimals)


def figures(visitor: Visitor) -> list[str]:
    return [words_of(text) for text in visitor.page.locator(".panel__figure").all_inner_texts()]


class TestHome:
    @pytest.mark.parametrize("screen", [PHONE_SCREEN, WIDE_SCREEN])
    def test_tells_money_data_and_minutes_as_the_books_have_them(self, enter: Enter, screen: Screen) -> None:
        visitor = enter(signed_in=EMMA, screen=screen)
        visitor.page.goto("/")
        line = get_line_by_msisdn(EMMA)
        balance, allowance = get_balance(line.account_id), get_allowance(line.account_id, line.id, now())
        # Emma's plan brings 40 GB and 500 minutes, her pack 5 GB.
        assert (allowance.data.total, allowance.voice.total) == (45 * GB, 500 * 60)
        money, data, voice = figures(visitor)
        assert f"{yuan(balance.total_fen)}元" in money
        assert words_of(volume_text(allowance.data.left)) in data
        assert f"{whole_minutes(allowance.voice.left)}分钟" in voice
        assert visitor.said("of %(total)s", total="45 GB").replace(" ", "") in data
        assert visitor.said("of %(total)s min", total="500").replace(" ", "") in voice

    def test_tells_when_the_allowance_starts_anew_and_when_all_was_counted(self, enter: Enter) -> None:
        visitor = enter(signed_in=EMMA)
        visitor.page.goto("/")
        line = get_line_by_msisdn(EMMA)
        counted_at = [
            get_allowance(line.account_id, line.id, now()).updated_at,
            get_balance(line.account_id).updated_at,
        ]
        latest = localtime(max(instant for instant in counted_at if instant))
        dates = visitor.page.locator(".panel__dates").inner_text()
        assert f"{month_of(now()).next.month}月1日" in dates
        assert f"{latest:%H:%M}" in dates
        assert latest.date() == localtime().date() or f"{latest.month}月{latest.day}日" in dates

    def test_shows_english_to_whoever_switches(self, enter: Enter) -> None:
        visitor = enter(signed_in=EMMA)
        visitor.page.goto("/")
        visitor.page.locator(".header button[name=language]").click()
        expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
        money, data, voice = figures(visitor)
        assert money.startswith(f"Balance¥{yuan(get_balance(get_line_by_msisdn(EMMA).account_id).total_fen)}")
        assert (data.startswith("Dataleft"), voice.startswith("Voiceleft")) == (True, True)


class TestTheBillOfLastMonth:
    @pytest.mark.parametrize(("screen", "msisdn"), [(PHONE_SCREEN, EMMA), (WIDE_SCREEN, CHEN)])
    def test_has_seven_heads_that_add_up_to_the_fen(self, enter: Enter, screen: Screen, msisdn: str) -> None:
        visitor = enter(signed_in=msisdn, screen=screen)
        visitor.page.goto("/bill/")
        month, account_id = month_of(now()).previous, get_line_by_msisdn(msisdn).account_id
        assert re.search(rf"{month.year}年0?{month.month}月", visitor.main.get_by_role("heading", level=1).inner_text())
        heads = visitor.main.locator("table").first
        labels = heads.locator("tbody th").all_inner_texts()
        amounts = [text.replace(",", "") for text in heads.locator("tbody td").all_inner_texts()]
        assert labels == [visitor.said(head) for head in HEADS]
        total_fen = sum(fen_of(amount) for amount in amounts)
        assert heads.locator("tfoot td").inner_text() == yuan(total_fen)
        expect(visitor.main.locator(".amount--big")).to_contain_text(yuan(total_fen))

        bill = get_bill(account_id, month)
        assert [fen_of(amount) for amount in amounts] == [head.amount_fen for head in bill.heads]
        charged = Charge.objects.filter(
            account_id=account_id, charged_at__gte=month.starts_at, charged_at__lt=month.ends_at
        )
        assert total_fen == bill.total_fen == sum(charged.values_list("amount_fen", flat=True)) > 0

    def test_names_every_charge_behind_it(self, enter: Enter) -> None:
        visitor = enter(signed_in=CHEN)
        visitor.page.goto("/bills/")
        visitor.main.locator(".rows a").first.click()
        charges = visitor.main.locator("table").nth(1)
        # Chen has a plan of 59 yuan and video ringback for 6.
        expect(charges).to_contain_text("畅享套餐59元")
        expect(charges).to_contain_text("视频彩铃")
        assert charges.locator("tfoot td").last.inner_text() == "65.00"

    def test_is_for_its_own_customer_only(self, enter: Enter) -> None:
        page = enter(signed_in=CHEN).page
        assert page.request.get("/bill/1999-01/").status == 404
        assert page.request.get("/bill/never/").status == 404
