from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from accounts.models import Budget
from kernel.models import IdempotencyRecord
from kernel.rest import selection
from tests.factories.partners import Partner, make_partner
from tests.kernel.rest.counters import make_counter

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.kernel.rest.counters")]
URL = "/tmf-api/counters/v4/counter"
BODY = {"name": "new", "count": 7}


def names(response: Any) -> list[str]:
    assert response.status_code in (200, 206), response.content
    return [entity["id"] for entity in response.json()]


class TestList:
    def test_shows_the_callers_own_in_a_fixed_order(self, partner: Partner) -> None:
        assert names(partner.get(URL)) == ["a", "b", "c", "d", "e"]

    def test_gives_every_attribute_that_has_a_value(self, partner: Partner) -> None:
        assert partner.get(URL).json()[0] == {
            "id": "a",
            "href": f"{settings.PUBLIC_URL}{URL}/a",
            "count": 1,
            "name": "a",
            "endsAt": "2026-03-27T00:32:00.104233Z",
            "@type": "Counter",
        }

    def test_is_the_same_with_a_slash_at_the_end(self, partner: Partner) -> None:
        assert names(partner.get(f"{URL}/")) == ["a", "b", "c", "d", "e"]

    def test_is_kept_in_no_cache(self, partner: Partner) -> None:
        assert partner.get(URL)["Cache-Control"] == "no-store"

    @pytest.mark.parametrize(
        ("accepted", "status"),
        [
            ("application/json", 200),
            ("application/json;charset=utf-8", 200),
            ("text/html, application/xhtml+xml, */*;q=0.8", 200),
            ("application/*", 200),
            ("", 200),
            ("text/html", 406),
            ("application/xml", 406),
            ("application/json;q=0, */*", 406),
            ("*/*;q=0", 406),
        ],
    )
    def test_answers_json_to_who_takes_it(self, partner: Partner, accepted: str, status: int) -> None:
        response = partner.call("GET", URL, Accept=accepted)
        assert (response.status_code, response["Content-Type"]) == (status, "application/json")
        assert status == 200 or response.json()["code"] == "NOT_ACCEPTABLE"

    @pytest.mark.parametrize(
        ("parameters", "found"),
        [
            ({"id": "b"}, ["b"]),
            ({"id": "b,d"}, ["b", "d"]),
            ({"id": ["b", "d"]}, ["b", "d"]),
            ({"id": "no/such"}, []),
            ({"count": "3"}, ["c"]),
            ({"count": "3,5"}, ["c", "e"]),
            ({"count.gt": "3"}, ["d", "e"]),
            ({"count.gte": "3"}, ["c", "d", "e"]),
            ({"count.lt": "3"}, ["a", "b"]),
            ({"count.lte": "3"}, ["a", "b", "c"]),
            ({"count.gt": "1", "count.lt": "4"}, ["b", "c"]),
            ({"count": "3", "id": "d"}, []),
            ({"name.regex": "/[ce]$"}, ["c", "e"]),
            ({"endsAt.gte": "2026-03-30T08:32:00.104233+08:00"}, ["d", "e"]),
            ({"endsAt": "2026-03-27T00:32:00.104233Z"}, ["a"]),
        ],
    )
    def test_filters(self, partner: Partner, parameters: dict[str, Any], found: list[str]) -> None:
        response = partner.get(URL, **parameters)
        assert names(response) == found
        assert (response["X-Total-Count"], response["X-Result-Count"]) == (str(len(found)), str(len(found)))

    @pytest.mark.parametrize(
        ("sort", "found"),
        [("count", "abcde"), ("-count", "edcba"), ("-endsAt,count", "edcba"), ("count,-endsAt", "abcde")],
    )
    def test_sorts(self, partner: Partner, sort: str, found: str) -> None:
        assert names(partner.get(URL, sort=sort)) == list(found)

    def test_sorts_equal_ones_in_a_fixed_order(self, partner: Partner) -> None:
        Budget.objects.filter(key__startswith=partner.client_id).update(count=2)
        assert names(partner.get(URL, sort="-count")) == ["a", "b", "c", "d", "e"]

    @pytest.mark.parametrize(
        ("parameters", "status", "found"),
        [
            ({}, 200, "abcde"),
            ({"limit": "2"}, 206, "ab"),
            ({"limit": "2", "offset": "2"}, 206, "cd"),
            ({"limit": "2", "offset": "4"}, 206, "e"),
            ({"offset": "2"}, 200, "cde"),
            ({"limit": "5"}, 200, "abcde"),
            ({"limit": "1000"}, 200, "abcde"),
            ({"offset": "5"}, 200, ""),
            ({"offset": "9", "limit": "2"}, 206, ""),
        ],
    )
    def test_pages(self, partner: Partner, parameters: dict[str, str], status: int, found: str) -> None:
        response = partner.get(URL, **parameters)
        assert (response.status_code, names(response)) == (status, list(found))
        assert (response["X-Total-Count"], response["X-Result-Count"]) == ("5", str(len(found)))

    def test_links_to_the_pages_around(self, partner: Partner) -> None:
        response = partner.get(URL, limit="2", offset="2", sort="-count")
        links = dict(reversed(link.split("; ")) for link in response["Link"].split(", "))
        offsets = {relation: parse_qs(urlsplit(address[1:-1]).query)["offset"] for relation, address in links.items()}
        assert offsets == {'rel="first"': ["0"], 'rel="prev"': ["0"], 'rel="next"': ["4"], 'rel="last"': ["4"]}
        assert links['rel="next"'] == f"<{settings.PUBLIC_URL}{URL}?limit=2&offset=4&sort=-count>"

    def test_has_no_links_when_all_is_shown(self, partner: Partner) -> None:
        assert "Link" not in partner.get(URL)

    @pytest.mark.parametrize(
        ("fields", "attributes"),
        [
            ("count", {"id", "href", "count"}),
            ("count,name", {"id", "href", "count", "name"}),
            ("id", {"id", "href"}),
            ("@type", {"id", "href", "@type"}),
            (["count", "name"], {"id", "href", "count", "name"}),
            ("relatedParty", {"id", "href"}),
        ],
    )
    def test_picks_fields(self, partner: Partner, fields: Any, attributes: set[str]) -> None:
        assert set(partner.get(URL, fields=fields).json()[0]) == attributes
        assert set(partner.get(f"{URL}/a", fields=fields).json()) == attributes

    @pytest.mark.parametrize(
        ("parameters", "named"),
        [
            ({"colour": "red"}, "colour"),
            ({"count.above": "3"}, "count.above"),
            ({"count.regex": "3"}, "count.regex"),
            ({"name.gt": "a"}, "name.gt"),
            ({"id.gt": "a"}, "id.gt"),
            ({"relatedParty": "x"}, "relatedParty"),
            ({"key": "x"}, "key"),
            ({"pk": "x"}, "pk"),
            ({"count__gt": "3"}, "count__gt"),
            ({"count": "three"}, "count"),
            ({"count": "3.5"}, "count"),
            ({"count": ""}, "count"),
            ({"count": "1,"}, "count"),
            ({"count.gt": "3", "endsAt.lt": "soon"}, "endsAt.lt"),
            ({"name": "a\0"}, "name"),
            ({"name": "a" * 201}, "name"),
            ({"count": ",".join("1" * 101)}, "count"),
            ({"name.regex": r"(a)\1"}, "name.regex"),
            ({"name.regex": "a" * 101}, "name.regex"),
            ({"fields": "colour"}, "fields"),
            ({"fields": ""}, "fields"),
            ({"sort": "colour"}, "sort"),
            ({"sort": "name"}, "sort"),
            ({"sort": "--count"}, "sort"),
            ({"limit": "0"}, "limit"),
            ({"limit": "1001"}, "limit"),
            ({"limit": "-1"}, "limit"),
            ({"limit": "ten"}, "limit"),
            ({"limit": "１０"}, "limit"),
            ({"offset": "-1"}, "offset"),
            ({"offset": "99999999999999999999"}, "offset"),
        ],
    )
    def test_refuses_by_name_what_is_not_declared(
        self, partner: Partner, parameters: dict[str, str], named: str
    ) -> None:
        response = partner.get(URL, **parameters)
        body = response.json()
        assert (response.status_code, body["code"], body["status"]) == (400, "PARAMETER_INVALID", "400")
        assert f"“{named}”" in body["message"]

    def test_does_not_search_for_ever(self, partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(selection, "PATTERN_SECONDS", 0.001)
        for number in range(1_000):
            make_counter(partner.client_id, f"{'a' * 60}{number}", 1)
        response = partner.get(URL, **{"name.regex": "(a*)*(a|aa)*(a?){20}x{9}y$"})
        assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")
        assert "“name.regex”" in response.json()["message"]

    def test_lets_the_database_judge_a_pattern(self, partner: Partner) -> None:
        response = partner.get(URL, **{"name.regex": "("})
        assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")
        assert "“name.regex”" in response.json()["message"]

    @pytest.mark.parametrize(
        ("parameters", "queries"), [({}, 5), ({"limit": "5"}, 7), ({"limit": "2"}, 7), ({"id": "no/such"}, 4)]
    )
    def test_costs_the_same_queries_however_many_there_are(
        self, partner: Partner, parameters: dict[str, str], queries: int, django_assert_num_queries: Any
    ) -> None:
        with django_assert_num_queries(
            queries
        ):  # token, rate, page, two counts unless the page tells, notes of use and call
            partner.get(URL, **parameters)


class TestRetrieve:
    def test_gives_one(self, partner: Partner) -> None:
        response = partner.get(f"{URL}/b")
        assert (response.status_code, response.json()["count"]) == (200, 2)
        assert partner.get(f"{URL}/b/").json() == response.json()

    @pytest.mark.parametrize("name", ["z", "nobody", "a b", "%00", "."])
    def test_does_not_know_what_is_not_the_callers(self, partner: Partner, name: str) -> None:
        response = partner.get(f"{URL}/{name}")
        assert (response.status_code, response.json()["code"]) == (404, "NOT_FOUND")

    def test_takes_no_other_parameter_than_fields(self, partner: Partner) -> None:
        response = partner.get(f"{URL}/a", count="1")
        assert (response.status_code, response.json()["code"]) == (400, "PARAMETER_INVALID")

    def test_answers_head_without_a_body(self, partner: Partner) -> None:
        response = Client().head(f"{URL}/a", headers={"Authorization": f"Bearer {partner.token}"})
        assert (response.status_code, response.content) == (200, b"")


class TestErrors:
    def test_have_the_five_attributes(self, partner: Partner) -> None:
        assert partner.get(URL, colour="red").json() == {
            "code": "PARAMETER_INVALID",
            "reason": "A query parameter is wrong.",
            "message": "Attribute “colour”. It cannot be asked for here.",
            "status": "400",
            "referenceError": f"{settings.PUBLIC_URL}/api/docs/",
        }

    @pytest.mark.parametrize("path", ["counters/v4/counter/a/b", "counters/v4/", "counters/v4/counter//", "x", ""])
    @pytest.mark.parametrize("method", ["get", "post", "delete", "options"])
    def test_come_for_paths_that_do_not_exist(self, partner: Partner, path: str, method: str) -> None:
        response = getattr(Client(enforce_csrf_checks=True), method)(f"/tmf-api/{path}")
        assert (response.status_code, response["Content-Type"]) == (404, "application/json")
        assert response.json()["code"] == "NOT_FOUND"

    @pytest.mark.parametrize(
        ("path", "method", "allowed"),
        [
            (URL, "put", {"GET", "HEAD", "POST"}),
            (f"{URL}/", "patch", {"GET", "HEAD", "POST"}),
            (URL, "delete", {"GET", "HEAD", "POST"}),
            (URL, "options", {"GET", "HEAD", "POST"}),
            (f"{URL}/a", "post", {"GET", "HEAD", "PATCH", "DELETE"}),
            (f"{URL}/a/", "put", {"GET", "HEAD", "PATCH", "DELETE"}),
        ],
    )
    def test_say_which_methods_there_are(self, partner: Partner, path: str, method: str, allowed: set[str]) -> None:
        response = getattr(Client(), method)(path, headers={"Authorization": f"Bearer {partner.token}"})
        assert (response.status_code, response.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
        assert set(response["Allow"].split(", ")) == allowed

    def test_come_for_more_parameters_than_django_reads(self, partner: Partner) -> None:
        response = partner.get(URL, **{f"a{number}": "1" for number in range(1_001)})
        assert (response.status_code, response.json()["code"]) == (400, "REQUEST_REFUSED")

    def test_hide_a_fault_of_ours_and_undo_its_work(self, partner: Partner) -> None:
        client = Client(raise_request_exception=False)
        headers = {"Authorization": f"Bearer {partner.token}", "Idempotency-Key": "k"}
        body = {"name": "new", "count": 666}
        response = client.post(URL, body, content_type="application/json", headers=headers)
        assert (response.status_code, response.json()["code"]) == (500, "INTERNAL_ERROR")
        assert b"ZeroDivision" not in response.content
        assert not IdempotencyRecord.objects.exists()
        assert not Budget.objects.filter(key__endswith="/new").exists()


class TestAccess:
    def test_without_a_token_is_asked_for_one(self, partner: Partner) -> None:
        response = Client().get(URL)
        assert (response.status_code, response.json()["code"]) == (401, "TOKEN_MISSING")
        assert response["WWW-Authenticate"] == 'Bearer realm="api"'

    @pytest.mark.parametrize("header", ["Bearer no-such-token", "Bearer", "bearer  ", "Bearer 名"])
    def test_with_an_unknown_token_is_refused(self, header: str) -> None:
        response = Client().get(URL, headers={"Authorization": header})
        assert (response.status_code, response.json()["code"]) == (401, "TOKEN_INVALID")
        assert response["WWW-Authenticate"] == 'Bearer realm="api", error="invalid_token"'

    @pytest.mark.parametrize("header", ["Basic YTpi", "Token x", ""])
    def test_with_another_scheme_counts_as_without(self, header: str) -> None:
        response = Client().get(URL, headers={"Authorization": header})
        assert (response.status_code, response.json()["code"]) == (401, "TOKEN_MISSING")

    def test_in_the_address_or_a_form_is_no_token(self, partner: Partner) -> None:
        assert Client().get(URL, {"access_token": partner.token}).status_code == 401
        assert Client().post(URL, {"access_token": partner.token}).status_code == 401

    def test_ends_with_the_token(self) -> None:
        expired = make_partner(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
        response = expired.get(URL)
        assert (response.status_code, response.json()["code"]) == (401, "TOKEN_INVALID")

    @pytest.mark.parametrize(("scope", "status"), [("balance:read", 200), ("balance:write", 403), ("", 403)])
    def test_to_read_needs_the_scope(self, scope: str, status: int) -> None:
        assert make_partner(scope=scope).get(URL).status_code == status

    @pytest.mark.parametrize(
        ("scope", "status", "made"), [("balance:write", 201, 1), ("balance:read", 403, 0), ("balance", 403, 0)]
    )
    def test_to_write_needs_the_scope(self, scope: str, status: int, made: int) -> None:
        response = make_partner(scope=scope).post(URL, BODY, key="k")
        assert response.status_code == status
        assert Budget.objects.filter(key__endswith="/new").count() == made

    def test_names_the_scope_that_is_missing(self) -> None:
        response = make_partner(scope="balance:write").get(URL)
        assert response.json()["code"] == "SCOPE_MISSING"
        assert "“balance:read”" in response.json()["message"]
        assert response["WWW-Authenticate"] == ('Bearer realm="api", error="insufficient_scope", scope="balance:read"')

    def test_is_judged_before_the_body_is_read(self) -> None:
        response = Client().post(URL, b"{broken", content_type="application/json")
        assert response.status_code == 401
