import pytest

from packages_app.operations.import_offerings import Outcome, import_offerings, preview_import
from packages_app.queries.catalogue import list_all_offerings, list_whole_catalogue
from packages_app.queries.terms import get_terms
from packages_app.sheets.catalogue_file import write_file
from packages_app.sheets.draft import draft_of
from portal.demo import catalogue
from tests.factories.billing import NOW

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def sold() -> None:
    import_offerings(content=catalogue.read_catalogue_file(), author="demo", now=NOW)


class TestReadCatalogueFile:
    def test_is_what_the_desk_would_export(self) -> None:
        exported = b"".join(write_file(draft_of(offering) for offering in list_whole_catalogue()))
        assert {row.outcome for row in preview_import(content=exported).rows} == {Outcome.UNCHANGED}
        columns, *rows = catalogue.read_catalogue_file().decode("utf-8-sig").splitlines()
        assert columns == exported.decode("utf-8-sig").splitlines()[0]
        assert len(rows) > 30

    def test_has_what_demo_people_have(self) -> None:
        named = {*catalogue.PLANS, *catalogue.MONTHLY_PACKS, *catalogue.PACKS, *catalogue.VALUE_ADDED}
        assert named <= {offering.code for offering in list_all_offerings()}

    def test_shows_every_kind_of_term(self) -> None:
        terms = {offering.code: get_terms(offering) for offering in list_all_offerings()}
        allowances = [part for offered in terms.values() for part in offered["allowances"]]
        assert {part["scope"] for part in allowances} == {"GENERAL", "APP", "REGION", "TIME"}
        assert any(part["is_shared"] for part in allowances)
        joy = terms[catalogue.JOY_59]
        assert (joy["first_month"], joy["carries_over"], joy["cap_fen"]) == ("BY_DAYS", True, 500_00)
        home = {(price["usage_kind"], price["price_li"]) for price in joy["unit_prices"] if not price["region"]}
        assert home == {("DATA", 5_000), ("VOICE", 150), ("SMS", 100)}
        assert {offered["validity_days"] for offered in terms.values()} == {None, 1, 7, 30}
        assert {offered["commitment_months"] for offered in terms.values()} == {0, 12, 24}
