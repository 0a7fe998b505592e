"""The traces of staff as an auditor reads them, what leaves them, and the acts at the desk that ask why."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client

from accounts.models import Line, SecondFactor, ServicePassword, SignIn, StaffTrace, TraceKind, TraceOutcome
from kernel.phone import national_number
from kernel.read_only_admin import list_url, record_url
from tests.factories.accounts import (
    NOON,
    give_service_password,
    make_line,
    make_second_factor,
    make_sign_in,
    staff_client,
)

pytestmark = pytest.mark.django_db

TRACES = "/staff/accounts/stafftrace/"


@pytest.fixture
def line() -> Line:
    return make_line(customer_name="欧阳明月")


def page_of(row: Any) -> str:
    return record_url(admin.site.get_model_admin(type(row)), row)


def left(**wanted: Any) -> list[StaffTrace]:
    return list(StaffTrace.objects.filter(**wanted).order_by("id"))


class TestTraces:
    def test_name_whose_record_was_looked_at_from_where_and_its_line(self, line: Line) -> None:
        staff_client("clerk").get(page_of(line), REMOTE_ADDR="192.0.2.7")
        [trace] = left()
        assert (trace.kind, trace.page, trace.account_id, trace.line_id, trace.address, trace.outcome) == (
            *(TraceKind.LOOK, "accounts_line_change", line.account_id, line.id, "192.0.2.7", TraceOutcome.DONE),
        )
        assert trace.row_key == f"{line.account_id},{line.id}"

    def test_hold_no_number_that_was_searched_for(self, line: Line) -> None:
        national = national_number(line.msisdn)
        staff_client("clerk").get(f"/staff/accounts/line/?q={national}")
        [trace] = left()
        assert (trace.kind, trace.account_id) == (TraceKind.SEARCH, line.account_id)
        assert not [value for value in vars(trace).values() if national in str(value)]

    def test_count_the_rows_of_a_list_that_nobody_in_particular_was_looked_for_in(self, line: Line) -> None:
        make_line()
        staff_client("clerk").get("/staff/accounts/line/")
        assert [(trace.kind, trace.account_id, trace.count) for trace in left()] == [(TraceKind.LIST, None, 2)]

    def test_say_what_was_sent_and_what_came_of_it_but_not_its_words(self, line: Line) -> None:
        give_service_password(line)
        page = f"/staff/accounts/servicepassword/{line.account_id},{ServicePassword.objects.get().pk[1]}"
        staff_client("clerk").post(f"{page}/unlock/", {"note": "欧阳明月", "reason": "showed it"})
        staff_client("finance").post(f"{page}/unlock/")
        acts = left(kind=TraceKind.ACT)
        assert [(act.page, act.account_id, act.sent, act.outcome) for act in acts] == [
            ("accounts_servicepassword_unlock", line.account_id, "note, reason", TraceOutcome.DONE),
            ("accounts_servicepassword_unlock", line.account_id, "", TraceOutcome.REFUSED),
        ]

    def test_name_whom_a_form_with_a_number_showed(self, line: Line) -> None:
        form = {"msisdn": national_number(line.msisdn), "amount": "1", "direction": "GOODWILL"}
        staff_client("clerk").post("/staff/billing/adjustment/propose/", form)
        assert {(trace.kind, trace.account_id) for trace in left()} == {(TraceKind.LOOK, line.account_id)}

    def test_tell_of_files_taken_away(self, line: Line) -> None:
        staff_client("clerk").get("/staff/messaging/sms/csv/")
        assert [trace.page for trace in left(kind=TraceKind.EXPORT)] == ["messaging_sms_csv"]

    def test_tell_of_signing_out(self) -> None:
        staff_client("clerk").post("/staff/logout/")
        assert [trace.kind for trace in left()] == [TraceKind.SIGN_OUT]


class TestAuditorsPage:
    def found(self, auditor: Client, words: str) -> set[str]:
        """Return whose traces a search finds, but for those that the searches themselves leave."""
        rows = auditor.get(TRACES, {"q": words}).context["cl"].result_list
        return {row.username for row in rows if row.kind == TraceKind.LOOK}

    def test_is_searched_by_number_member_of_staff_and_day(self, line: Line) -> None:
        other = make_line()
        for name, whose, at in (("ann", line, NOON), ("bob", other, NOON), ("ann", other, NOON.replace(day=27))):
            StaffTrace.objects.create(
                at=at, staff_id=1, username=name, kind=TraceKind.LOOK, page="x", account_id=whose.account_id
            )
        auditor = staff_client("auditor")
        day, national = f"{NOON:%Y-%m-%d}", national_number(line.msisdn)
        assert self.found(auditor, national) == {"ann"}
        assert self.found(auditor, f"{national[:3]} {national[3:7]} {national[7:]}") == {"ann"}
        assert self.found(auditor, day) == {"ann", "bob"}
        assert self.found(auditor, f"bob {day}") == {"bob"}
        assert self.found(auditor, f"bob {national}") == set()
        assert self.found(auditor, str(other.account_id)) == {"ann", "bob"}

    def test_is_given_as_a_file_that_masks_numbers(self, line: Line) -> None:
        staff_client("clerk").get(page_of(line))
        auditor = staff_client("auditor")
        answer: Any = auditor.get(f"{TRACES}csv/", {"q": line.msisdn})
        content = b"".join(answer.streaming_content).decode()
        assert (f"{national_number(line.msisdn)[:3]}****" in content, national_number(line.msisdn) in content) == (
            *(True, False),
        )
        assert str(line.account_id) in content

    def test_leaves_a_trace_itself(self, line: Line) -> None:
        staff_client("clerk").get(page_of(line))
        staff_client("auditor").get(TRACES, {"q": line.msisdn})
        assert [(trace.kind, trace.page) for trace in left()][-1] == (
            TraceKind.SEARCH,
            "accounts_stafftrace_changelist",
        )

    @pytest.mark.parametrize("role", ["clerk", "supervisor", "finance", "operations"])
    def test_is_for_auditors(self, role: str) -> None:
        client = staff_client(role)
        assert [client.get(f"{TRACES}{page}").status_code for page in ("", "csv/")] == [403, 403]

    def test_lets_nobody_change_or_delete(self, line: Line) -> None:
        auditor = staff_client("auditor")
        auditor.get(page_of(line))
        [trace] = left()
        address = page_of(trace)
        assert auditor.get(address).status_code == 200
        assert auditor.post(address, {"username": "nobody"}).status_code == 403
        assert auditor.post(address.replace("/change/", "/delete/"), {"post": "yes"}).status_code == 403
        assert StaffTrace.objects.get(id=trace.id).username == trace.username


class TestSigningACustomerOutEverywhere:
    def test_ends_every_sign_in_of_the_line_with_a_reason(self, line: Line) -> None:
        rows = [make_sign_in(line, at=NOON, browser=name) for name in ("one", "two")]
        other = make_sign_in(make_line(), at=NOON)
        supervisor = staff_client("supervisor")
        address = page_of(rows[0]).replace("/change/", "/end-all/")
        assert supervisor.post(address, {"reason": ""}).status_code == 422
        assert SignIn.objects.filter(ended_at=None).count() == 3
        assert supervisor.post(address, {"reason": "the phone was stolen"}).status_code == 302
        assert [row.id for row in SignIn.objects.filter(ended_at=None)] == [other.id]
        [act] = left(page="end_all_sign_ins")
        assert (act.account_id, act.line_id, act.reason, act.count) == (
            *(line.account_id, line.id, "the phone was stolen", 2),
        )

    def test_is_not_for_clerks(self, line: Line) -> None:
        row = make_sign_in(line, at=NOON)
        address = page_of(row).replace("/change/", "/end-all/")
        assert staff_client("clerk").post(address, {"reason": "because"}).status_code == 403
        assert SignIn.objects.filter(ended_at=None).count() == 1


class TestSecondFactorsOfStaff:
    def test_are_reset_by_operations_with_a_reason_and_show_no_secret(self) -> None:
        row = make_second_factor("clerk")
        operations = staff_client("operations")
        address = page_of(row)
        shown = operations.get(address).content.decode()
        assert [secret for secret in (row.bin_key.hex(), row.key_sealed) if secret in shown] == []
        answer = operations.post(address.replace("/change/", "/reset/"), {"reason": "seen in person"})
        assert (answer.status_code, answer["Location"]) == (302, list_url(admin.site.get_model_admin(SecondFactor)))
        assert SecondFactor.objects.count() == 0
        assert [trace.reason for trace in left(kind=TraceKind.SECOND_FACTOR_RESET)] == ["seen in person"]

    def test_are_not_reset_by_auditors(self) -> None:
        row = make_second_factor("clerk")
        auditor = staff_client("auditor")
        assert auditor.get(page_of(row)).status_code == 200
        assert auditor.post(page_of(row).replace("/change/", "/reset/"), {"reason": "why"}).status_code == 403
        assert SecondFactor.objects.count() == 1
