from typing import Any

import pytest
from django.conf import settings

from accounts.models import Budget
from kernel.models import IdempotencyRecord
from tests.factories.partners import Partner, make_partner
from tests.kernel.rest.counters import make_counter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.rest.counters")]
URL = "/tmf-api/counters/v4/counter"


class TestCreate:
    BODY = {"name": "new", "count": 7}

    def test_answers_the_new_entity_and_its_address(self, partner: Partner) -> None:
        response = partner.post(URL, self.BODY, key="k")
        assert (response.status_code, response["Content-Type"]) == (201, "application/json")
        assert response["Location"] == f"{settings.PUBLIC_URL}{URL}/new"
        assert response.json() == partner.get(f"{URL}/new").json()

    def test_gives_the_same_answer_to_the_same_request(self, partner: Partner) -> None:
        first = partner.post(URL, self.BODY, key="k")
        second = partner.post(URL, b'{ "count": 7, "name": "new" }', key="k")
        assert (second.status_code, second.content, second["Location"]) == (201, first.content, first["Location"])
        assert Budget.objects.filter(key__startswith=partner.client_id).count() == 6

    def test_refuses_another_request_with_the_key(self, partner: Partner) -> None:
        partner.post(URL, self.BODY, key="k")
        response = partner.post(URL, {"name": "other", "count": 7}, key="k")
        assert (response.status_code, response.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert "“Idempotency-Key”" in response.json()["message"]
        assert not Budget.objects.filter(key__endswith="/other").exists()

    def test_keeps_the_keys_of_clients_apart(self, partner: Partner) -> None:
        other = make_partner()
        answers = [caller.post(URL, self.BODY, key="k") for caller in (partner, other)]
        assert [answer.status_code for answer in answers] == [201, 201]
        assert Budget.objects.filter(key__endswith="/new").count() == 2

    @pytest.mark.parametrize("key", [None, "", " ", "k" * 65, "with space", "键"])
    def test_needs_a_key(self, partner: Partner, key: str | None) -> None:
        response = partner.post(URL, self.BODY, key=key)
        assert (response.status_code, response.json()["code"]) == (400, "IDEMPOTENCY_KEY_MISSING")
        assert not IdempotencyRecord.objects.exists()
        assert not Budget.objects.filter(key__endswith="/new").exists()

    def test_keeps_nothing_of_a_refused_request(self, partner: Partner) -> None:
        refused = partner.post(URL, {"name": "new", "count": 1_001}, key="k")
        assert (refused.status_code, refused.json()["code"]) == (422, "COUNTER_TOO_HIGH")
        assert not IdempotencyRecord.objects.exists()
        assert not Budget.objects.filter(key__endswith="/new").exists()
        assert partner.post(URL, self.BODY, key="k").status_code == 201

    @pytest.mark.parametrize(
        ("body", "code"),
        [
            (b'{"name": "new", "count": 7', "BODY_INVALID"),
            (b'{"name": "new", "count": 7, "count": 8}', "BODY_INVALID"),
            (b'{"name": "new", "count": NaN}', "BODY_INVALID"),
            (b"[]", "BODY_INVALID"),
            (b"", "ATTRIBUTE_INVALID"),
            (b'{"name": "' + b"x" * 70_000 + b'", "count": 7}', "BODY_INVALID"),
            ({"name": "new"}, "ATTRIBUTE_INVALID"),
            ({"name": "new", "count": "7"}, "ATTRIBUTE_INVALID"),
            ({"name": "new", "count": True}, "ATTRIBUTE_INVALID"),
            ({"name": "new", "count": 7, "colour": "red"}, "ATTRIBUTE_INVALID"),
        ],
    )
    def test_refuses_a_wrong_body(self, partner: Partner, body: Any, code: str) -> None:
        response = partner.post(URL, body, key="k")
        assert (response.status_code, response.json()["code"]) == (400, code)
        assert Budget.objects.filter(key__startswith=partner.client_id).count() == 5

    @pytest.mark.parametrize("media_type", ["text/plain", "application/xml", "application/x-www-form-urlencoded", ""])
    def test_takes_json_only(self, partner: Partner, media_type: str) -> None:
        response = partner.post(URL, self.BODY, key="k", **{"Content-Type": media_type})
        assert (response.status_code, response.json()["code"]) == (415, "MEDIA_TYPE_NOT_SUPPORTED")
        assert not Budget.objects.filter(key__endswith="/new").exists()

    def test_takes_json_with_its_charset(self, partner: Partner) -> None:
        given = {"Content-Type": "Application/JSON; charset=utf-8"}
        assert partner.post(URL, self.BODY, key="k", **given).status_code == 201

    def test_takes_no_query_parameters(self, partner: Partner) -> None:
        response = partner.post(f"{URL}?dry_run=true", self.BODY, key="k")
        assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")


class TestChange:
    def test_changes_what_was_sent_and_nothing_else(self, partner: Partner) -> None:
        before = partner.get(f"{URL}/a").json()
        response = partner.patch(f"{URL}/a", {"count": 7})
        assert (response.status_code, response.json()) == (200, before | {"count": 7})
        assert partner.get(f"{URL}/a").json() == before | {"count": 7}

    @pytest.mark.parametrize("content_type", ["application/json", "application/merge-patch+json; charset=utf-8"])
    def test_takes_both_kinds(self, partner: Partner, content_type: str) -> None:
        response = partner.patch(f"{URL}/a/", {"endsAt": "2026-03-26T08:32:00.123456+08:00"}, content_type=content_type)
        assert (response.status_code, response.json()["endsAt"]) == (200, "2026-03-26T00:32:00.123456Z")

    def test_takes_away_what_may_be_taken_away(self, partner: Partner) -> None:
        assert partner.patch(f"{URL}/a", {"count": None}).json()["count"] == 0

    def test_of_nothing_changes_nothing(self, partner: Partner) -> None:
        before = partner.get(f"{URL}/a").json()
        assert partner.patch(f"{URL}/a", {"@type": "Counter"}).json() == before

    @pytest.mark.parametrize(
        ("body", "status", "code", "named"),
        [
            ({"id": "b"}, 400, "ATTRIBUTE_INVALID", "id"),
            ({"name": "b"}, 400, "ATTRIBUTE_INVALID", "name"),
            ({"colour": "red"}, 400, "ATTRIBUTE_INVALID", "colour"),
            ({"count": "7"}, 400, "ATTRIBUTE_INVALID", "count"),
            ({"endsAt": None}, 400, "ATTRIBUTE_INVALID", "endsAt"),
            (b"[]", 400, "BODY_INVALID", ""),
            ({"count": 1_001}, 422, "COUNTER_TOO_HIGH", "count"),
        ],
    )
    def test_is_refused_and_changes_nothing(
        self, partner: Partner, body: Any, status: int, code: str, named: str
    ) -> None:
        before = partner.get(f"{URL}/a").json()
        response = partner.patch(f"{URL}/a", body)
        assert (response.status_code, response.json()["code"]) == (status, code)
        assert not named or f"“{named}”" in response.json()["message"]
        assert partner.get(f"{URL}/a").json() == before

    def test_takes_no_other_kind_of_body(self, partner: Partner) -> None:
        response = partner.patch(f"{URL}/a", {"count": 7}, content_type="application/json-patch+json")
        assert (response.status_code, response.json()["code"]) == (415, "MEDIA_TYPE_NOT_SUPPORTED")

    def test_does_not_reach_what_is_not_the_callers(self, partner: Partner) -> None:
        assert partner.patch(f"{URL}/z", {"count": 7}).status_code == 404
        assert Budget.objects.get(key="stranger/z").count == 26

    def test_needs_the_scope(self) -> None:
        reader = make_partner(scope="balance:read")
        make_counter(reader.client_id, "a", 1)
        assert [reader.patch(f"{URL}/a", {"count": 7}).status_code, reader.call("DELETE", f"{URL}/a").status_code] == [
            403,
            403,
        ]
        assert Budget.objects.get(key=f"{reader.client_id}/a").count == 1


class TestRemove:
    def test_takes_it_away(self, partner: Partner) -> None:
        response = partner.call("DELETE", f"{URL}/a")
        assert (response.status_code, response.content) == (204, b"")
        assert partner.get(f"{URL}/a").status_code == 404
        assert partner.call("DELETE", f"{URL}/a").status_code == 404

    def test_does_not_reach_what_is_not_the_callers(self, partner: Partner) -> None:
        assert partner.call("DELETE", f"{URL}/z").status_code == 404
        assert Budget.objects.filter(key="stranger/z").exists()
