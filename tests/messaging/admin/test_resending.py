import csv
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from billing.texts import BILL_READY
from messaging.models import Sms, SmsResend, SmsState
from tests.factories.accounts import staff_client
from tests.factories.messaging import NOTICE, REMINDER, SECRET, make_line, queue_text

pytestmark = pytest.mark.django_db

LIST = "/staff/messaging/sms/"
ENGLISH = {"accept-language": "en"}


@pytest.fixture
def supervisor() -> Client:
    return staff_client("supervisor")


def parked(**changed: Any) -> Sms:
    sms = queue_text(make_line(), now=timezone.now())
    Sms.objects.filter(id=sms.id).update(**{"state": "PARKED", "attempts": 3, "last_error": "0x0b", **changed})
    sms.refresh_from_db()
    return sms


def page_of(sms: Sms) -> str:
    return f"{LIST}{sms.account_id},{sms.id}/change/"


def resend_page(sms: Sms) -> str:
    return f"{LIST}{sms.account_id},{sms.id}/resend/"


class TestSendingAgain:
    def test_is_offered_for_a_parked_text_and_asks_why(self, supervisor: Client) -> None:
        sms = parked()
        assert resend_page(sms) in supervisor.get(page_of(sms)).content.decode()
        assert "0x0b" in supervisor.get(resend_page(sms)).content.decode()
        answer = supervisor.post(resend_page(sms), {"reason": "network repaired"}, follow=True, headers=ENGLISH)
        page = answer.content.decode()
        assert "The text waits to be sent again." in page
        assert "network repaired" in page
        sms.refresh_from_db()
        assert (sms.state, sms.attempts) == (SmsState.QUEUED, 0)

    def test_wants_a_reason(self, supervisor: Client) -> None:
        sms = parked()
        assert supervisor.post(resend_page(sms), {"reason": ""}).status_code == 200
        assert SmsResend.objects.count() == 0

    def test_is_for_supervisors(self) -> None:
        sms, clerk = parked(), staff_client("clerk")
        assert resend_page(sms) not in clerk.get(page_of(sms)).content.decode()
        assert clerk.post(resend_page(sms), {"reason": "why"}).status_code == 403
        assert SmsResend.objects.count() == 0

    @pytest.mark.parametrize("changed", [{"state": "SENT"}, {"secret": True}])
    def test_is_not_for_other_texts(self, supervisor: Client, changed: dict[str, Any]) -> None:
        sms = parked(**changed)
        assert supervisor.post(resend_page(sms), {"reason": "why"}).status_code == 403

    def test_is_not_found_for_no_text(self, supervisor: Client) -> None:
        assert supervisor.get(f"{LIST}nothing/resend/").status_code == 404


class TestTheList:
    def test_counts_texts_and_parts_of_a_day_by_state(self, supervisor: Client, settings: Settings) -> None:
        settings.SMS_PART_PRICE_LI = 50
        parked(parts=3)
        parked(parts=2)
        queue_text(make_line(), now=timezone.now())
        counts = supervisor.get(LIST).context["counts"]
        found = [(entry["count"].state, entry["count"].texts, entry["count"].parts) for entry in counts]
        assert found == [(SmsState.QUEUED, 1, 1), (SmsState.PARKED, 2, 5)]
        assert [str(entry["cost"]) for entry in counts] == ["0.05", "0.25"]

    @pytest.mark.parametrize(
        ("query", "kinds"),
        [
            ({"kind": "NOTICE"}, ["NOTICE"]),
            ({"kind": "BILL_READY"}, []),
            ({"parts": "3"}, ["REMINDER"]),
            ({"parts": "1"}, ["NOTICE", "SECRET"]),
            ({"state__exact": "PARKED"}, ["NOTICE"]),
        ],
    )
    def test_is_narrowed_by_kind_size_and_state(
        self, supervisor: Client, query: dict[str, str], kinds: list[str]
    ) -> None:
        line = make_line()
        for template in (NOTICE, REMINDER, SECRET):
            queue_text(line, template=template, key=template.kind)
        Sms.objects.filter(kind="REMINDER").update(parts=4)
        Sms.objects.filter(kind="NOTICE").update(state="PARKED")
        found = supervisor.get(LIST, query).context["cl"].result_list
        assert sorted(sms.kind for sms in found) == kinds

    def test_calls_kinds_by_name(self, supervisor: Client) -> None:
        Sms.objects.filter(id=parked().id).update(kind=BILL_READY.kind)
        assert "bill ready" in supervisor.get(LIST, headers=ENGLISH).content.decode()


class TestTheFile:
    def rows(self, client: Client, **query: str) -> list[list[str]]:
        answer = client.get(f"{LIST}csv/", query, headers=ENGLISH)
        assert answer["Content-Type"] == "text/csv; charset=utf-8"
        text = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        return list(csv.reader(text.splitlines()))

    def test_has_what_the_list_has_without_words_and_numbers(self, supervisor: Client) -> None:
        sms = parked(last_error="=1+1")
        queue_text(make_line(), template=REMINDER)
        head, *rows = self.rows(supervisor, state__exact="PARKED")
        assert head[:3] == ["queued at", "to", "kind"]
        (row,) = rows
        assert row[1:8] == [f"{sms.msisdn[3:6]}****{sms.msisdn[-4:]}", *(["NOTICE"] * 2), row[4], "1", "3", ""]
        assert row[-1] == "'=1+1"
        assert sms.body not in str(rows)

    def test_is_of_the_number_that_was_searched(self, supervisor: Client) -> None:
        sms = parked()
        parked()
        assert len(self.rows(supervisor, q=sms.msisdn)) == 2

    def test_is_for_staff_who_may_look(self) -> None:
        assert Client().get(f"{LIST}csv/").status_code == 302
        assert staff_client("product").get(f"{LIST}csv/").status_code == 403
