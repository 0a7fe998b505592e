from typing import Any

import pytest
from django.test import Client

from packages_app.models import Offering, OfferingAllowance, UsageKind
from tests.factories.accounts import staff_client
from tests.factories.packages_app import GB, make_offering, make_plan

pytestmark = pytest.mark.django_db

LIST = "/staff/packages_app/offering/"
NEW = {
    "code": "PLAN-99",
    "kind": "PLAN",
    "name_zh": "畅享套餐99元",
    "name_en": "Breeze 99",
    "summary_zh": "",
    "summary_en": "",
    "position": "20",
    "price": "99.90",
    "recurrence": "MONTHLY",
    "head": "PLAN",
    "provider_name": "",
    "data_mb": "61440",
    "voice_minutes": "800",
    "sms_count": "0",
    "on_sale_from_0": "2026-01-01",
    "on_sale_from_1": "00:00:00",
    "on_sale_to_0": "",
    "on_sale_to_1": "",
}


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


def included(code: str) -> dict[str, int]:
    return dict(OfferingAllowance.objects.filter(offering_id=code).values_list("usage_kind", "amount"))


def form_of(answer: Any) -> dict[str, Any]:
    """Read back what the page's form holds, as a browser would send it."""
    form = answer.context["adminform"].form
    values: dict[str, Any] = {name: form[name].value() for name in form.fields}
    values |= {"on_sale_from_0": "2026-01-01", "on_sale_from_1": "00:00:00"}
    return {name: value for name, value in values.items() if value is not None}


class TestSupervisor:
    def test_adds_an_offering_in_yuan_and_everyday_units(self, supervisor: Client) -> None:
        answer = supervisor.post(f"{LIST}add/", NEW)
        assert (answer.status_code, answer["Location"]) == (302, LIST)
        offering = Offering.objects.get()
        assert (offering.code, offering.price_fen, offering.position) == ("PLAN-99", 99_90, 20)
        assert included("PLAN-99") == {UsageKind.DATA: 60 * GB, UsageKind.VOICE: 800 * 60}

    def test_finds_the_form_filled_with_what_is_sold_and_changes_it(self, supervisor: Client) -> None:
        plan = make_plan()
        address = f"{LIST}{plan.code}/change/"
        values = form_of(supervisor.get(address))
        assert (values["price"], values["data_mb"], values["voice_minutes"]) == ("59.00", 30 * 1024, 500)
        answer = supervisor.post(address, values | {"price": "49", "voice_minutes": "0", "sms_count": "100"})
        assert answer.status_code == 302
        assert Offering.objects.get().price_fen == 49_00
        assert included(plan.code) == {UsageKind.DATA: 30 * GB, UsageKind.SMS: 100}

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price", "-1"),
            ("price", "1.001"),
            ("price", "1e3"),
            ("price", ""),
            ("data_mb", "-1"),
            ("data_mb", "10000001"),
            ("kind", "GIFT"),
            ("name_zh", ""),
            ("on_sale_to_0", "2025-01-01"),
        ],
    )
    def test_is_told_beside_the_field_what_is_wrong(self, field: str, value: str, supervisor: Client) -> None:
        answer = supervisor.post(f"{LIST}add/", NEW | {"on_sale_to_1": "00:00:00", field: value})
        assert answer.status_code == 200
        assert answer.context["errors"]
        assert (Offering.objects.count(), OfferingAllowance.objects.count()) == (0, 0)

    def test_must_name_for_whom_money_is_collected(self, supervisor: Client) -> None:
        answer = supervisor.post(f"{LIST}add/", NEW | {"head": "THIRD_PARTY"})
        assert answer.status_code == 200
        assert Offering.objects.count() == 0

    def test_cannot_change_the_code(self, supervisor: Client) -> None:
        plan = make_plan()
        address = f"{LIST}{plan.code}/change/"
        supervisor.post(address, form_of(supervisor.get(address)) | {"code": "OTHER"})
        assert Offering.objects.get().code == plan.code

    def test_cannot_delete(self, supervisor: Client) -> None:
        plan = make_plan()
        assert supervisor.post(f"{LIST}{plan.code}/delete/", {"post": "yes"}).status_code == 403
        assert Offering.objects.get() == plan


class TestClerk:
    def test_looks_and_changes_nothing(self) -> None:
        offering = make_offering()
        clerk = staff_client("clerk")
        address = f"{LIST}{offering.code}/change/"
        page = clerk.get(address).content.decode()
        assert "5.00" in page
        assert "1 GB" in page
        assert clerk.post(address, NEW).status_code == 403
        assert clerk.get(f"{LIST}add/").status_code == 403
        assert Offering.objects.get().name_zh == "1GB流量包"

    def test_sees_the_list(self) -> None:
        make_offering()
        page = staff_client("clerk").get(LIST, {"q": "流量"}).content.decode()
        assert "1GB流量包" in page
        assert "5.00" in page
