from typing import Any

import pytest

from packages_app.models import Offering
from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.catalogue import list_offerings
from packages_app.queries.catalogue_search import Search, Sort, find_offerings
from packages_app.sheets.notation import parse_allowances
from tests.factories.billing import NOW
from tests.factories.packages_app import BEFORE, make_offering, make_plan, make_service

pytestmark = pytest.mark.django_db

GB = 1024**3


def offer(code: str, contents: str, **fields: Any) -> Offering:
    offering = make_offering(code=code, **fields)
    keep_offering(offering=offering, allowances=parse_allowances(contents), author="", now=BEFORE)
    return offering


@pytest.fixture(autouse=True)
def catalogue() -> None:
    plain: dict[str, Any] = {"name_zh": "甲", "name_en": "A", "summary_zh": "", "summary_en": ""}
    make_plan(code="PLAN", **(plain | {"name_zh": "畅享套餐"}))
    make_plan({"VOICE": 60}, code="SMALL", price_fen=9_00, **plain)
    make_service(code="READING", provider_name="青竹文化", price_fen=10_00, **plain)
    offer("NIGHT", "DATA 30GB TIME 23:00-07:00", price_fen=10_01, **plain)
    offer("VIDEO", "DATA 10GB APP video SHARED", price_fen=12_00, **plain)
    offer("JAPAN", "DATA 1GB REGION JP; SMS 5", kind="ROAMING_PASS", price_fen=30_00, **plain)


def found(**search: Any) -> list[str]:
    return [offering.code for offering in find_offerings(list_offerings(now=NOW), Search(**search))]


class TestFindOfferings:
    @pytest.mark.parametrize(
        ("words", "codes"),
        [
            ("套餐", {"PLAN", "SMALL"}),
            ("畅享", {"PLAN"}),
            ("tariff", {"PLAN", "SMALL"}),
            ("夜间流量", {"NIGHT"}),
            ("Night", {"NIGHT"}),
            ("视频", {"VIDEO"}),
            ("家庭", {"VIDEO"}),
            ("出国", {"JAPAN"}),
            ("日本", {"JAPAN"}),
            ("japan roaming", {"JAPAN"}),
            ("japan night", set()),
            ("短信", {"JAPAN"}),
            ("打电话", {"PLAN", "SMALL"}),
            ("青竹", {"READING"}),
            ("会员", {"READING"}),
            ("small", {"SMALL"}),
            ("%", set()),
            ("", {"PLAN", "SMALL", "READING", "NIGHT", "VIDEO", "JAPAN"}),
        ],
    )
    def test_finds_by_the_words_that_people_use(self, words: str, codes: set[str]) -> None:
        assert set(found(words=words)) == codes

    def test_filters_by_kind_price_and_data(self) -> None:
        assert set(found(kind="PLAN")) == {"PLAN", "SMALL"}
        assert set(found(dearest_fen=10_00)) == {"SMALL", "READING"}
        assert set(found(least_bytes=10 * GB)) == {"PLAN", "NIGHT", "VIDEO"}
        assert found(kind="DATA_PACK", dearest_fen=11_00, least_bytes=20 * GB) == ["NIGHT"]

    def test_stands_in_the_order_asked_for(self) -> None:
        assert found(sort=Sort.CHEAPEST) == ["SMALL", "READING", "NIGHT", "VIDEO", "JAPAN", "PLAN"]
        assert found(sort=Sort.DEAREST) == ["PLAN", "JAPAN", "VIDEO", "NIGHT", "READING", "SMALL"]
        assert found(sort=Sort.MOST_DATA)[:4] == ["NIGHT", "PLAN", "VIDEO", "JAPAN"]
        assert found() == [offering.code for offering in list_offerings(now=NOW)]
