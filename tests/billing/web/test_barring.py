from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from accounts.models import Bar, BarReason, Line, SignIn
from billing.models import Charge
from billing.operations.dunning import run_dunning
from kernel.clock import now
from messaging.models import Sms
from tests.factories.accounts import give_service_password, make_sign_in, signed_in_client
from tests.factories.barring import make_bar
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.dunning import owe, state_of
from tests.factories.stars import give_star
from tests.pages import words

pytestmark = pytest.mark.django_db

PAGE, LOST, STOP, RESTORE = "/barring/", "/barring/lost/", "/barring/stop/", "/barring/restore/"


def client_of(line: Line, **changes: Any) -> Client:
    client = signed_in_client(line, **changes)
    client.cookies["django_language"] = "en"
    return client


def shown(line: Line) -> str:
    page = client_of(line).get(PAGE)
    assert page.status_code == 200
    return words(page, main=True)


class TestBarring:
    def test_says_that_nothing_is_stopped_and_what_can_be(self) -> None:
        page = client_of(make_line()).get(PAGE)
        assert "This number is in use" in words(page)
        for address in (LOST, STOP):
            assert f'href="{address}"' in page.content.decode()

    @pytest.mark.parametrize(
        ("reason", "changes", "said", "button"),
        [
            (BarReason.LOST_SIM, {}, "Its SIM card was reported lost", 'href="tel:10086"'),
            (BarReason.CUSTOMER_REQUEST, {}, "You asked us to stop it", 'value="CUSTOMER_REQUEST"'),
            (BarReason.OPERATOR, {"words": "Reported by the police"}, "Reported by the police", 'href="tel:10086"'),
            (BarReason.FRAUD_REVIEW, {"cure": "Come to our shop."}, "Come to our shop.", 'href="tel:10086"'),
        ],
    )
    def test_says_why_what_and_the_cure(
        self, reason: BarReason, changes: dict[str, str], said: str, button: str
    ) -> None:
        line = make_line()
        make_bar(line, reason, now=NOW, **changes)
        page = client_of(line).get(PAGE)
        assert said in words(page)
        assert "Emergency calls (110, 119, 120, 122) always work." in words(page)
        assert button in page.content.decode().split("<main", 1)[1].split("Not needed for a while?")[0]

    def test_offers_to_restore_a_found_card_to_whoever_has_a_service_password(self) -> None:
        line = make_line()
        give_service_password(line)
        make_bar(line, now=NOW)
        assert 'value="LOST_SIM"' in client_of(line).get(PAGE).content.decode()

    def test_says_what_is_owed_and_what_comes_next(self) -> None:
        line = make_line(cash_fen=9_00)
        owe(line, 59_00, now=now() - timedelta(days=20))
        run_dunning(now=now() - timedelta(days=10))
        assert "If it is not paid, outgoing calls and data stop on" in shown(line)
        run_dunning(now=now() - timedelta(days=5))
        page = shown(line)
        assert "Money is owed for it" in page
        assert "Top up 50.00 yuan" in page
        assert "If it is not paid, incoming calls stop too on" in page
        assert "You can be called" in page

    def test_says_why_a_suspension_did_not_happen(self) -> None:
        line = make_line()
        give_star(line.account_id, 5)
        owe(line, 59_00, now=NOW - timedelta(days=12))
        run_dunning(now=NOW - timedelta(days=8))
        run_dunning(now=NOW - timedelta(days=1))
        assert "Not stopped because your 5 stars give you more time, until" in shown(line)

    def test_keeps_what_is_over(self) -> None:
        line = make_line()
        bar = make_bar(line, now=NOW)
        Bar.objects.filter(id=bar.id).update(ended_at=NOW, ended_by="STAFF", ended_by_staff=1)
        assert "SIM card lost" in shown(line)


class TestReportLost:
    def test_asks_first_and_stops_the_number_at_once(self) -> None:
        line = make_line()
        elsewhere = make_sign_in(line, at=NOW)
        client = client_of(line, proofs=())
        assert "Sign in with your service password meanwhile." in words(client.get(LOST))
        assert state_of(line) == "ACTIVE"
        assert client.post(LOST)["Location"] == PAGE
        assert state_of(line) == "SUSPENDED"
        assert SignIn.objects.get(id=elsewhere.id).ended_at is not None
        assert client.get(PAGE).status_code == 200

    def test_is_content_with_a_second_report(self) -> None:
        line = make_line()
        client = client_of(line)
        for _time in range(2):
            assert client.post(LOST, follow=True).status_code == 200
        assert Bar.objects.count() == 1


class TestStop:
    def test_shows_the_price_and_charges_it_once_it_is_agreed_to(self) -> None:
        line = make_line(cash_fen=50_00)
        client = client_of(line)
        assert "60 days, 10.00 yuan" in words(client.get(STOP))
        page = words(client.post(STOP, {"days": "60"}))
        assert "Stop it and pay 10.00 yuan" in page
        assert "The fees of your plan and services go on as they are." in page
        assert (state_of(line), wallet_of(line.account_id)[0]) == ("ACTIVE", 50_00)
        assert client.post(STOP, {"days": "60", "agreed_fen": "1000"})["Location"] == PAGE
        assert (state_of(line), wallet_of(line.account_id)[0]) == ("SUSPENDED", 40_00)
        bar, charge = Bar.objects.get(), Charge.objects.get()
        assert (charge.reason_id, charge.name, charge.reason) == (bar.id, "停机保号费（60天）", "ONE_OFF")
        assert sorted(Sms.objects.values_list("kind", flat=True)) == ["CHARGE_NOTICE", "LINE_BARRED"]

    @pytest.mark.parametrize(
        ("sent", "cash_fen", "code"),
        [
            ({}, 50_00, "REQUIRED"),
            ({"days": "31", "agreed_fen": "0"}, 50_00, "INVALID_CHOICE"),
            ({"days": "60", "agreed_fen": "x"}, 50_00, "INVALID"),
            ({"days": "60", "agreed_fen": "500"}, 50_00, "PRICE_CHANGED"),
            ({"days": "60", "agreed_fen": "1000"}, 9_99, "INSUFFICIENT_BALANCE"),
        ],
    )
    def test_refuses_and_moves_nothing(self, sent: dict[str, str], cash_fen: int, code: str) -> None:
        line = make_line(cash_fen=cash_fen)
        answer: Any = client_of(line).post(STOP, sent)
        assert answer.status_code in (409, 422)
        assert answer.outcome == code
        assert (state_of(line), wallet_of(line.account_id)[0], Bar.objects.count()) == ("ACTIVE", cash_fen, 0)

    def test_refuses_whoever_owes(self) -> None:
        line = make_line()
        owe(line, 10_00)
        answer: Any = client_of(line).post(STOP, {"days": "30", "agreed_fen": "500"})
        assert answer.outcome == "OWES_MONEY"
        assert state_of(line) == "ACTIVE"

    def test_asks_for_the_service_password(self) -> None:
        answer = client_of(make_line(), proofs=("CODE",)).get(STOP)
        assert answer["Location"].startswith("/step-up/")


class TestRestore:
    @pytest.mark.parametrize("reason", ["LOST_SIM", "CUSTOMER_REQUEST"])
    def test_restores_what_the_customer_may(self, reason: str) -> None:
        line = make_line()
        make_bar(line, BarReason(reason), now=NOW)
        assert client_of(line).post(RESTORE, {"reason": reason})["Location"] == PAGE
        assert state_of(line) == "ACTIVE"

    @pytest.mark.parametrize(
        ("reason", "proofs", "status"),
        [
            ("OPERATOR", ("CODE", "PASSWORD"), 302),
            ("LOST_SIM", ("CODE",), 302),
            ("X", ("CODE", "PASSWORD"), 404),
            ("", ("CODE", "PASSWORD"), 404),
        ],
    )
    def test_leaves_the_rest(self, reason: str, proofs: tuple[str, ...], status: int) -> None:
        line = make_line()
        make_bar(line, BarReason.OPERATOR, now=NOW)
        make_bar(line, BarReason.LOST_SIM, now=NOW)
        assert client_of(line, proofs=proofs).post(RESTORE, {"reason": reason}).status_code == status
        assert Bar.objects.filter(ended_at=None).count() == 2
