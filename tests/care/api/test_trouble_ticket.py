from typing import Any

import pytest
from django.conf import settings

from accounts.models import Line
from care.models import AboutKind, EntryKind, Ticket, TicketEntry, TicketState
from care.operations.ticket_desk import answer_ticket, note_for_staff
from kernel.audit import run_check
from kernel.ids import PublicId
from kernel.sight import SightKind
from messaging.models import Sms
from portal.management.commands.audit_books import list_all_checks
from tests.factories.billing import NOW, make_charge, make_line
from tests.factories.care import make_ticket
from tests.factories.partners import Partner, make_partner

pytestmark = pytest.mark.django_db
PATH = "/tmf-api/troubleTicket/v4/troubleTicket"
STAFF = 7
LEAST = {"description": "charged twice", "severity": "Urgent", "ticketType": "Bills, charges or payment"}


def refusal(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["code"]


def number_of(line: Line) -> dict[str, str]:
    return {"id": line.msisdn.removeprefix("+86"), "role": "number", "@referredType": "LogicalResource"}


class TestPost:
    def test_opens_a_ticket_with_the_least_that_must_be_said(self) -> None:
        line = make_line()
        answer = make_partner(line).post(PATH, LEAST, key="1")
        assert answer.status_code == 201
        body = answer.json()
        said = {name: body[name] for name in (*LEAST, "status", "note")}
        assert said == {**LEAST, "status": "acknowledged", "note": []}
        assert [change["status"] for change in body["statusChange"]] == ["acknowledged"]
        ticket = Ticket.objects.get()
        assert (ticket.account_id, ticket.line_id, ticket.channel) == (line.account_id, None, "PARTNER")
        assert Sms.objects.filter(account_id=line.account_id, kind="TICKET_OPENED").count() == 1

    def test_keeps_what_it_is_about(self) -> None:
        line = make_line(cash_fen=100_00)
        charge = make_charge(line)
        public = str(PublicId(line.account_id, charge.id))
        about = {"id": public, "role": "disputed", "@referredType": "AppliedCustomerBillingRate"}
        body = {**LEAST, "ticketType": "complaint", "externalId": "A-1", "relatedEntity": [number_of(line), about]}
        answer = make_partner(line).post(PATH, body, key="1").json()
        assert [(one["@referredType"], one["id"]) for one in answer["relatedEntity"]] == [
            ("BillingAccount", str(line.account_id)),
            ("LogicalResource", line.msisdn.removeprefix("+86")),
            ("AppliedCustomerBillingRate", public),
        ]
        ticket = Ticket.objects.get()
        assert (ticket.kind, ticket.about_kind, ticket.about_name) == ("COMPLAINT", "CHARGE", charge.name)
        assert (ticket.external_id, ticket.line_id) == ("A-1", line.id)

    @pytest.mark.parametrize("missing", ["description", "severity", "ticketType"])
    def test_names_what_is_missing(self, missing: str) -> None:
        body = {name: value for name, value in LEAST.items() if name != missing}
        answer = make_partner(make_line()).post(PATH, body, key="1")
        assert refusal(answer) == (400, "ATTRIBUTE_INVALID")
        assert missing in answer.json()["message"]
        assert not Ticket.objects.exists()

    def test_refuses_what_is_nobodys_or_somebody_elses(self) -> None:
        line, other = make_line(cash_fen=100_00), make_line(cash_fen=100_00)
        partner = make_partner(line)
        charge = make_charge(other)
        wrong = [
            {"id": str(other.account_id), "role": "account", "@referredType": "BillingAccount"},
            number_of(other),
            {"id": str(PublicId(other.account_id, charge.id)), "role": "x", "@referredType": "ProductOrder"},
            {"id": str(PublicId(line.account_id, charge.id)), "role": "x", "@referredType": "ProductOrder"},
            {"id": "nonsense", "role": "x", "@referredType": "CustomerBill"},
        ]
        answers = [partner.post(PATH, {**LEAST, "relatedEntity": [one]}, key=str(at)) for at, one in enumerate(wrong)]
        assert {answer.status_code for answer in answers} == {404}
        assert refusal(
            partner.post(
                PATH, {**LEAST, "relatedEntity": [{"id": "1", "role": "x", "@referredType": "Toaster"}]}, key="9"
            )
        ) == (400, "ATTRIBUTE_INVALID")
        assert not Ticket.objects.exists()

    @pytest.mark.parametrize("sees", [SightKind.GRANTED, SightKind.PROVINCES, SightKind.ALL])
    def test_is_the_partners_own_where_it_names_none_of_several_customers(self, sees: SightKind) -> None:
        lines = [make_line(), make_line()]
        partner = make_partner(*lines, sees=sees, provinces=("CN-GD",) if sees == SightKind.PROVINCES else ())
        answers = [partner.post(PATH, LEAST, key=key) for key in ("1", "2")]
        assert [answer.status_code for answer in answers] == [201, 201]
        [own] = set(Ticket.objects.values_list("account_id", flat=True))
        assert own not in [line.account_id for line in lines]
        assert partner.get(answers[0]["Location"].removeprefix(settings.PUBLIC_URL)).json()["status"] == "acknowledged"
        assert not Sms.objects.filter(kind="TICKET_OPENED").exists()
        assert [check.name for check in list_all_checks() if run_check(check).violations] == []


class TestPatch:
    def opened(self, partner: Partner) -> str:
        return f"{PATH}/{partner.post(PATH, LEAST, key='1').json()['id']}"

    def test_takes_the_steps_of_the_specification(self) -> None:
        partner = make_partner(make_line())
        address = self.opened(partner)
        way = [
            "inProgress",
            "held",
            "inProgress",
            "pending",
            "inProgress",
            "resolved",
            "inProgress",
            "resolved",
            "closed",
        ]
        answers = [partner.patch(address, {"status": status}) for status in way]
        assert [(answer.status_code, answer.json()["status"]) for answer in answers] == [(200, one) for one in way]
        changes = [change["status"] for change in partner.get(address).json()["statusChange"]]
        assert changes == ["acknowledged", *way]

    @pytest.mark.parametrize(
        ("way", "wanted"),
        [
            ([], "resolved"),
            ([], "closed"),
            ([], "pending"),
            (["inProgress"], "rejected"),
            (["inProgress"], "acknowledged"),
            (["inProgress", "pending"], "resolved"),
            (["inProgress", "resolved"], "cancelled"),
            (["inProgress", "resolved", "closed"], "inProgress"),
            (["rejected"], "inProgress"),
            (["cancelled"], "inProgress"),
        ],
    )
    def test_refuses_steps_that_are_not_there(self, way: list[str], wanted: str) -> None:
        partner = make_partner(make_line())
        address = self.opened(partner)
        assert [partner.patch(address, {"status": status}).status_code for status in way] == [200] * len(way)
        before = partner.get(address).json()
        assert refusal(partner.patch(address, {"status": wanted})) == (409, "TICKET_STEP_NOT_THERE")
        assert partner.get(address).json() == before

    def test_words_its_own_ticket_anew_and_keeps_what_was_said(self) -> None:
        partner = make_partner(make_line())
        address = self.opened(partner)
        changes = {"description": "charged three times", "severity": "Critical", "externalId": "B-2"}
        body = partner.patch(address, changes).json()
        assert {name: body[name] for name in changes} == changes
        entry = TicketEntry.objects.get(kind=EntryKind.CHANGE)
        assert entry.words == "charged twice"
        assert "externalId" not in partner.patch(address, {"externalId": None}).json()

    def test_only_adds_notes_to_a_ticket_that_was_opened_elsewhere(self) -> None:
        line = make_line()
        ticket = make_ticket(line)
        partner = make_partner(line)
        address = f"{PATH}/{PublicId(ticket.account_id, ticket.id)}"
        assert refusal(partner.patch(address, {"status": "cancelled"})) == (409, "TICKET_OF_ANOTHER")
        assert refusal(partner.patch(address, {"description": "never mind"})) == (409, "TICKET_OF_ANOTHER")
        ticket.refresh_from_db()
        assert (ticket.state, ticket.words) == (TicketState.ACKNOWLEDGED, "charged twice")
        first = partner.patch(address, {"note": [{"text": "see the letter"}]}).json()["note"]
        assert [note["text"] for note in first] == ["see the letter"]
        # The list is sent whole: what is there already is not said again.
        again = partner.patch(address, {"note": [*first, {"text": "and the photograph"}]}).json()["note"]
        assert [note["text"] for note in again] == ["see the letter", "and the photograph"]

    def test_adds_nothing_to_a_ticket_that_has_ended(self) -> None:
        partner = make_partner(make_line())
        address = self.opened(partner)
        partner.patch(address, {"status": "rejected"})
        assert refusal(partner.patch(address, {"note": [{"text": "but"}]})) == (409, "TICKET_ENDED")
        assert not TicketEntry.objects.filter(kind=EntryKind.WORDS).exists()


class TestGet:
    def test_shows_answers_and_no_internal_notes_nor_names_of_staff(self) -> None:
        line = make_line()
        ticket = make_ticket(line)
        key: Any = {"account_id": ticket.account_id, "ticket_id": ticket.id, "staff_id": STAFF, "now": NOW}
        note_for_staff(words="a difficult one", **key)
        answer_ticket(words="we look into it", **key)
        body = make_partner(line).get(f"{PATH}/{PublicId(ticket.account_id, ticket.id)}").json()
        assert [(note["author"], note["text"]) for note in body["note"]] == [("staff", "we look into it")]
        assert body["status"] == "inProgress"

    @pytest.mark.parametrize(
        ("name", "value", "found"),
        [
            ("status", "acknowledged", True),
            ("status", "closed", False),
            ("ticketType", "complaint", True),
            ("ticketType", "fault", False),
            ("relatedEntity.id", "{number}", True),
            ("relatedEntity.id", "13912345678", False),
        ],
    )
    def test_is_filtered(self, name: str, value: str, *, found: bool) -> None:
        line = make_line()
        make_ticket(line)
        answer = make_partner(line).get(PATH, **{name: value.format(number=line.msisdn[3:])})
        assert len(answer.json()) == found

    def test_costs_as_many_queries_for_many_as_for_few(self, django_assert_max_num_queries: Any) -> None:
        line = make_line(cash_fen=100_00)
        for _one in range(5):
            make_ticket(line, about=(AboutKind.CHARGE, make_charge(line).id))
        partner = make_partner(line)
        partner.get(PATH)
        with django_assert_max_num_queries(14):
            assert len(partner.get(PATH).json()) == 5
