import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]

from accounts.models import Line
from tests.factories import usage
from tests.factories.billing import make_line
from tests.factories.partners import PREPAY, make_partner


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    """The document as `manage.py spectacular` writes it; a warning of the generator is a failure."""
    written = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=written)
    return json.loads(written.getvalue())  # type: ignore[no-any-return]


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
        assert sorted(operations(document)) == [
            f"GET {PREPAY}/bucket",
            f"GET {PREPAY}/bucket/{{id}}",
            f"GET {PREPAY}/topupBalance",
            f"GET {PREPAY}/topupBalance/{{id}}",
            f"POST {PREPAY}/topupBalance",
            "POST /tmf-api/usageManagement/v4/usage",
        ]
        assert sorted(operation["operationId"] for operation in operations(document).values()) == [
            "createTopupBalance",
            "createUsage",
            "listBucket",
            "listTopupBalance",
            "retrieveBucket",
            "retrieveTopupBalance",
        ]

    def test_says_where_tokens_come_from_and_which_scope_is_needed(self, document: dict[str, Any]) -> None:
        flow = document["components"]["securitySchemes"]["partner"]["flows"]["clientCredentials"]
        assert (flow["tokenUrl"], sorted(flow["scopes"])) == (
            "/oauth/token/",
            ["balance:read", "balance:write", "usage:write"],
        )
        scopes = {name: operation["security"] for name, operation in operations(document).items()}
        assert scopes[f"GET {PREPAY}/bucket"] == [{"partner": ["balance:read"]}]
        assert scopes[f"POST {PREPAY}/topupBalance"] == [{"partner": ["balance:write"]}]

    def test_lists_exactly_the_parameters_that_are_taken(self, document: dict[str, Any]) -> None:
        bucket = operations(document)[f"GET {PREPAY}/bucket"]
        assert {parameter["name"] for parameter in bucket["parameters"] if parameter["in"] == "query"} == {
            *("fields", "sort", "offset", "limit", "id", "status", "usageType", "confirmationDate", "product.id"),
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
        assert len(errors) == 6 + 7 + 6 + 7 + 9 + 9
        assert errors == [{"$ref": "#/components/schemas/Error"}] * len(errors)

    def test_has_examples_that_fit_their_schemas(self, document: dict[str, Any]) -> None:
        contents = [
            body["content"]["application/json"]
            for operation in operations(document).values()
            for body in [*operation["responses"].values(), operation.get("requestBody")]
            if body is not None
        ]
        wrong = [
            error.message
            for content in contents
            for error in validator(document, content["schema"]).iter_errors(content["example"])
        ]
        assert len(contents) == 54
        assert wrong == []


@pytest.mark.django_db
class TestAnswers:
    @pytest.fixture
    def line(self) -> Line:
        line = make_line(cash_fen=86_50)
        usage.make_bucket(line)
        return line

    def fit(self, document: dict[str, Any], name: str, response: Any) -> list[str]:
        """Return what the document does not say about an answer."""
        documented = operations(document)[name]["responses"][str(response.status_code)]
        schema = documented["content"]["application/json"]["schema"]
        missing = [header for header in documented.get("headers", {}) if header not in response and header != "Link"]
        return [error.message for error in validator(document, schema).iter_errors(response.json())] + missing

    def test_are_as_the_document_says(self, document: dict[str, Any], line: Line) -> None:
        partner = make_partner(line)
        wish = {"amount": {"amount": 49.9, "units": "CNY"}, "logicalResource": {"value": line.msisdn}}
        answers = {
            f"POST {PREPAY}/topupBalance": [
                partner.post(f"{PREPAY}/topupBalance", wish, key="k"),
                partner.post(f"{PREPAY}/topupBalance", {}, key="l"),
                partner.post(f"{PREPAY}/topupBalance", wish | {"voucher": "1"}, key="k"),
            ],
            f"GET {PREPAY}/bucket": [
                partner.get(f"{PREPAY}/bucket"),
                partner.get(f"{PREPAY}/bucket", limit="1"),
                partner.get(f"{PREPAY}/bucket", fields="name"),
                partner.get(f"{PREPAY}/bucket", colour="red"),
                Client().get(f"{PREPAY}/bucket"),
            ],
            f"GET {PREPAY}/topupBalance": [partner.get(f"{PREPAY}/topupBalance")],
            f"GET {PREPAY}/bucket/{{id}}": [partner.get(f"{PREPAY}/bucket/nobody")],
        }
        assert [answer.status_code for group in answers.values() for answer in group] == [
            *(201, 400, 400),
            *(200, 206, 200, 400, 401),
            *(200, 404),
        ]
        assert [self.fit(document, name, answer) for name, group in answers.items() for answer in group] == [[]] * 10

    def test_have_every_attribute_that_is_always_there(self, line: Line) -> None:
        from packages_app.api.bucket import BUCKET

        always = {attribute.name for attribute in BUCKET.attributes if attribute.always}
        buckets = make_partner(line).get(f"{PREPAY}/bucket").json()
        assert len(buckets) == 2
        assert [always - set(bucket) for bucket in buckets] == [set(), set()]


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
