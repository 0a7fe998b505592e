"""A number is stopped for what is owed, or since its card is lost, and comes back."""

from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from accounts.models import Line
from accounts.queries.lines import get_line_by_msisdn
from billing.models import Charge
from billing.operations.dunning import run_dunning
from tests.factories.accounts import give_service_password
from tests.journeys.conftest import Enter
from tests.journeys.test_accessibility import faults_of
from tests.journeys.test_owing import owe
from tests.journeys.visitors import PHONE_SCREEN, soon

pytestmark = pytest.mark.browser


def state_of(msisdn: str) -> str:
    line = get_line_by_msisdn(msisdn)
    return Line.objects.get(account_id=line.account_id, id=line.id).state


class TestBarring:
    def test_ends_by_itself_when_what_is_owed_is_paid(self, enter: Enter, newcomer: str) -> None:
        visitor = enter(signed_in=newcomer, screen=PHONE_SCREEN)
        charge = owe(newcomer, more_than_is_there_fen=7_50)
        now = timezone.now()
        Charge.objects.filter(id=charge.id).update(charged_at=now - timedelta(days=20))
        for ago in (timedelta(days=9), timedelta(days=3)):
            run_dunning(now=now - ago)
        assert state_of(newcomer) == "SUSPENDED"
        visitor.page.goto("/")
        cure = "Top up what is owed: the number is restored by itself within a minute."
        expect(visitor.main).to_contain_text(visitor.said(cure))
        visitor.page.goto("/barring/")
        expect(visitor.main).to_contain_text(visitor.said("This number is stopped"))
        assert faults_of(visitor) == []
        visitor.main.get_by_role("link", name=visitor.said("Top up %(amount)s yuan", amount="7.50")).click()
        visitor.fill("Another amount", "7.50")
        visitor.press("Go on to pay")
        visitor.press("Pay %(amount)s yuan", amount="7.50")
        soon(lambda: state_of(newcomer) == "ACTIVE")
        visitor.page.goto("/barring/")
        expect(visitor.main).to_contain_text(visitor.said("This number is in use"))

    def test_begins_when_the_card_is_lost_and_ends_when_it_was_found(self, enter: Enter, newcomer: str) -> None:
        give_service_password(get_line_by_msisdn(newcomer))
        visitor = enter(signed_in=newcomer, screen=PHONE_SCREEN)
        visitor.page.goto("/barring/")
        visitor.follow("Report it lost")
        assert faults_of(visitor) == []
        visitor.press("Stop the number now")
        expect(visitor.main).to_contain_text(visitor.said("This number is stopped"))
        assert state_of(newcomer) == "SUSPENDED"
        visitor.press("Restore the number")
        expect(visitor.main).to_contain_text(visitor.said("This number is in use"))
        assert state_of(newcomer) == "ACTIVE"
