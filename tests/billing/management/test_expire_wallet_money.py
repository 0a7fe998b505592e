from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command

from kernel.clock import now
from tests.factories.billing import give_bonus, held_of, make_hold, make_line, wallet_of

pytestmark = pytest.mark.django_db


class TestExpireWalletMoney:
    def test_says_what_has_gone_and_finds_nothing_more(self) -> None:
        long_ago = now() - timedelta(days=9)
        line = make_line(cash_fen=10_00)
        make_hold(line, 4_00, now=long_ago)
        give_bonus(line, 5_00, expires_at=long_ago + timedelta(days=1), now=long_ago)
        said = StringIO()
        call_command("expire_wallet_money", stdout=said)
        call_command("expire_wallet_money", stdout=said)
        assert said.getvalue().splitlines() == [
            "1 holds expired, 1 gifts of bonus expired.",
            "0 holds expired, 0 gifts of bonus expired.",
        ]
        assert (wallet_of(line.account_id), held_of(line.account_id)) == ((10_00, 0, 3), 0)
