from typing import Any

import pytest
from django.test import Client

from packages_app.models import Offering, OfferingAllowance, OfferingVersion, UsageKind
from packages_app.operations.keep_offering import OfferingChanged
from packages_app.sheets.draft import draft_of, texts_of
from tests.factories.accounts import staff_client
from tests.factories.packages_app import GB, make_offering, make_plan, make_service, tie

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
    "one_off": "",
    "first_month": "BY_DAYS",
    "validity_days": "",
    "commitment_months": "0",
    "allowances": "DATA 60GB\r\nDATA 10GB TIME 23:00-07:00\r\nVOICE 800min",
    "carries_over": "on",
    "thresholds_percent": "100 80",
    "unit_prices": "DATA 5/GB\r\nVOICE 0.15/min",
    "cap": "500",
    "provinces": "广东 CN-ZJ",
    "minimum_star": "0",
    "points_price": "0",
    "requires": "",
    "excludes": "",
    "on_sale_from_0": "2026-01-01",
    "on_sale_from_1": "00:00:00",
    "on_sale_to_0": "",
    "on_sale_to_1": "",
}


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


def included(code: str) -> list[tuple[str, int]]:
    return list(OfferingAllowance.objects.filter(offering_id=code).values_list("usage_kind", "amount"))


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
        assert (offering.one_off_fen, offering.cap_fen, offering.thresholds_percent) == (0, 500_00, [80, 100])
        assert (offering.provinces, offering.carries_over, offering.first_month) == (
            ["CN-GD", "CN-ZJ"],
            True,
            "BY_DAYS",
        )
        assert included("PLAN-99") == [
            (UsageKind.DATA, 60 * GB),
            (UsageKind.DATA, 10 * GB),
            (UsageKind.VOICE, 800 * 60),
        ]
        prices = offering.unit_prices.values_list("usage_kind", "region", "price_li", "per_amount")
        assert list(prices) == [("DATA", "", 5_000, GB), ("VOICE", "", 150, 60)]
        history = OfferingVersion.objects.get()
        assert (history.version, history.author.startswith("supervisor-")) == (1, True)

    def test_finds_the_form_filled_with_what_is_sold_and_changes_it(self, supervisor: Client) -> None:
        plan = make_plan()
        address = f"{LIST}{plan.code}/change/"
        values = form_of(supervisor.get(address))
        assert (values["price"], values["allowances"]) == ("59.00", "DATA 30GB\nVOICE 500min")
        answer = supervisor.post(address, values | {"price": "49", "allowances": "DATA 30GB; SMS 100"})
        assert answer.status_code == 302
        assert Offering.objects.get().price_fen == 49_00
        assert included(plan.code) == [(UsageKind.DATA, 30 * GB), (UsageKind.SMS, 100)]

    def test_changes_nothing_by_saving_the_form_as_it_is(self, supervisor: Client) -> None:
        supervisor.post(f"{LIST}add/", NEW)
        address = f"{LIST}PLAN-99/change/"
        before = texts_of(draft_of(Offering.objects.get()))
        answer = supervisor.post(address, form_of(supervisor.get(address)))
        assert answer.status_code == 302
        assert texts_of(draft_of(Offering.objects.get())) == before
        assert OfferingVersion.objects.count() == 1

    def test_overwrites_nothing_that_somebody_else_changed_meanwhile(self, supervisor: Client) -> None:
        plan = make_plan()
        address = f"{LIST}{plan.code}/change/"
        opened = form_of(supervisor.get(address))
        assert supervisor.post(address, opened | {"price": "49"}).status_code == 302
        answer = supervisor.post(address, opened | {"name_en": "Gust"}, follow=True)
        assert [str(message) for message in answer.context["messages"]][-1] == str(OfferingChanged())
        assert form_of(answer)["price"] == "49.00"
        kept = Offering.objects.get()
        assert (kept.price_fen, kept.name_en) == (49_00, "Breeze 59")

    def test_sees_who_changed_what_when(self, supervisor: Client) -> None:
        plan = make_plan()
        address = f"{LIST}{plan.code}/change/"
        supervisor.post(address, form_of(supervisor.get(address)) | {"price": "49", "allowances": "DATA 40GB"})
        page = supervisor.get(address)
        newest, first = page.context["related_tables"][0].rows
        assert (newest[0], first[0]) == (2, 1)
        assert newest[2].startswith("supervisor-")
        assert "59.00 → 49.00" in newest[3]
        assert "DATA 30GB; VOICE 500min → DATA 40GB" in newest[3]
        assert first[3] == "–"

    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("price", "-1"),
            ("price", "1.001"),
            ("price", "1e3"),
            ("price", ""),
            ("cap", "x"),
            ("one_off", "1000001"),
            ("allowances", "DATA"),
            ("allowances", "DATA -1GB"),
            ("allowances", "DATA 0GB"),
            ("allowances", "MONEY 5"),
            ("allowances", "DATA 5GB TIME 25:00-07:00"),
            ("allowances", "DATA 5GB TIME 07:00-07:00"),
            ("allowances", "DATA 5GB REGION XX"),
            ("allowances", "DATA 5GB APP V_D"),
            ("allowances", "VOICE 5min APP video"),
            ("allowances", "DATA 5GB; DATA 6GB"),
            ("allowances", "DATA 5GB MOON full"),
            ("carries_over", "on"),
            ("unit_prices", "DATA 5"),
            ("unit_prices", "DATA 5/min"),
            ("unit_prices", "DATA 5/0GB"),
            ("unit_prices", "DATA 0.0001/GB"),
            ("unit_prices", "DATA 5/GB; DATA 6/GB"),
            ("unit_prices", "DATA CN-GD 5/GB"),
            ("thresholds_percent", "0 80"),
            ("thresholds_percent", "80 101"),
            ("thresholds_percent", "half"),
            ("provinces", "CN-XX"),
            ("minimum_star", "6"),
            ("validity_days", "7"),
            ("commitment_months", "-1"),
            ("requires", "PLAN-99"),
            ("excludes", "NO-SUCH"),
            ("recurrence", "ONCE"),
            ("code", "-"),
            ("code", "流量"),
            ("kind", "GIFT"),
            ("name_zh", ""),
            ("on_sale_to_0", "2025-01-01"),
        ],
    )
    def test_is_told_beside_the_field_what_is_wrong(self, field: str, value: str, supervisor: Client) -> None:
        sound = {"allowances": "", "carries_over": "", "on_sale_to_1": "00:00:00" if field == "on_sale_to_0" else ""}
        answer = supervisor.post(f"{LIST}add/", NEW | sound | {field: value})
        assert answer.status_code == 200
        assert list(answer.context["adminform"].form.errors) == [field.removesuffix("_0")]
        assert (Offering.objects.count(), OfferingAllowance.objects.count()) == (0, 0)

    def test_adds_what_the_same_form_without_faults_says(self, supervisor: Client) -> None:
        sound = {"allowances": "", "carries_over": ""}
        assert supervisor.post(f"{LIST}add/", NEW | sound).status_code == 302

    def test_cannot_let_two_offerings_wait_for_each_other(self, supervisor: Client) -> None:
        plan, service, other = make_plan(), make_service(), make_service()
        tie(other, "REQUIRES", service)
        tie(service, "REQUIRES", plan)
        address = f"{LIST}{plan.code}/change/"
        answer = supervisor.post(address, form_of(supervisor.get(address)) | {"requires": other.code})
        assert list(answer.context["adminform"].form.errors) == ["requires"]
        assert not plan.links.exists()

    def test_ties_offerings(self, supervisor: Client) -> None:
        plan, service = make_plan(), make_service()
        address = f"{LIST}{service.code}/change/"
        answer = supervisor.post(address, form_of(supervisor.get(address)) | {"requires": plan.code})
        assert answer.status_code == 302
        assert list(service.links.values_list("other_id", "kind")) == [(plan.code, "REQUIRES")]
        assert form_of(supervisor.get(address))["requires"] == plan.code

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
        assert "DATA 1GB" in page
        assert clerk.post(address, NEW).status_code == 403
        assert clerk.get(f"{LIST}add/").status_code == 403
        assert Offering.objects.get().name_zh == "1GB流量包"

    def test_sees_the_list(self) -> None:
        make_offering()
        page = staff_client("clerk").get(LIST, {"q": "流量"}).content.decode()
        assert "1GB流量包" in page
        assert "5.00" in page
