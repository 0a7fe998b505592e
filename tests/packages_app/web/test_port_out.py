from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Line
from accounts.operations.documents import record_document
from tests.factories.accounts import fresh_document, signed_in_client
from tests.factories.billing import make_charge, make_line
from tests.factories.channels import text_10086, uses_of

pytestmark = pytest.mark.django_db


def free_line(language: str = "zh-hans") -> Line:
    """A line that nothing keeps here."""
    line = make_line(cash_fen=10_00, language=language)
    Line.objects.filter(account_id=line.account_id).update(activated_at=timezone.now() - timedelta(days=500))
    record_document(account_id=line.account_id, document=fresh_document(), staff_id=1, reason="x", now=timezone.now())
    line.refresh_from_db()
    return line


class TestPortOut:
    def test_says_that_nothing_stands_in_the_way(self) -> None:
        page = signed_in_client(free_line()).get("/port-out/")
        assert (page.status_code, page.context["obstacles"]) == (200, [])

    def test_names_each_reason_and_leads_to_its_cure(self) -> None:
        line = make_line()
        make_charge(line, amount_fen=3_19, may_owe=True)
        page = signed_in_client(line).get("/port-out/")
        found = [(obstacle.code, url) for obstacle, url, _label in page.context["obstacles"]]
        assert found == [("NO_REAL_NAME", ""), ("OWES", "/top-up/"), ("OPENED_RECENTLY", "")]

    def test_leads_visitors_to_signing_in(self) -> None:
        assert Client().get("/port-out/").status_code == 302


class TestByText:
    def test_answers_a_line_that_may_go(self) -> None:
        line = free_line()
        (told,) = text_10086(line, "cxxz", now=timezone.now())
        assert told.endswith("您的号码符合携号转网条件。请携带有效证件到对方营业厅办理。")
        assert uses_of(line) == [("SMS", "port_out", "OK")]

    def test_answers_one_that_may_not_in_its_language(self) -> None:
        line = free_line("en")
        make_charge(line, amount_fen=13_19, may_owe=True)
        (told,) = text_10086(line, "CXXZ", now=timezone.now())
        assert told.endswith(
            "your number cannot go to another operator:\n1. 13.19 yuan are owed. Top up: it is then paid by itself."
        )
