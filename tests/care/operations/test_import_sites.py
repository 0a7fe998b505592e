from typing import Any

import pytest

from care.models import Site
from care.operations.import_sites import SitesChanged, SitesRefused, import_sites, preview_sites
from care.queries.sites import find_sites, list_all_sites
from care.sheets.site_file import write_file
from tests.factories.billing import NOW
from tests.factories.care import make_site

pytestmark = pytest.mark.django_db
HEADING = "code,kind,name_zh,province,city,district,address,longitude,latitude,weekday_hours\n"
GOOD = HEADING + "HZ-1,outlet,西湖营业厅,cn-zj,杭州市,西湖区,示例路8号,120.15,30.28,09:00-18:00\n"


def outcomes(content: str) -> list[tuple[str, str]]:
    return [(row.code, row.outcome.value) for row in preview_sites(content=content.encode()).rows]


def bring_in(content: str, **more: Any) -> None:
    import_sites(content=content.encode(), author="staff", now=NOW, **more)


class TestImportSites:
    def test_brings_in_what_is_new_and_changes_what_differs(self) -> None:
        assert outcomes(GOOD) == [("HZ-1", "NEW")]
        assert not Site.objects.exists()
        bring_in(GOOD)
        site = Site.objects.get()
        assert (site.kind, site.state, site.province, str(site.longitude)) == (
            "OUTLET",
            "ACTIVE",
            "CN-ZJ",
            "120.150000",
        )
        assert outcomes(GOOD) == [("HZ-1", "UNCHANGED")]
        changed = "code,weekday_hours\nHZ-1,10:00-19:00\n"
        row = preview_sites(content=changed.encode()).rows[0]
        assert row.differences == [("weekday_hours", "09:00-18:00", "10:00-19:00")]
        bring_in(changed)
        site.refresh_from_db()
        assert (site.weekday_hours, site.name_zh, site.changed_by) == ("10:00-19:00", "西湖营业厅", "staff")

    def test_takes_back_what_it_wrote(self) -> None:
        make_site(code="GZ-1", name_en="=SUM(1)")
        content = b"".join(write_file(list_all_sites()))
        assert [row.outcome.value for row in preview_sites(content=content).rows] == ["UNCHANGED"]

    @pytest.mark.parametrize(
        ("wrong", "column"),
        [
            ("HZ-2,shop,店,CN-ZJ,杭州市,,路,,,", "kind"),
            (",outlet,店,CN-ZJ,杭州市,,路,,,", "code"),
            ("HZ-1,outlet,店,CN-ZJ,杭州市,,路,,,", "code"),
            ("HZ-2,outlet,,CN-ZJ,杭州市,,路,,,", "name_zh"),
            ("HZ-2,outlet,店,CN-XX,杭州市,,路,,,", "province"),
            ("HZ-2,outlet,店,CN-ZJ,,,路,,,", "address"),
            ("HZ-2,outlet,店,CN-ZJ,杭州市,,路,east,30,", "longitude"),
            ("HZ-2,outlet,店,CN-ZJ,杭州市,,路,NaN,30,", "longitude"),
            ("HZ-2,outlet,店,CN-ZJ,杭州市,,路,120,,", "longitude"),
            ("HZ-2,outlet,店,CN-ZJ,杭州市,,路,,,9-18", "weekday_hours"),
            (f"HZ-2,outlet,{'店' * 81},CN-ZJ,杭州市,,路,,,", "name_zh"),
        ],
    )
    def test_refuses_the_whole_file_for_one_row(self, wrong: str, column: str) -> None:
        content = f"{GOOD}{wrong}\n"
        rows = preview_sites(content=content.encode()).rows
        assert column in {name for row in rows for name, _sentence in row.reasons}
        with pytest.raises(SitesRefused):
            bring_in(content)
        assert not Site.objects.exists()

    def test_does_only_what_was_looked_at(self) -> None:
        digest = preview_sites(content=GOOD.encode()).digest
        make_site(code="GZ-1")
        with pytest.raises(SitesChanged):
            bring_in(GOOD, seen_digest=digest)
        assert Site.objects.count() == 1
        bring_in(GOOD, seen_digest=preview_sites(content=GOOD.encode()).digest)
        assert Site.objects.count() == 2


class TestFindSites:
    @pytest.mark.parametrize(
        ("words", "found"),
        [
            ("", ["东莞店", "天河营业厅"]),
            ("广州", ["天河营业厅"]),
            ("广东 天河", ["天河营业厅"]),
            ("guangdong", ["东莞店", "天河营业厅"]),
            ("浙江", []),
            ("天河 东莞", []),
            ("%", []),
        ],
    )
    def test_finds_open_sites_by_every_word(self, words: str, found: list[str]) -> None:
        make_site()
        make_site(name_zh="东莞店", city="东莞市", district="")
        make_site(name_zh="未开业", state="PLANNED")
        assert sorted(site.name_zh for site in find_sites(words)) == sorted(found)
