import uuid
from typing import Any

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Line
from channels.models import Interaction
from portal.web import interactions
from tests.factories.accounts import signed_in_client, staff_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=50_00)


def noted() -> list[tuple[str, str, str, uuid.UUID | None]]:
    rows = Interaction.objects.order_by("at", "id")
    return list(rows.values_list("channel", "capability", "outcome", "account_id"))


class TestInteractionMiddleware:
    def test_notes_a_page_of_a_signed_in_line(self, line: Line) -> None:
        signed_in_client(line).get(reverse("billing:statement"))
        assert noted() == [("WEB", "billing:statement", "OK", line.account_id)]

    def test_notes_a_page_of_a_visitor_without_an_account(self) -> None:
        Client().get(reverse("home"))
        assert noted() == [("WEB", "home", "OK", None)]

    def test_notes_a_refused_form_by_its_code(self) -> None:
        Client().post(reverse("accounts:sign-in"), {"msisdn": "12"})
        assert noted() == [("WEB", "accounts:sign-in", "NUMBER_INVALID", None)]

    def test_notes_that_a_visitor_was_sent_to_sign_in(self) -> None:
        Client().get(reverse("billing:statement"))
        assert noted() == [("WEB", "billing:statement", "SIGN_IN_REQUIRED", None)]

    def test_notes_what_was_not_found_by_its_status(self, line: Line) -> None:
        signed_in_client(line).get(reverse("billing:top-up-result", args=["nobodys"]))
        assert noted() == [("WEB", "billing:top-up-result", "HTTP_404", line.account_id)]

    def test_notes_a_rest_call_with_its_method_and_code(self) -> None:
        Client().get("/tmf-api/prepayBalanceManagement/v4/bucket")
        [(channel, capability, outcome, account_id)] = noted()
        assert (channel, account_id) == ("PARTNER", None)
        assert capability.startswith("GET ")
        assert outcome == "TOKEN_MISSING"

    @pytest.mark.parametrize(
        "address",
        ["/healthz", "/readyz", "/api/schema/", "/api/docs/", "/styleguide/", "/staff/login/", "/no-such-page/"],
    )
    def test_leaves_out_what_no_customer_uses(self, address: str) -> None:
        Client().get(address)
        assert noted() == []

    def test_leaves_out_staff(self) -> None:
        assert staff_client("clerk").get("/staff/").status_code == 200
        assert noted() == []

    def test_leaves_out_what_a_page_polls_by_itself(self, line: Line) -> None:
        client = signed_in_client(line)
        client.get(reverse("home"), headers={"HX-Request": "true", "HX-Trigger-Name": "poll"})
        assert noted() == []
        client.get(reverse("home"), headers={"HX-Request": "true", "HX-Trigger-Name": "refresh"})
        assert len(noted()) == 1

    def test_leaves_out_requests_without_a_body_to_see(self) -> None:
        Client().head(reverse("home"))
        Client().options(reverse("home"))
        assert noted() == []

    def test_costs_one_statement(self, line: Line, settings: Any) -> None:
        def statements() -> list[str]:
            client = signed_in_client(line)
            client.get(reverse("complaints"))  # saves that the session is used
            with CaptureQueriesContext(connection) as asked:
                client.get(reverse("complaints"))
            return [query["sql"] for query in asked.captured_queries]

        noting = statements()
        settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "Interaction" not in name]
        assert len(noting) == len(statements()) + 1
        assert noting[-1].startswith('INSERT INTO "channels_interaction"')

    @pytest.mark.parametrize("error", [DatabaseError, InterfaceError])
    def test_answers_even_if_nothing_can_be_noted(
        self, error: type[Exception], line: Line, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def fail(**_arguments: Any) -> None:
            raise error("the disk is full")

        monkeypatch.setattr(interactions, "record_interaction", fail)
        answer = signed_in_client(line).get(reverse("billing:statement"))
        assert answer.status_code == 200
        assert noted() == []
