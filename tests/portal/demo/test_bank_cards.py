import pytest
from pytest_django import Settings

from billing.models import BankCard
from billing.operations.unbind_bank_card import unbind_card
from kernel.clock import now
from messaging.models import Sms
from portal.demo.bank_cards import prepare_demo_bank_card
from portal.demo.people import MAIN_MSISDN
from tests.books import broken_checks
from tests.factories.accounts import make_line as make_account
from tests.factories.bank_cards import card_number, make_bank_card
from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db


class TestPrepareDemoBankCard:
    def test_links_a_card_to_the_first_person_without_a_text(self) -> None:
        line = make_account(msisdn=MAIN_MSISDN)
        prepare_demo_bank_card(now=now())
        card = BankCard.objects.get()
        assert (card.account_id, card.state, card.account_kind) == (line.account_id, "ACTIVE", "DEBIT")
        assert card.last_four == card_number(line)[-4:]
        assert not Sms.objects.exists()

    def test_does_so_once(self) -> None:
        line = make_account(msisdn=MAIN_MSISDN)
        prepare_demo_bank_card(now=now())
        prepare_demo_bank_card(now=now())
        card = BankCard.objects.get()
        unbind_card(account_id=line.account_id, card_id=card.id, now=now())
        prepare_demo_bank_card(now=now())
        assert BankCard.objects.get().state == "UNBOUND"

    def test_stops_no_start(self, settings: Settings) -> None:
        prepare_demo_bank_card(now=now())
        line = make_account(msisdn=MAIN_MSISDN)
        visitor = make_line()
        make_bank_card(visitor, card_number=card_number(line))
        prepare_demo_bank_card(now=now())
        assert BankCard.objects.get(account_id=visitor.account_id).state == "ACTIVE"
        settings.BANK = ""
        prepare_demo_bank_card(now=now())
        assert not BankCard.objects.filter(account_id=line.account_id, state="ACTIVE").exists()
        assert "bank_account_is_linked_once" not in broken_checks()
