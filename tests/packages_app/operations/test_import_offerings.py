from datetime import timedelta
from typing import Any

import pytest

from packages_app.models import Offering, OfferingVersion
from packages_app.operations.import_offerings import (
    ImportRefused,
    Outcome,
    Preview,
    PreviewOutdated,
    import_offerings,
    preview_import,
)
from packages_app.queries.catalogue import list_whole_catalogue
from packages_app.sheets.catalogue_file import write_file
from packages_app.sheets.draft import draft_of, texts_of
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import ask_for, make_offering, make_plan, make_service, tie

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)
NEW = {
    "code": "PLAN-5G",
    "kind": "PLAN",
    "name_zh": "畅享套餐",
    "name_en": "Breeze",
    "price": "59",
    "recurrence": "MONTHLY",
    "head": "PLAN",
    "on_sale_from": "2026/1/1 0:00",
    "allowances": "DATA 30GB",
}


def exported() -> bytes:
    return b"".join(write_file(draft_of(offering) for offering in list_whole_catalogue()))


def file_of(*rows: dict[str, str]) -> bytes:
    columns = list(dict.fromkeys(column for row in rows for column in row))
    lines = [",".join(columns), *(",".join(f'"{row.get(column, "")}"' for column in columns) for row in rows)]
    return "\r\n".join(lines).encode()


def catalogue() -> dict[str, Any]:
    """All that an import could move."""
    return {
        "offerings": {offering.code: texts_of(draft_of(offering)) for offering in list_whole_catalogue()},
        "versions": list(OfferingVersion.objects.order_by("pk").values_list("offering_id", "version", "author")),
    }


def bring_in(content: bytes, **options: Any) -> Preview:
    return import_offerings(content=content, author="li", now=LATER, **options)


class TestPreviewImport:
    def test_says_of_each_row_what_it_would_do_and_does_nothing(self) -> None:
        same, changed = make_offering(name_zh="甲"), make_offering(name_zh="乙")
        before = catalogue()
        after = [
            texts | {"price": "6"} if code == changed.code else texts for code, texts in before["offerings"].items()
        ]
        preview = preview_import(content=file_of(*after, NEW, {"code": "BAD"}))
        assert [(row.number, row.code, row.name, row.outcome) for row in preview.rows] == [
            (2, same.code, "甲", Outcome.UNCHANGED),
            (3, changed.code, "乙", Outcome.CHANGED),
            (4, "PLAN-5G", "畅享套餐", Outcome.NEW),
            (5, "BAD", "", Outcome.REFUSED),
        ]
        assert catalogue() == before

    def test_leaves_alone_the_columns_that_the_file_leaves_out(self) -> None:
        same, other = make_offering(), make_offering(price_fen=5_00)
        content = file_of(
            {"code": same.code, "price": "5.00"},
            {"code": other.code, "price": "6"},
        )
        rows = preview_import(content=content).rows
        assert [(row.number, row.outcome) for row in rows] == [(2, Outcome.UNCHANGED), (3, Outcome.CHANGED)]
        assert [(change.column, change.before, change.after) for change in rows[1].differences] == [
            ("price", "5.00", "6.00")
        ]

    def test_gives_every_reason_with_its_row_and_column(self) -> None:
        content = file_of(
            NEW,
            {**NEW, "code": "A", "price": "x", "kind": "GIFT", "carries_over": "perhaps"},
            {**NEW, "code": "B", "allowances": "DATA lots", "on_sale_from": "soon"},
            {**NEW, "code": "C", "validity_days": "7", "requires": "NO-SUCH"},
            {**NEW, "code": "D", "provinces": "CN-XX"},
            {**NEW, "code": "D"},
            {**NEW, "code": ""},
        )
        preview = preview_import(content=content)
        assert [(row.number, sorted(column for column, _reason in row.reasons)) for row in preview.rows] == [
            (2, []),
            (3, ["carries_over", "kind", "price"]),
            (4, ["allowances", "on_sale_from"]),
            (5, ["requires", "validity_days"]),
            (6, ["code", "provinces"]),
            (7, ["code"]),
            (8, ["code"]),
        ]
        assert all(reason for row in preview.rows for _column, reason in row.reasons)
        assert preview.counts == {
            Outcome.NEW: 1,
            Outcome.CHANGED: 0,
            Outcome.UNCHANGED: 0,
            Outcome.REFUSED: 6,
        }
        assert not preview.is_applicable

    def test_finds_a_circle_that_only_the_whole_file_makes(self) -> None:
        content = file_of({**NEW, "code": "A", "requires": "B"}, {**NEW, "code": "B", "requires": "A"})
        rows = preview_import(content=content).rows
        assert [[column for column, _reason in row.reasons] for row in rows] == [["requires"], ["requires"]]


class TestImportOfferings:
    def test_takes_an_export_back_without_a_change(self) -> None:
        plan = make_plan(
            provinces=["CN-ZJ", "CN-GD"],
            thresholds_percent=[80, 50],
            cap_fen=500_00,
            carries_over=True,
            first_month="BY_DAYS",
            summary_zh='逗号,引号"和\n换行',
            on_sale_to=NOW + timedelta(days=9, seconds=1),
        )
        tie(make_service(name_zh="=1+1"), "REQUIRES", plan)
        tie(make_offering(kind="ROAMING_PASS", validity_days=7, one_off_fen=1), "EXCLUDES", plan)
        before = catalogue()
        done = bring_in(exported())
        assert {row.outcome for row in done.rows} == {Outcome.UNCHANGED}
        assert len(done.rows) == 3
        assert catalogue() == before

    def test_brings_in_what_is_new_and_ties_within_the_file(self) -> None:
        content = file_of({**NEW, "code": "ADD-ON", "requires": "PLAN-5G"}, NEW)
        bring_in(content)
        plan = Offering.objects.get(code="PLAN-5G")
        assert (plan.price_fen, plan.recurrence, plan.position) == (59_00, "MONTHLY", 100)
        assert list(Offering.objects.get(code="ADD-ON").links.values_list("other_id", "kind")) == [
            ("PLAN-5G", "REQUIRES")
        ]
        assert catalogue()["versions"] == [("ADD-ON", 1, "li"), ("PLAN-5G", 1, "li")]

    def test_changes_nothing_the_second_time(self) -> None:
        content = file_of(NEW)
        bring_in(content)
        before = catalogue()
        assert [row.outcome for row in bring_in(content).rows] == [Outcome.UNCHANGED]
        assert catalogue() == before

    def test_begins_a_version_and_leaves_what_was_sold_alone(self) -> None:
        offering = make_offering()
        order = ask_for(make_line(cash_fen=50_00), offering)
        terms = dict(order.terms)
        bring_in(file_of({"code": offering.code, "price": "6"}))
        order.refresh_from_db()
        assert order.terms == terms
        assert catalogue()["versions"] == [(offering.code, 1, ""), (offering.code, 2, "li")]

    def test_brings_in_nothing_when_one_row_is_refused(self) -> None:
        make_offering()
        before = catalogue()
        with pytest.raises(ImportRefused) as refusal:
            bring_in(file_of(NEW, {**NEW, "code": "BAD", "price": "-1"}))
        assert refusal.value.preview.counts[Outcome.REFUSED] == 1
        assert catalogue() == before

    def test_does_only_what_was_seen(self) -> None:
        offering = make_offering()
        content = file_of({"code": offering.code, "price": "6"})
        digest = preview_import(content=content).digest
        Offering.objects.filter(code=offering.code).update(price_fen=7_00)
        before = catalogue()
        with pytest.raises(PreviewOutdated):
            bring_in(content, seen_digest=digest)
        assert catalogue() == before
        bring_in(content, seen_digest=preview_import(content=content).digest)
        assert Offering.objects.get().price_fen == 6_00

    def test_leaves_what_the_file_does_not_name(self) -> None:
        kept = make_offering()
        bring_in(file_of(NEW))
        assert set(Offering.objects.values_list("code", flat=True)) == {kept.code, "PLAN-5G"}
