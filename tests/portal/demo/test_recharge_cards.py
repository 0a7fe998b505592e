import stat
from pathlib import Path

import pytest
from pytest_django import Settings

from billing.models import Voucher, VoucherBatch
from billing.operations.redeem_voucher import redeem_voucher
from kernel.channel import Channel
from kernel.clock import now
from kernel.templatetags.hall_format import grouped_digits
from portal.demo.recharge_cards import CARDS, list_demo_recharge_cards, prepare_demo_recharge_cards
from tests.factories.accounts import signed_in_client
from tests.factories.billing import make_line, wallet_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def folder(settings: Settings, tmp_path: Path) -> Path:
    settings.HALL_VAR = str(tmp_path)
    return tmp_path / "secrets"


def use(pin: str) -> None:
    line = make_line()
    redeem_voucher(
        account_id=line.account_id, line_id=line.id, msisdn=line.msisdn, pin=pin, channel=Channel.WEB, now=now()
    )
    assert wallet_of(line.account_id) == (50_00, 0, 1)


class TestPrepareDemoRechargeCards:
    def test_makes_active_cards_whose_pins_only_the_owner_reads(self, folder: Path) -> None:
        prepare_demo_recharge_cards(now=now())
        assert list(Voucher.objects.values_list("state", flat=True)) == ["ACTIVE"] * CARDS
        kept = folder / "recharge-cards.csv"
        assert (stat.S_IMODE(kept.stat().st_mode), stat.S_IMODE(folder.stat().st_mode)) == (0o600, 0o700)
        assert len(list_demo_recharge_cards()) == CARDS

    def test_makes_no_more_while_some_are_good(self) -> None:
        prepare_demo_recharge_cards(now=now())
        use(list_demo_recharge_cards()[0].pin)
        prepare_demo_recharge_cards(now=now())
        assert VoucherBatch.objects.count() == 1
        assert len(list_demo_recharge_cards()) == CARDS - 1

    def test_makes_new_ones_when_all_are_used_or_the_database_is_another(self) -> None:
        prepare_demo_recharge_cards(now=now())
        for card in list_demo_recharge_cards():
            use(card.pin)
        assert list_demo_recharge_cards() == []
        prepare_demo_recharge_cards(now=now())
        assert len(list_demo_recharge_cards()) == CARDS
        Voucher.objects.all().delete()
        prepare_demo_recharge_cards(now=now())
        assert len(list_demo_recharge_cards()) == CARDS


class TestThePage:
    def page(self) -> str:
        client = signed_in_client(make_line())
        return client.get("/top-up/card/").content.decode()

    def test_shows_the_cards_to_try(self) -> None:
        prepare_demo_recharge_cards(now=now())
        pin = list_demo_recharge_cards()[0].pin
        assert grouped_digits(pin) in self.page()
        use(pin)
        assert grouped_digits(pin) not in self.page()

    def test_shows_none_outside_the_demo(self, settings: Settings) -> None:
        prepare_demo_recharge_cards(now=now())
        pin = list_demo_recharge_cards()[0].pin
        settings.DEMO_MODE = False
        assert list_demo_recharge_cards() == []
        assert grouped_digits(pin) not in self.page()
