from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Contact, Line, LineAct
from accounts.operations.documents import record_document
from accounts.operations.set_contact import set_contact
from accounts.operations.sim_cards import change_sim, issue_first_sim
from messaging.models import Sms
from tests.factories.accounts import fresh_document, fresh_sim, give_service_password, signed_in_client
from tests.factories.billing import make_line
from tests.pages import words

pytestmark = pytest.mark.django_db

PROFILE, CONTACT, PUK = "/profile/", "/profile/contact/", "/puk/"
LONG_AGO = timedelta(hours=1)


@pytest.fixture
def line() -> Line:
    line = make_line(name="欧阳明月")
    now = timezone.now()
    record_document(account_id=line.account_id, document=fresh_document(), staff_id=1, reason="x", now=now)
    issue_first_sim(account_id=line.account_id, line_id=line.id, sim=fresh_sim(puk="13572468"), now=now)
    give_service_password(line)
    return line


def leads_to(answer: Any) -> str:
    return str(answer.headers["Location"]).split("?")[0]


class TestProfile:
    def test_shows_everything_masked(self, line: Line) -> None:
        document = fresh_document()
        record_document(account_id=line.account_id, document=document, staff_id=1, reason="x", now=timezone.now())
        set_contact(
            account_id=line.account_id, line_id=line.id, name="欧阳小明", email="ouyang@example.com", now=timezone.now()
        )
        page = words(signed_in_client(line).get(PROFILE), main=True)
        shown = ("欧**", f"999*************{document.number[-2:]}", "o***@example.com")
        assert [part for part in shown if part not in page] == []
        hidden = ("欧阳", document.number, "ouyang", "13572468")
        assert [part for part in hidden if part in page] == []

    def test_says_until_when_sensitive_acts_wait(self, line: Line) -> None:
        browser = signed_in_client(line)
        assert browser.get(PROFILE).context["waits_until"] is None
        now = timezone.now()
        change_sim(
            account_id=line.account_id, line_id=line.id, sim=fresh_sim(), why="LOST", staff_id=1, reason="x", now=now
        )
        assert browser.get(PROFILE).context["waits_until"] == now + timedelta(hours=72)

    def test_has_something_to_say_where_nothing_was_noted(self) -> None:
        page = signed_in_client(make_line()).get(PROFILE)
        assert (page.status_code, page.context["cards"], page.context["document"]) == (200, [], None)

    @pytest.mark.parametrize("address", [PROFILE, CONTACT, PUK])
    def test_leads_visitors_to_signing_in(self, address: str) -> None:
        assert leads_to(Client().get(address)) == "/sign-in/"


class TestContact:
    def test_asks_for_a_fresh_code(self, line: Line) -> None:
        stale = signed_in_client(line, ago=LONG_AGO)
        for answer in (stale.get(CONTACT), stale.post(CONTACT, {"name": "x", "email": ""})):
            assert leads_to(answer) == "/step-up/"
        assert Contact.objects.count() == 0

    def test_keeps_what_was_entered_and_tells_the_line_once(self, line: Line) -> None:
        browser = signed_in_client(line)
        for _ in range(2):
            answer = browser.post(CONTACT, {"name": " 欧阳  小明 ", "email": "ouyang@example.com"})
            assert leads_to(answer) == PROFILE
        kept = Contact.objects.get()
        assert (kept.account_id, kept.name, kept.email) == (line.account_id, "欧阳 小明", "ouyang@example.com")
        act = LineAct.objects.get(kind="CONTACT_CHANGED")
        assert (act.staff_id, act.after) == (None, "o***@example.com")
        assert Sms.objects.filter(kind="CONTACT_CHANGED").count() == 1

    @pytest.mark.parametrize(
        "wrong", [{"email": "ouyang"}, {"email": "a@b"}, {"email": f"{'x' * 250}@example.com"}, {"name": "x" * 61}]
    )
    def test_refuses_beside_the_field_and_keeps_nothing(self, line: Line, wrong: dict[str, str]) -> None:
        answer = signed_in_client(line).post(CONTACT, {"name": "", "email": "", **wrong})
        assert answer.status_code == 422
        assert set(answer.context["form"].errors) == set(wrong)
        assert (Contact.objects.count(), Sms.objects.filter(kind="CONTACT_CHANGED").count()) == (0, 0)


class TestPuk:
    def test_asks_for_code_and_password(self, line: Line) -> None:
        for browser in (signed_in_client(line, proofs=("CODE",)), signed_in_client(line, ago=LONG_AGO)):
            for answer in (browser.get(PUK), browser.post(PUK)):
                assert leads_to(answer) == "/step-up/"
        assert LineAct.objects.filter(kind="PUK_SHOWN").count() == 0

    def test_shows_it_when_asked_and_not_before(self, line: Line) -> None:
        browser = signed_in_client(line)
        assert "13572468" not in browser.get(PUK).content.decode()
        answer = browser.post(PUK)
        assert "13572468" in answer.content.decode()
        assert "no-store" in answer.headers["Cache-Control"]
        assert LineAct.objects.get(kind="PUK_SHOWN").staff_id is None

    def test_says_so_when_the_card_was_not_noted(self) -> None:
        line = make_line()
        give_service_password(line)
        answer = signed_in_client(line).post(PUK)
        assert (answer.status_code, "puk" in answer.context) == (404, False)
