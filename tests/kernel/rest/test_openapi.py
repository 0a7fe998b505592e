from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from kernel.rest.registry import list_doors, list_resources, list_scopes
from tests.factories.partners import PREPAY
from tests.rest.documents import own_document


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return own_document()


def operations(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {
        f"{method.upper()} {path}": operation
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


def validator(document: dict[str, Any], schema: dict[str, Any]) -> Draft202012Validator:
    return Draft202012Validator(schema | {"components": document["components"]})


class TestDocument:
    def test_names_every_operation_once(self, document: dict[str, Any]) -> None:
        declared = []
        for resource in list_resources():
            declared += [f"GET {resource.path}", f"GET {resource.path}/{{id}}"]
            declared += [f"POST {resource.path}"] if resource.creation else []
            declared += [f"PATCH {resource.path}/{{id}}"] if resource.change else []
            declared += [f"DELETE {resource.path}/{{id}}"] if resource.removal else []
        # What is no resource hangs below an API that names other doors (`kernel.rest.registry`).
        others = set(operations(document)) - set(declared)
        behind_other_doors = tuple(api.base_path for api, _resources, doors in list_doors() if doors)
        assert set(declared) <= set(operations(document))
        assert [name for name in others if not name.partition(" ")[2].startswith(behind_other_doors)] == []
        names = [operation["operationId"] for operation in operations(document).values()]
        assert len(set(names)) == len(names)
        assert {"createTopupBalance", "createUsage", "listBucket", "retrieveBucket"} <= set(names)

    def test_says_where_tokens_come_from_and_which_scope_is_needed(self, document: dict[str, Any]) -> None:
        flow = document["components"]["securitySchemes"]["partner"]["flows"]["clientCredentials"]
        assert (flow["tokenUrl"], set(flow["scopes"])) == ("/oauth/token/", set(list_scopes()))
        assert {"balance:read", "balance:write", "usage:write"} <= set(flow["scopes"])
        scopes = {name: operation["security"] for name, operation in operations(document).items()}
        assert scopes[f"GET {PREPAY}/bucket"] == [{"partner": ["balance:read"]}]
        assert scopes[f"POST {PREPAY}/topupBalance"] == [{"partner": ["balance:write"]}]

    def test_lists_exactly_the_parameters_that_are_taken(self, document: dict[str, Any]) -> None:
        bucket = operations(document)[f"GET {PREPAY}/bucket"]
        assert {parameter["name"] for parameter in bucket["parameters"] if parameter["in"] == "query"} == {
            *(
                "fields",
                "sort",
                "offset",
                "limit",
                "id",
                "href",
                "@type",
                "status",
                "usageType",
                "confirmationDate",
                "product.id",
            ),
            *("logicalResource.id", "logicalResource.value", "partyAccount.id", "relatedParty.id"),
            *("validFor.startDateTime", "validFor.endDateTime"),
        }

    def test_documents_every_error_as_a_tmf_body(self, document: dict[str, Any]) -> None:
        errors = [
            response["content"]["application/json"]["schema"]
            for operation in operations(document).values()
            for status, response in operation["responses"].items()
            if status >= "4"
        ]
        assert len(errors) >= 8 * len(operations(document))
        assert errors == [{"$ref": "#/components/schemas/Error"}] * len(errors)

    def test_has_examples_that_fit_their_schemas(self, document: dict[str, Any]) -> None:
        contents = [
            body["content"]["application/json"]
            for operation in operations(document).values()
            for body in [*operation["responses"].values(), operation.get("requestBody")]
            if body is not None and "application/json" in body.get("content", {})
        ]
        wrong = [
            error.message
            for content in contents
            for error in validator(document, content["schema"]).iter_errors(content["example"])
        ]
        assert len(contents) > len(operations(document))
        assert wrong == []


class TestPage:
    def test_runs_under_the_strict_policy(self) -> None:
        response = Client().get("/api/docs/")
        assert (response.status_code, response["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert "'unsafe-inline'" not in response["Content-Security-Policy"]
        assert b"<style" not in response.content
        assert b"<script>" not in response.content

    def test_has_its_script_in_an_address_of_its_own(self) -> None:
        response = Client().get("/api/docs/", {"script": ""})
        assert (response.status_code, response["Content-Type"]) == (200, "application/javascript")
        assert b'url: "/api/schema/"' in response.content

    def test_serves_the_document_to_everybody(self) -> None:
        response = Client().get("/api/schema/", headers={"Accept": "application/json"})
        assert response.status_code == 200
        assert b"prepayBalanceManagement" in response.content
