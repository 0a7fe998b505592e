from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client

from accounts.models import Account, Line, LineState, NumberDirectory
from channels.models import Interaction
from kernel.ids import NIL, PublicId
from packages_app.models import Bucket, UsageKind
from tests.factories import usage
from tests.factories.billing import NOW, make_line
from tests.factories.partners import PREPAY, Partner, make_partner

pytestmark = pytest.mark.django_db
URL = f"{PREPAY}/bucket"
MB = 1024**2
CYCLE = {"startDateTime": "2026-10-31T16:00:00Z", "endDateTime": "2026-11-30T16:00:00Z"}


@pytest.fixture(autouse=True)
def _at_noon() -> Any:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def line() -> Line:
    """A line with 86.50 yuan, 1.25 GB of 10 GB and 100 texts left."""
    line = make_line(cash_fen=80_00, bonus_fen=6_50, name="陈晓雨")
    data = usage.make_bucket(line, 10 * 1024 * MB)
    Bucket.objects.filter(account_id=data.account_id, id=data.id).update(used=(10 * 1024 - 1280) * MB)
    usage.make_bucket(line, 100, usage_kind=UsageKind.SMS, name="短信包", name_en="Text pack")
    return line


@pytest.fixture
def partner(line: Line) -> Partner:
    return make_partner(line)


def number_of(line: Line) -> str:
    return line.msisdn.removeprefix("+86")


def kinds(response: Any) -> list[str]:
    assert response.status_code in (200, 206), response.content
    return sorted(bucket["usageType"] for bucket in response.json())


def one(partner: Partner, usage_type: str) -> dict[str, Any]:
    response = partner.get(URL, usageType=usage_type)
    [bucket] = response.json()
    return bucket  # type: ignore[no-any-return]


class TestBucket:
    def test_of_money_is_the_wallet(self, partner: Partner, line: Line) -> None:
        wallet = str(PublicId(line.account_id, NIL))
        customer_id = Account.objects.get(id=line.account_id).customer_id
        assert one(partner, "monetary") == {
            "id": wallet,
            "href": f"{settings.PUBLIC_URL}{URL}/{wallet}",
            "name": "Wallet",
            "confirmationDate": "2026-11-22T06:30:00Z",
            "status": "active",
            "usageType": "monetary",
            "isShared": False,
            "remainingValue": {"amount": 86.5, "units": "CNY"},
            "remainingValueName": "86.50 yuan",
            "reservedValue": {"amount": 0, "units": "CNY"},
            "validFor": {"startDateTime": "2026-11-22T06:30:00Z"},
            "logicalResource": [{"id": number_of(line), "value": number_of(line), "@referredType": "LogicalResource"}],
            "partyAccount": {"id": str(line.account_id), "@referredType": "BillingAccount"},
            "relatedParty": [{"id": str(customer_id), "name": "陈**", "role": "customer", "@referredType": "Customer"}],
            "@type": "Bucket",
        }

    def test_of_data_is_an_allowance_in_force(self, partner: Partner, line: Line) -> None:
        bucket = Bucket.objects.get(account_id=line.account_id, usage_kind=UsageKind.DATA)
        found = one(partner, "data")
        assert found["id"] == str(PublicId(line.account_id, bucket.id))
        assert found["name"] == "Enjoy 59"
        assert found["remainingValue"] == {"amount": 1280 * MB, "units": "byte"}
        assert found["remainingValueName"] == "1.25 GB"
        assert found["reservedValue"] == {"amount": 0, "units": "byte"}
        assert (found["confirmationDate"], found["validFor"]) == (CYCLE["startDateTime"], CYCLE)
        product_id = str(PublicId(line.account_id, bucket.subscription_id))
        assert found["product"] == [
            {
                "id": product_id,
                "href": f"{settings.PUBLIC_URL}/tmf-api/productInventory/v4/product/{product_id}",
                "name": "Enjoy 59",
                "@referredType": "Product",
            }
        ]

    def test_of_texts_and_voice_have_units_of_their_own(self, partner: Partner, line: Line) -> None:
        usage.make_bucket(line, 30_059, usage_kind=UsageKind.VOICE, name="语音包", name_en="Voice pack")
        sms, voice = one(partner, "sms"), one(partner, "voice")
        assert (sms["remainingValue"], sms["remainingValueName"]) == ({"amount": 100, "units": "message"}, "100 texts")
        assert (voice["remainingValue"], voice["remainingValueName"]) == (
            {"amount": 30_059, "units": "second"},
            "500 min",
        )

    @pytest.mark.parametrize(
        ("cash_fen", "amount"), [(10, 0.1), (30, 0.3), (0, 0), (12_345_678_901, 123456789.01), (-5_01, -5.01)]
    )
    def test_gives_money_to_the_fen(self, cash_fen: int, amount: float) -> None:
        line = make_line(cash_fen=cash_fen, overdraft_fen=10_00)
        assert one(make_partner(line), "monetary")["remainingValue"] == {"amount": amount, "units": "CNY"}

    def test_is_named_in_the_language_asked_for(self, partner: Partner) -> None:
        headers = {"Authorization": f"Bearer {partner.token}", "Accept-Language": "zh-CN"}
        names = [bucket["name"] for bucket in Client().get(URL, headers=headers).json()]
        assert "畅享套餐59元" in names

    def test_of_a_suspended_line_is_suspended(self, partner: Partner, line: Line) -> None:
        Line.objects.filter(account_id=line.account_id).update(state=LineState.SUSPENDED)
        statuses = {bucket["usageType"]: bucket["status"] for bucket in partner.get(URL).json()}
        assert statuses == {"monetary": "active", "data": "suspended", "sms": "suspended"}

    def test_of_a_wallet_names_every_number_that_spends_from_it(self, partner: Partner, line: Line) -> None:
        second = Line.objects.create(account_id=line.account_id, msisdn="+8613912345678", activated_at=NOW)
        assert second.id > line.id
        wallet = one(partner, "monetary")
        assert [number["id"] for number in wallet["logicalResource"]] == [number_of(line), "13912345678"]
        assert wallet["isShared"] is True
        assert one(partner, "data")["isShared"] is False

    def test_that_has_ended_or_has_not_begun_is_not_there(self, partner: Partner, line: Line) -> None:
        ended = usage.make_bucket(line, 5, starts_at=datetime(2026, 9, 30, 16, tzinfo=UTC), name_en="October")
        coming = usage.make_bucket(line, 7, starts_at=datetime(2026, 11, 30, 16, tzinfo=UTC), name_en="December")
        assert kinds(partner.get(URL)) == ["data", "monetary", "sms"]
        paths = [f"{URL}/{PublicId(line.account_id, bucket.id)}" for bucket in (ended, coming)]
        assert [partner.get(path).status_code for path in paths] == [404, 404]

    def test_of_a_closed_line_is_not_there(self, partner: Partner, line: Line) -> None:
        Line.objects.filter(account_id=line.account_id).update(state=LineState.CLOSED)
        [wallet] = partner.get(URL).json()
        assert (wallet["usageType"], wallet["logicalResource"]) == ("monetary", [])


class TestFilters:
    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"usageType": "data"}, ["data"]),
            ({"usageType": "data,sms"}, ["data", "sms"]),
            ({"usageType.regex": "^m"}, ["monetary"]),
            ({"usageType": "gold"}, []),
            ({"status": "active"}, ["data", "monetary", "sms"]),
            ({"status": "suspended"}, []),
            ({"validFor.endDateTime.lt": "2026-12-01T00:00:00Z"}, ["data", "sms"]),
            ({"validFor.endDateTime.gt": "2026-12-01T00:00:00Z"}, []),
            ({"confirmationDate.gt": "2026-11-01T00:00:00Z"}, ["monetary"]),
            ({"usageType": "data", "status": "active"}, ["data"]),
        ],
    )
    def test_pick_buckets(self, partner: Partner, parameters: dict[str, str], found: list[str]) -> None:
        assert kinds(partner.get(URL, **parameters)) == found

    @pytest.mark.parametrize("attribute", ["logicalResource.id", "logicalResource.value"])
    @pytest.mark.parametrize("form", ["{}", "+86{}", "86{}"])
    def test_find_a_number_in_any_form(self, partner: Partner, line: Line, attribute: str, form: str) -> None:
        assert kinds(partner.get(URL, **{attribute: form.format(number_of(line))})) == ["data", "monetary", "sms"]

    def test_find_the_wallet_but_not_the_allowances_of_another_line_of_the_account(
        self, partner: Partner, line: Line
    ) -> None:
        second = Line.objects.create(account_id=line.account_id, msisdn="+8613912345678", activated_at=NOW)
        NumberDirectory.objects.create(msisdn=second.msisdn, account_id=line.account_id, line_id=second.id)
        assert kinds(partner.get(URL, **{"logicalResource.value": "13912345678"})) == ["monetary"]

    def test_find_nothing_by_an_unused_number(self, partner: Partner) -> None:
        assert kinds(partner.get(URL, **{"logicalResource.value": "13999999999"})) == []

    def test_refuse_what_is_no_number(self, partner: Partner) -> None:
        response = partner.get(URL, **{"logicalResource.value": "10086"})
        assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")
        assert "“logicalResource.value”" in response.json()["message"]

    def test_find_by_customer_account_product_and_id(self, partner: Partner, line: Line) -> None:
        data = one(partner, "data")
        assert kinds(partner.get(URL, **{"relatedParty.id": data["relatedParty"][0]["id"]})) == [
            "data",
            "monetary",
            "sms",
        ]
        assert kinds(partner.get(URL, **{"partyAccount.id": data["partyAccount"]["id"]})) == [
            "data",
            "monetary",
            "sms",
        ]
        assert kinds(partner.get(URL, **{"product.id": data["product"][0]["id"]})) == ["data"]
        assert kinds(partner.get(URL, id=data["id"])) == ["data"]

    @pytest.mark.parametrize("attribute", ["relatedParty.id", "partyAccount.id", "product.id", "id"])
    @pytest.mark.parametrize("value", ["nobody", "019aaf00-0000-7000-8000-000000000001", "A" * 44])
    def test_find_nothing_by_an_id_that_is_none(self, partner: Partner, attribute: str, value: str) -> None:
        assert kinds(partner.get(URL, **{attribute: value})) == []

    @pytest.mark.parametrize("name", ["remainingValue", "colour", "account_id", "customer_id", "relatedParty.name"])
    def test_that_are_not_declared_are_refused(self, partner: Partner, name: str) -> None:
        response = partner.get(URL, **{name: "1"})
        assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")
        assert f"“{name}”" in response.json()["message"]


class TestPages:
    def test_run_through_wallets_and_allowances_alike(self, line: Line) -> None:
        lines = [line, *(make_line(cash_fen=100 * number) for number in range(1, 4))]
        partner = make_partner(*lines)
        whole = [bucket["id"] for bucket in partner.get(URL).json()]
        pages = [partner.get(URL, limit="2", offset=str(offset)) for offset in (0, 2, 4)]
        assert [page.status_code for page in pages] == [206, 206, 206]
        assert [page["X-Total-Count"] for page in pages] == ["6", "6", "6"]
        assert [bucket["id"] for page in pages for bucket in page.json()] == whole
        assert len(set(whole)) == 6

    @pytest.mark.parametrize("more", [0, 5])
    def test_cost_the_same_queries_however_many_there_are(
        self, line: Line, more: int, django_assert_num_queries: Any
    ) -> None:
        partner = make_partner(line, *(make_line() for _number in range(more)))
        with django_assert_num_queries(6):  # token, rate, page, names, notes of use and call
            partner.get(URL)

    def test_sort_over_both_kinds(self, partner: Partner) -> None:
        found = [bucket["usageType"] for bucket in partner.get(URL, sort="-usageType").json()]
        assert found == ["sms", "monetary", "data"]


class TestInteraction:
    def test_says_which_account_was_read(self, partner: Partner, line: Line) -> None:
        partner.get(f"{URL}/{PublicId(line.account_id, NIL)}")
        noted = Interaction.objects.values_list("channel", "capability", "outcome", "account_id").get()
        assert noted == ("PARTNER", "GET prepay-balance:bucket-item", "OK", line.account_id)

    def test_says_what_was_refused(self, partner: Partner) -> None:
        partner.get(URL, colour="red")
        noted = Interaction.objects.values_list("channel", "capability", "outcome", "account_id").get()
        assert noted == ("PARTNER", "GET prepay-balance:bucket", "PARAMETER_INVALID", None)
