"""Documents, cards, numbers and owners at the staff desk, as a clerk meets them."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import Account, IdentityDocument, Line, LineAct, SimCard
from accounts.operations.documents import ShownDocument
from accounts.queries.lines import get_line_by_msisdn
from kernel.phone import national_number
from kernel.read_only_admin import record_url
from packages_app.operations.open_line import open_line
from tests.factories.accounts import fresh_document, fresh_msisdn, fresh_sim, staff_client
from tests.factories.billing import NOW
from tests.factories.packages_app import make_plan

pytestmark = pytest.mark.django_db

CHANGE_NUMBER = "/staff/packages_app/subscription/change-number/"
HAND_OVER = "/staff/packages_app/subscription/hand-over/"
OWNER = {"document_kind": "PASSPORT", "document_number": "E12345678"}


@pytest.fixture
def line() -> Line:
    return open_line(
        customer_name="陈晓雨", document=ShownDocument("PASSPORT", "E12345678"), msisdn=fresh_msisdn(),
        province="CN-GD", language="zh-hans", offering_code=make_plan(price_fen=0).code,
        sim=fresh_sim(puk="97531864"), now=NOW,
    )  # fmt: skip


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


def page_of(row: Any) -> str:
    return record_url(admin.site.get_model_admin(type(row)), row)


def question(row: Any, name: str) -> str:
    return page_of(row).replace("/change/", f"/{name}/").replace("_2C", ",")


class TestDocument:
    def test_is_revealed_to_supervisors_who_say_why(self, line: Line, clerk: Client) -> None:
        address = question(IdentityDocument.objects.get(), "reveal")
        assert clerk.post(address, {"reason": "curious"}).status_code == 403
        supervisor = staff_client("supervisor")
        assert "E12345678" not in supervisor.get(page_of(IdentityDocument.objects.get())).content.decode()
        assert "E12345678" not in supervisor.post(address, {"reason": ""}).content.decode()
        assert LineAct.objects.count() == 0
        answer = supervisor.post(address, {"reason": "police letter 12"})
        assert "E12345678" in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
        assert LineAct.objects.get().reason == "police letter 12"

    def test_is_recorded_anew(self, line: Line, clerk: Client) -> None:
        document = fresh_document()
        entered = {"document_kind": document.kind, "document_number": document.number, "reason": "new card"}
        answer = clerk.post(question(line.account, "record-document"), entered, follow=True)
        assert answer.status_code == 200
        assert IdentityDocument.objects.get().kind == "RESIDENT_CARD"
        assert document.number not in answer.content.decode()

    def test_says_what_is_wrong_with_the_number(self, line: Line, clerk: Client) -> None:
        entered = {"document_kind": "RESIDENT_CARD", "document_number": "999999194912310051", "reason": "new card"}
        answer = clerk.post(question(line.account, "record-document"), entered)
        assert set(answer.context["form"].errors) == {"document_number"}
        assert IdentityDocument.objects.get().kind == "PASSPORT"


class TestSim:
    def test_is_changed_with_reason(self, line: Line, clerk: Client) -> None:
        sim = fresh_sim()
        entered = {"why": "LOST", "iccid": sim.iccid, "puk": sim.puk, "reason": "police report seen"}
        assert clerk.post(question(line, "change-sim"), entered).status_code == 302
        assert SimCard.objects.get(to_at=None).iccid == sim.iccid
        history = clerk.get(page_of(line)).content.decode()
        assert ("police report seen" in history, sim.iccid in history) == (True, True)

    def test_tells_the_puk_to_who_says_why(self, line: Line, clerk: Client) -> None:
        assert "97531864" not in clerk.post(question(line, "puk"), {"reason": ""}).content.decode()
        assert "97531864" in clerk.post(question(line, "puk"), {"reason": "caller knows the password"}).content.decode()
        assert "97531864" not in clerk.get(page_of(line)).content.decode()

    @pytest.mark.parametrize("role", ["finance", "auditor"])
    def test_is_not_for_those_who_only_look(self, line: Line, role: str) -> None:
        desk = staff_client(role)
        assert desk.get(question(line, "change-sim")).status_code == 403
        assert desk.post(question(line, "puk"), {"reason": "x"}).status_code == 403
        assert LineAct.objects.count() == 0


class TestNumber:
    def entered(self, line: Line, **changes: Any) -> dict[str, Any]:
        return {
            "msisdn": national_number(line.msisdn), **OWNER, "new_msisdn": national_number(fresh_msisdn()),
            "reason": "wants an easier one", "seen": "on", **changes,
        }  # fmt: skip

    def test_is_changed_once_somebody_looked(self, line: Line, clerk: Client) -> None:
        entered = self.entered(line)
        assert clerk.post(CHANGE_NUMBER, entered).status_code == 302
        assert get_line_by_msisdn(f"+86{entered['new_msisdn']}").id == line.id

    @pytest.mark.parametrize(
        ("changes", "fields"),
        [
            ({"seen": ""}, {"seen"}),
            ({"reason": ""}, {"reason"}),
            ({"new_msisdn": "123"}, {"new_msisdn"}),
            ({"document_number": "E87654321"}, {"document_number"}),
            ({"msisdn": "13612340000"}, {"msisdn"}),
        ],
    )
    def test_stays_when_something_is_missing(
        self, line: Line, clerk: Client, changes: dict[str, str], fields: set[str]
    ) -> None:
        answer = clerk.post(CHANGE_NUMBER, self.entered(line, **changes))
        assert set(answer.context["form"].errors) == fields
        assert get_line_by_msisdn(line.msisdn).id == line.id

    def test_goes_to_another_owner(self, line: Line, clerk: Client) -> None:
        new = fresh_document()
        entered = {
            "msisdn": national_number(line.msisdn), **OWNER, "new_customer_name": "新主", "province": "CN-ZJ",
            "new_document_kind": new.kind, "new_document_number": new.number, "language": "en",
            "offering": make_plan(price_fen=0).code, "reason": "sold", "seen": "on",
        }  # fmt: skip
        wrong = clerk.post(HAND_OVER, {**entered, "new_document_number": "1"})
        assert set(wrong.context["form"].errors) == {"new_document_number"}
        assert Account.objects.count() == 1
        assert clerk.post(HAND_OVER, entered).status_code == 302
        assert get_line_by_msisdn(line.msisdn).account_id != line.account_id

    @pytest.mark.parametrize("address", [CHANGE_NUMBER, HAND_OVER])
    def test_is_offered_to_clerks_alone(self, line: Line, clerk: Client, address: str) -> None:
        assert address in clerk.get(page_of(line)).content.decode()
        assert clerk.get(address, {"msisdn": line.msisdn}).status_code == 200
        for role in ("finance", "auditor", "product"):
            assert staff_client(role).post(address, {}).status_code == 403
