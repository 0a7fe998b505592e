"""TMF630 hubs: made, looked at and removed by the partner they belong to, below each API's base path."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.utils import timezone

from kernel.rest.registry import list_apis
from partners.models import Hub
from partners.operations.customer_tokens import make_customer_token
from tests.factories.billing import make_line
from tests.factories.partners import PREPAY, Partner, make_hub, make_partner
from tests.rest.documents import undocumented, unlike_published
from tests.rest.test_every_resource import refusal

pytestmark = pytest.mark.django_db

PATH = f"{PREPAY}/hub"
BODY = {"callback": "http://127.0.0.1:9/events", "query": "eventType=TopupBalanceCreateEvent&status=completed"}


@pytest.fixture
def partner() -> Partner:
    return make_partner()


def path_of(hub: Hub) -> str:
    return f"{PATH}/{hub.id}"


class TestMake:
    def test_answers_with_where_it_is(self, partner: Partner) -> None:
        made = partner.post(PATH, BODY, key="k")
        assert made.status_code == 201, made.content
        hub = Hub.objects.get()
        address = f"{settings.PUBLIC_URL}{path_of(hub)}"
        assert made["Location"] == address
        assert made.json() == {"id": str(hub.id), "href": address, **BODY, "@type": "EventSubscription"}
        assert undocumented("POST", PATH, made) == []
        again = partner.post(f"{PATH}/", BODY, key="k")
        assert (again.status_code, again.content, Hub.objects.count()) == (201, made.content, 1)
        # The answer is kept for repeats, so the secret is read apart.
        found = partner.get(path_of(hub))
        assert found.json() == {**made.json(), "secret": found.json()["secret"]}
        assert found.json()["secret"].startswith("whsec_")
        assert found.json()["secret"] not in hub.sealed_secret
        assert undocumented("GET", f"{PATH}/{{id}}", found) == []

    @pytest.mark.parametrize("api", list_apis(), ids=lambda api: api.name)
    def test_is_there_for_every_api(self, partner: Partner, api: Any) -> None:
        path = f"{api.base_path}/hub"
        made = partner.post(path, {"callback": "http://127.0.0.1:9/"}, key="k")
        assert made.status_code == 201, made.content
        assert undocumented("POST", path, made) == []
        assert not unlike_published(api, "EventSubscription", made.json())
        assert [hub["id"] for hub in partner.get(path).json()] == [made.json()["id"]]
        assert partner.call("DELETE", f"{path}/{made.json()['id']}").status_code == 204

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ({}, "ATTRIBUTE_INVALID"),
            ({"callback": 1}, "ATTRIBUTE_INVALID"),
            ({"callback": "http://127.0.0.1:9/", "colour": "red"}, "ATTRIBUTE_INVALID"),
            ({"callback": "no address"}, "CALLBACK_REFUSED"),
            ({"callback": "http://10.0.0.1/"}, "CALLBACK_REFUSED"),
            ({"callback": "https://169.254.169.254/latest/meta-data/"}, "CALLBACK_REFUSED"),
            ({"callback": "http://[::ffff:127.0.0.1]/"}, "CALLBACK_REFUSED"),
            ({"callback": "http://127.0.0.1:9/", "query": "eventType"}, "HUB_QUERY_INVALID"),
            ({"callback": "http://127.0.0.1:9/", "query": "eventType=SomethingEvent"}, "HUB_QUERY_INVALID"),
            ({"callback": "http://127.0.0.1:9/", "query": "eventType=CustomerBillCreateEvent"}, "HUB_QUERY_INVALID"),
            ({"callback": "http://127.0.0.1:9/", "query": "colour=red"}, "HUB_QUERY_INVALID"),
            (
                {
                    "callback": "http://127.0.0.1:9/",
                    "query": "eventType=TopupBalanceCreateEvent&remainingValue.units=a",
                },
                "HUB_QUERY_INVALID",
            ),
        ],
    )
    def test_refuses_what_cannot_be(self, partner: Partner, body: dict[str, Any], code: str) -> None:
        response = partner.post(PATH, body, key="k")
        assert refusal(response) == (400, code)
        assert undocumented("POST", PATH, response) == []
        assert not Hub.objects.exists()

    def test_has_an_end(self, partner: Partner, settings: Any) -> None:
        settings.HUBS_PER_PARTNER = 1
        make_hub(partner)
        assert refusal(partner.post(PATH, BODY, key="k")) == (409, "TOO_MANY_HUBS")
        make_hub(make_partner())
        assert Hub.objects.count() == 2


@pytest.fixture
def own_token() -> Partner:
    _token, written = make_customer_token(
        line=make_line(), name="own", lifetime=timedelta(days=1), request_key=uuid.uuid4(), now=timezone.now()
    )
    return Partner("", written)


class TestAccess:
    def test_is_limited_to_the_partners_own(self, partner: Partner) -> None:
        hub = make_hub(partner)
        stranger = make_partner()
        assert stranger.get(PATH).json() == []
        refused = [stranger.call(method, path_of(hub)) for method in ("GET", "DELETE")]
        assert [refusal(response)[0] for response in refused] == [404, 404]
        assert refusal(partner.get(f"/tmf-api/customerBillManagement/v4/hub/{hub.id}"))[0] == 404
        assert refusal(partner.get(f"{PATH}/nobody"))[0] == 404
        assert refusal(partner.patch(path_of(hub), {}))[0] == 405
        assert Hub.objects.get().removed_at is None

    def test_needs_the_scope_of_what_is_told(self) -> None:
        reader, other = make_partner(scope="balance:read"), make_partner(scope="bill:read balance:write")
        assert reader.post(PATH, BODY, key="k").status_code == 201
        refused = [other.post(PATH, BODY, key="k"), other.get(PATH), other.call("DELETE", path_of(Hub.objects.get()))]
        assert [refusal(response) for response in refused] == [(403, "SCOPE_MISSING")] * 3

    def test_is_not_for_a_customers_own_token(self, own_token: Partner) -> None:
        assert refusal(own_token.post(PATH, BODY, key="k")) == (403, "HUB_NEEDS_PARTNER")
        assert own_token.get(PATH).json() == []


class TestRemove:
    def test_ends_it(self, partner: Partner) -> None:
        hub = make_hub(partner)
        removed = partner.call("DELETE", path_of(hub))
        assert (removed.status_code, removed.content) == (204, b"")
        assert partner.get(PATH).json() == []
        assert refusal(partner.get(path_of(hub)))[0] == refusal(partner.call("DELETE", path_of(hub)))[0] == 404
        assert Hub.objects.get().removed_at is not None
