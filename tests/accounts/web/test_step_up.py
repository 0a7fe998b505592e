from datetime import timedelta

import pytest
from django.test import Client

from accounts.models import Line, SignInCode
from messaging.models import Sms
from tests.factories.accounts import PASSWORD, give_service_password, signed_in_client
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db

PAGE, CODE = "/step-up/", "/step-up/code/"
CHANGE = "/service-password/change/"
BOTH = {"need": "BOTH", "next": CHANGE}


@pytest.fixture
def line() -> Line:
    line = make_line(cash_fen=10_00)
    give_service_password(line)
    return line


def newest_code(line: Line) -> str:
    return Sms.objects.filter(account_id=line.account_id, secret=True).latest("queued_at").body[-6:]


class TestStepUp:
    def test_asks_for_code_and_password_one_after_the_other_and_leads_back(self, line: Line) -> None:
        client = signed_in_client(line, proofs=())
        asked = client.get(CHANGE)["Location"]
        assert 'name="code"' in client.get(asked).content.decode()
        assert client.post(CODE, BOTH)["Location"] == asked
        assert client.post(PAGE, {**BOTH, "code": newest_code(line)})["Location"] == asked
        assert 'name="password"' in client.get(asked).content.decode()
        assert client.post(PAGE, {**BOTH, "password": PASSWORD})["Location"] == CHANGE
        assert client.get(CHANGE).status_code == 200

    @pytest.mark.parametrize(("proof", "field"), [("CODE", "password"), ("PASSWORD", "code")])
    def test_asks_only_for_what_is_missing(self, proof: str, field: str, line: Line) -> None:
        client = signed_in_client(line, proofs=(proof,))
        assert f'name="{field}"' in client.get(PAGE, BOTH).content.decode()

    def test_holds_for_ten_minutes(self, line: Line) -> None:
        assert signed_in_client(line, ago=timedelta(seconds=590)).get(CHANGE).status_code == 200
        assert signed_in_client(line, ago=timedelta(seconds=600)).get(CHANGE)["Location"].startswith(PAGE)

    def test_changes_the_session_key(self, line: Line) -> None:
        client = signed_in_client(line, proofs=("CODE",))
        before = client.cookies["sessionid"].value
        client.post(PAGE, {**BOTH, "password": PASSWORD})
        assert client.cookies["sessionid"].value != before

    def test_refuses_a_wrong_password_beside_its_field(self, line: Line) -> None:
        client = signed_in_client(line, proofs=("CODE",))
        answer = client.post(PAGE, {**BOTH, "password": "not the one"})
        assert answer.status_code == 422
        assert 'id="id_password_error"' in answer.content.decode()
        assert client.get(CHANGE).status_code == 302

    def test_refuses_a_wrong_code(self, line: Line) -> None:
        client = signed_in_client(line, proofs=("PASSWORD",))
        client.post(CODE, BOTH)
        wrong = f"{(int(newest_code(line)) + 1) % 10**6:06d}"
        assert client.post(PAGE, {**BOTH, "code": wrong}).status_code == 422
        assert SignInCode.objects.get().guesses == 1
        assert client.get(CHANGE).status_code == 302

    def test_of_one_line_opens_nothing_of_another(self, line: Line) -> None:
        other = make_line()
        give_service_password(other)
        client = signed_in_client(line, other, proofs=())
        session = client.session
        session["signed_in_lines"][1]["proofs"] = dict.fromkeys(
            ("CODE", "PASSWORD"), session["signed_in_lines"][1]["at"]
        )
        session.save()
        assert client.get(CHANGE)["Location"].startswith(PAGE)

    def test_leads_whoever_has_no_password_to_setting_one_and_on(self) -> None:
        line = make_line()
        client = signed_in_client(line, proofs=("CODE",))
        there = client.get(PAGE, BOTH)["Location"]
        assert there == "/service-password/?next=%2Fservice-password%2Fchange%2F"
        assert client.post("/service-password/code/", {"next": CHANGE})["Location"] == there
        sent = {"code": newest_code(line), "password": PASSWORD, "again": PASSWORD, "next": CHANGE}
        assert client.post("/service-password/", sent)["Location"] == CHANGE
        assert client.get(CHANGE).status_code == 200

    @pytest.mark.parametrize("wanted", ["https://evil.example/", "//evil.example/", "javascript:alert(1)", ""])
    def test_never_leads_to_another_site(self, wanted: str, line: Line) -> None:
        assert signed_in_client(line).get(PAGE, {"need": "BOTH", "next": wanted})["Location"] == "/"

    @pytest.mark.parametrize("need", ["", "NOTHING", "both"])
    def test_asks_for_everything_when_the_address_makes_no_sense(self, need: str, line: Line) -> None:
        assert signed_in_client(line, proofs=()).get(PAGE, {"need": need}).status_code == 200

    def test_sends_visitors_to_sign_in(self) -> None:
        assert Client().get(PAGE)["Location"].startswith("/sign-in/")
        assert Client().post(CODE)["Location"].startswith("/sign-in/")
        assert Sms.objects.count() == 0
