from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from packages_app.models import Offering, OfferingVersion
from tests.factories.accounts import staff_client
from tests.factories.packages_app import make_offering

pytestmark = pytest.mark.django_db

IMPORT = "/staff/packages_app/offering/import/"
EXPORT = "/staff/packages_app/offering/export/"


@pytest.fixture
def product() -> Client:
    return staff_client("product")


def upload(browser: Client, content: str | bytes) -> Any:
    content = content.encode() if isinstance(content, str) else content
    return browser.post(IMPORT, {"file": SimpleUploadedFile("catalogue.csv", content, "text/csv")})


def confirm(browser: Client, preview: Any) -> Any:
    seen = preview.context["seen"]
    return browser.post(IMPORT, {name: seen[name].value() for name in ("content", "digest")})


class TestImportFile:
    def test_shows_what_would_change_and_changes_it_when_confirmed(self, product: Client) -> None:
        offering = make_offering()
        preview = upload(product, f"code,price,allowances\n{offering.code},6,DATA 2GB\n")
        page = preview.content.decode()
        assert "5.00 → 6.00" in page
        assert "DATA 1GB → DATA 2GB" in page
        assert Offering.objects.get().price_fen == 5_00
        answer = confirm(product, preview)
        assert (answer.status_code, answer["Location"]) == (302, "/staff/packages_app/offering/")
        assert Offering.objects.get().price_fen == 6_00
        newest = OfferingVersion.objects.order_by("-version")[0]
        assert (newest.version, newest.author.startswith("product-")) == (2, True)
        assert LogEntry.objects.get().object_id == offering.code

    def test_changes_nothing_when_confirmed_twice(self, product: Client) -> None:
        offering = make_offering()
        preview = upload(product, f"code,price\n{offering.code},6\n")
        confirm(product, preview)
        again = confirm(product, preview)
        # The catalogue is not as the preview said any more: there is nothing left to confirm.
        assert again.status_code == 200
        assert again.context["seen"] is None
        assert OfferingVersion.objects.count() == 2

    def test_shows_a_new_preview_when_somebody_was_faster(self, product: Client) -> None:
        offering = make_offering()
        preview = upload(product, f"code,price\n{offering.code},6\n")
        Offering.objects.update(price_fen=7_00)
        answer = confirm(product, preview)
        assert "7.00 → 6.00" in answer.content.decode()
        assert Offering.objects.get().price_fen == 7_00
        assert confirm(product, answer).status_code == 302
        assert Offering.objects.get().price_fen == 6_00

    def test_names_row_and_reason_and_offers_no_confirmation(self, product: Client) -> None:
        offering = make_offering()
        preview = upload(product, f"code,price\n{offering.code},6\nNEW,7\n")
        assert preview.context["seen"] is None
        assert [(row["number"], row["is_refused"]) for row in preview.context["rows"]] == [(3, True), (2, False)]
        assert preview.context["rows"][0]["lines"]

    def test_says_what_is_wrong_with_a_file(self, product: Client) -> None:
        answer = upload(product, "colour\nred\n")
        assert answer.context["form"].errors["file"]
        assert product.post(IMPORT).context["form"].errors["file"]

    def test_refuses_a_damaged_confirmation(self, product: Client) -> None:
        make_offering()
        answer = product.post(IMPORT, {"content": "%%%", "digest": "0" * 64})
        assert answer.status_code == 200
        assert OfferingVersion.objects.count() == 1

    def test_is_closed_to_those_who_only_look(self) -> None:
        clerk = staff_client("clerk")
        assert (clerk.get(IMPORT).status_code, clerk.post(IMPORT).status_code) == (403, 403)

    def test_asks_for_a_sign_in(self) -> None:
        assert Client().get(IMPORT).status_code == 302


class TestExportFile:
    def test_gives_what_import_takes_back(self, product: Client) -> None:
        make_offering(provinces=["CN-GD"])
        answer = product.get(EXPORT)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        preview = upload(product, answer.getvalue())
        assert [row["lines"] for row in preview.context["rows"]] == [[]]
        assert preview.context["seen"] is None

    def test_is_open_to_those_who_may_look(self) -> None:
        assert staff_client("clerk").get(EXPORT).status_code == 200

    def test_asks_for_a_sign_in(self) -> None:
        assert Client().get(EXPORT).status_code == 302


class TestList:
    def test_leads_to_both(self, product: Client) -> None:
        page = product.get("/staff/packages_app/offering/").content.decode()
        assert IMPORT in page
        assert EXPORT in page
        assert IMPORT not in staff_client("clerk").get("/staff/packages_app/offering/").content.decode()
