"""The rules of TMF630 and of the hall's own, tried on every declared resource."""

from collections.abc import Iterable
from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from kernel.rest.registry import list_resources
from kernel.rest.resource import Column, Resource
from tests.factories.partners import make_partner
from tests.rest.conftest import Case
from tests.rest.documents import undocumented, unlike_published
from tests.rest.samples import list_samples

NOBODY = "A" * 44
EVERY = list_resources()


def tried_on(resources: Iterable[Resource[Any]]) -> Any:
    """Try a class's tests on these resources."""
    chosen = list(resources)
    return pytest.mark.parametrize("case", chosen, ids=[resource.name for resource in chosen], indirect=True)


def refusal(response: Any) -> tuple[int, str]:
    body = response.json()
    assert set(body) == {"code", "reason", "message", "status", "referenceError"}
    assert body["status"] == str(response.status_code)
    return response.status_code, body["code"]


def test_there_is_a_sample_of_each_resource() -> None:
    assert {resource.name for resource in list_resources()} == set(list_samples())


@tried_on(EVERY)
class TestList:
    def test_gives_what_must_be_there(self, case: Case) -> None:
        always = {"id", "href", "@type"} | {one.name for one in case.resource.attributes if one.always}
        entities = case.entities()
        assert len(entities) >= 2
        assert [
            name for entity in entities for name in always if entity.get(name) is None and not is_empty(entity, name)
        ] == []
        assert {entity["@type"] for entity in entities} == {case.resource.type_name}
        assert len({entity["id"] for entity in entities}) == len(entities)

    def test_is_as_both_documents_say(self, case: Case) -> None:
        answers = [
            case.partner.get(case.path),
            case.partner.get(case.path, limit="1"),
            case.partner.get(case.path, colour="red"),
            Client().get(case.path),
        ]
        assert [answer.status_code for answer in answers] == [200, 206, 400, 401]
        assert [undocumented("GET", case.path, answer) for answer in answers] == [[]] * 4
        item = f"{case.path}/{{id}}"
        assert undocumented("GET", item, case.partner.get(case.first_path())) == []
        assert undocumented("GET", item, case.partner.get(f"{case.path}/{NOBODY}")) == []
        unlike = [unlike_published(case.resource.api, case.resource.type_name, entity) for entity in case.entities()]
        assert [found for found in unlike if found] == []

    def test_gives_each_entity_at_its_address(self, case: Case) -> None:
        entities = case.entities()
        for entity in entities[:2]:
            path = entity["href"].removeprefix(settings.PUBLIC_URL)
            assert path == f"{case.path}/{entity['id']}"
            assert [case.partner.get(address).json() for address in (path, f"{path}/")] == [entity] * 2
        assert case.partner.get(f"{case.path}/").json() == entities

    def test_comes_in_pages(self, case: Case) -> None:
        entities = case.entities()
        parts = [case.partner.get(case.path, limit="1", offset=str(number)) for number in range(len(entities))]
        assert [part.status_code for part in parts] == [206] * len(entities)
        assert [part.json()[0]["id"] for part in parts] == [entity["id"] for entity in entities]
        assert {(part["X-Total-Count"], part["X-Result-Count"]) for part in parts} == {(str(len(entities)), "1")}
        assert 'rel="next"' in parts[0]["Link"]
        assert 'rel="prev"' in parts[-1]["Link"]
        whole = case.partner.get(case.path, limit=str(len(entities)))
        assert (whole.status_code, whole["X-Result-Count"]) == (200, str(len(entities)))
        beyond = case.partner.get(case.path, offset=str(len(entities)))
        assert (beyond.status_code, beyond.json(), beyond["X-Total-Count"]) == (200, [], str(len(entities)))

    def test_picks_fields(self, case: Case) -> None:
        name = next(one.name for one in case.resource.attributes if one.always)
        for address in (case.path, case.first_path()):
            answer = case.partner.get(address, fields=name).json()
            assert set(answer[0] if isinstance(answer, list) else answer) == {"id", "href", name}
            assert refusal(case.partner.get(address, fields="colour")) == (400, "PARAMETER_INVALID")

    def test_sorts_by_what_is_declared_and_nothing_else(self, case: Case) -> None:
        ids = {entity["id"] for entity in case.entities()}
        for attribute in case.resource.attributes:
            answers = [case.partner.get(case.path, sort=text) for text in (attribute.name, f"-{attribute.name}")]
            if attribute.sort:
                assert [{entity["id"] for entity in answer.json()} for answer in answers] == [ids] * 2
            else:
                assert [refusal(answer) for answer in answers] == [(400, "PARAMETER_INVALID")] * 2

    def test_filters_by_what_is_declared_and_nothing_else(self, case: Case) -> None:
        entities = case.entities()
        wanted = entities[0]["id"]
        found = case.partner.get(case.path, id=wanted)
        assert [entity["id"] for entity in found.json()] == [wanted]
        several = case.partner.get(case.path, id=[wanted, entities[1]["id"]])
        assert {entity["id"] for entity in several.json()} == {wanted, entities[1]["id"]}
        for name, how in case.resource.filters.items():
            # Whatever it is compared with, it is understood or refused by name.
            for value in ("zzz", "0", "2026-01-01T00:00:00Z", "true", "名", "%", "13800000000"):
                answer = case.partner.get(case.path, **{name: value})
                assert answer.status_code in (200, 400), (name, value, answer.content)
                assert answer.status_code == 200 or f"“{name}”" in answer.json()["message"], (name, value)
            operators = how.operators if isinstance(how, Column) else ()
            for operator in {"gt", "gte", "lt", "lte", "regex"} - set(operators):
                assert refusal(case.partner.get(case.path, **{f"{name}.{operator}": "1"}))[0] == 400
        refused = case.partner.get(case.path, colour="red", id=wanted)
        assert refusal(refused) == (400, "PARAMETER_INVALID")
        assert "“colour”" in refused.json()["message"]

    def test_finds_entities_by_what_they_say(self, case: Case) -> None:
        entity = case.entities()[0]
        tried = []
        for name in case.resource.filters:
            values = values_at(entity, name.split("."))
            if values:
                answer = case.partner.get(case.path, **{name: values[0]})
                assert answer.status_code == 200, (name, values, answer.content)
                assert entity["id"] in [one["id"] for one in answer.json()], (name, values)
                tried.append(name)
        assert "id" in tried


@tried_on(EVERY)
class TestAccess:
    def test_is_limited_to_what_the_caller_may_see(self, case: Case) -> None:
        theirs = make_partner(case.other)
        if case.sample.for_everybody:
            assert theirs.get(case.path).json() == case.entities()
            return
        paths = [one["href"].removeprefix(settings.PUBLIC_URL) for one in theirs.get(case.path).json()]
        assert paths
        stranger = make_partner()
        assert stranger.get(case.path).json() == []
        methods = ["GET", *(["DELETE"] if case.resource.removal else [])]
        refused = [
            caller.call(method, path) for caller in (case.partner, stranger) for method in methods for path in paths
        ]
        assert {refusal(response)[0] for response in refused} == {404}
        if case.sample.changes is not None:
            changed = [case.partner.patch(path, case.sample.changes(case.other)) for path in paths]
            assert {refusal(response)[0] for response in changed} == {404}
        ids = ",".join(path.rpartition("/")[2] for path in paths)
        assert case.partner.get(case.path, id=ids).json() == []
        assert {response.status_code for response in map(theirs.get, paths)} == {200}

    def test_needs_token_and_scope(self, case: Case) -> None:
        scope = case.resource.api.scope
        writer, reader = make_partner(scope=f"{scope}:write"), make_partner(scope=f"{scope}:read")
        assert refusal(Client().get(case.path)) == (401, "TOKEN_MISSING")
        assert refusal(writer.get(case.path)) == (403, "SCOPE_MISSING")
        assert reader.get(case.path).status_code == 200
        writes = [
            *([reader.post(case.path, {}, key="k")] if case.resource.creation else []),
            *([reader.patch(case.first_path(), {})] if case.resource.change else []),
            *([reader.call("DELETE", case.first_path())] if case.resource.removal else []),
        ]
        assert [refusal(response) for response in writes] == [(403, "SCOPE_MISSING")] * len(writes)

    def test_is_limited_in_calls(self, case: Case) -> None:
        caller = make_partner(*case.lines, calls_per_minute=1)
        first, second = caller.get(case.path), caller.get(case.path)
        assert (first.status_code, first["RateLimit"]) == (200, '"calls";r=0;t=60')
        assert refusal(second) == (429, "RATE_EXCEEDED")
        assert (second["Retry-After"], second["RateLimit-Policy"]) == ("60", '"calls";q=1;w=60')

    def test_is_refused_in_the_same_way_everywhere(self, case: Case) -> None:
        resource, one = case.resource, case.first_path()
        on_all = {"GET", "HEAD"} | ({"POST"} if resource.creation else set())
        on_one = (
            {"GET", "HEAD"} | ({"PATCH"} if resource.change else set()) | ({"DELETE"} if resource.removal else set())
        )
        for address, allowed in ((case.path, on_all), (one, on_one)):
            for method in {"PUT", "OPTIONS", "POST", "PATCH", "DELETE"} - allowed:
                response = case.partner.call(method, address)
                assert refusal(response) == (405, "METHOD_NOT_ALLOWED")
                assert set(response["Allow"].split(", ")) == allowed
            assert refusal(case.partner.call("GET", address, Accept="application/xml")) == (406, "NOT_ACCEPTABLE")
        assert refusal(case.partner.get(f"{case.path}/{NOBODY}")) == (404, "NOT_FOUND")
        assert refusal(case.partner.get(f"{case.path}/nobody")) == (404, "NOT_FOUND")


@tried_on(one for one in EVERY if one.creation)
class TestCreate:
    @pytest.fixture
    def body(self, case: Case) -> dict[str, Any]:
        assert case.sample.body is not None
        return case.sample.body(case.lines[0])

    def test_makes_one_once(self, case: Case, body: dict[str, Any]) -> None:
        before = len(case.entities())
        made = case.partner.post(case.path, body, key="k")
        assert made.status_code == 201, made.content
        assert undocumented("POST", case.path, made) == []
        assert not unlike_published(case.resource.api, case.resource.type_name, made.json())
        entity = made.json()
        assert made["Location"] == entity["href"]
        assert case.partner.get(entity["href"].removeprefix(settings.PUBLIC_URL)).json() == entity
        again = case.partner.post(f"{case.path}/", body, key="k")
        assert (again.status_code, again.content, again["Location"]) == (201, made.content, made["Location"])
        assert len(case.entities()) == before + (1 if case.sample.makes_anew else 0)

    def test_refuses_another_body_with_the_key(self, case: Case, body: dict[str, Any]) -> None:
        case.partner.post(case.path, body, key="k")
        before = case.entities()
        response = case.partner.post(case.path, body | {"@baseType": "Other"}, key="k")
        assert refusal(response) == (422, "IDEMPOTENCY_KEY_REUSED")
        assert undocumented("POST", case.path, response) == []
        assert case.entities() == before

    def test_refuses_what_it_cannot_read(self, case: Case, body: dict[str, Any]) -> None:
        before = case.entities()
        required = case.resource.required_creation.body.required
        refused = [
            (case.partner.post(case.path, {**body, name: None}, key="k"), "ATTRIBUTE_INVALID", name)
            for name in required
        ]
        refused += [
            (case.partner.post(case.path, body | {"colour": "red"}, key="k"), "ATTRIBUTE_INVALID", "colour"),
            (case.partner.post(case.path, b"{", key="k"), "BODY_INVALID", ""),
            (case.partner.post(case.path, [body], key="k"), "BODY_INVALID", ""),
            (case.partner.post(case.path, body), "IDEMPOTENCY_KEY_MISSING", "Idempotency-Key"),
            (case.partner.post(f"{case.path}?dry=1", body, key="k"), "PARAMETER_INVALID", "dry"),
        ]
        assert [refusal(response) for response, _code, _name in refused] == [(400, code) for _r, code, _n in refused]
        assert [
            name for response, _code, name in refused if name and f"“{name}" not in response.json()["message"]
        ] == []
        other_kind = case.partner.post(case.path, body, key="k", **{"Content-Type": "application/xml"})
        assert refusal(other_kind) == (415, "MEDIA_TYPE_NOT_SUPPORTED")
        assert case.entities() == before


@tried_on(one for one in EVERY if one.change)
class TestChange:
    @pytest.fixture
    def changes(self, case: Case) -> dict[str, Any]:
        assert case.sample.changes is not None
        return case.sample.changes(case.lines[0])

    @pytest.mark.parametrize("content_type", ["application/merge-patch+json", "application/json"])
    def test_takes_both_kinds_of_body(self, case: Case, changes: dict[str, Any], content_type: str) -> None:
        path = case.own_path()
        changed = case.partner.patch(path, changes, content_type=content_type)
        assert changed.status_code == 200, changed.content
        assert undocumented("PATCH", f"{case.path}/{{id}}", changed) == []
        assert case.partner.get(path).json() == changed.json()

    def test_refuses_what_it_cannot_read(self, case: Case, changes: dict[str, Any]) -> None:
        path = case.own_path()
        before = case.partner.get(path).json()
        refused = [case.partner.patch(path, changes | more) for more in ({"colour": "red"}, {"id": "x"}, {"href": "x"})]
        assert [refusal(response) for response in refused] == [(400, "ATTRIBUTE_INVALID")] * 3
        other_kind = case.partner.patch(path, changes, content_type="application/json-patch+json")
        assert refusal(other_kind) == (415, "MEDIA_TYPE_NOT_SUPPORTED")
        assert refusal(case.partner.patch(f"{case.path}/{NOBODY}", changes)) == (404, "NOT_FOUND")
        assert case.partner.get(path).json() == before


@tried_on(one for one in EVERY if one.removal)
class TestRemove:
    def test_takes_an_entity_away(self, case: Case) -> None:
        path = case.own_path()
        before = len(case.entities())
        assert (case.partner.call("DELETE", path).status_code, len(case.entities())) == (204, before - 1)
        assert refusal(case.partner.get(path)) == (404, "NOT_FOUND")
        assert refusal(case.partner.call("DELETE", path)) == (404, "NOT_FOUND")


def is_empty(entity: dict[str, Any], name: str) -> bool:
    return name in entity and entity[name] in ([], "", 0, False)


def values_at(value: Any, path: list[str]) -> list[str]:
    """Return what stands at a dotted path, as texts of a query string."""
    if isinstance(value, list):
        return [text for item in value for text in values_at(item, path)]
    if not path:
        simple = isinstance(value, str | int | float) and not (isinstance(value, str) and "," in value)
        return [str(value).lower() if isinstance(value, bool) else str(value)] if simple else []
    return values_at(value[path[0]], path[1:]) if isinstance(value, dict) and path[0] in value else []
