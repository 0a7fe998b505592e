from datetime import timedelta

import pytest
from pytest_django import Settings

from billing.gateways.registry import get_provider
from billing.models import SandboxPayment, TopUp
from billing.operations.dues import settle_dues
from billing.tasks import (
    expire_bonuses_task,
    expire_holds_task,
    expire_top_ups_task,
    run_dunning_task,
    send_sandbox_notices_task,
    settle_dues_task,
    sweep_dues_task,
    sweep_paid_task,
)
from kernel.clock import now
from tests.factories.billing import (
    EXPIRES,
    PAYER,
    give_bonus,
    give_cash,
    held_of,
    make_charge,
    make_hold,
    make_line,
    make_top_up,
    wallet_of,
)
from tests.factories.dunning import days, dun, dunning_texts_of, make_debtor, owe, state_of

pytestmark = pytest.mark.django_db


class TestExpireTopUpsTask:
    def test_settles_what_is_overdue(self) -> None:
        make_top_up(make_line(), now=now() - timedelta(hours=3))
        expire_top_ups_task(later_argument=1)
        assert TopUp.objects.get().state == "FAILED"


class TestSendSandboxNoticesTask:
    def test_rests_while_another_provider_is_in_use(self, settings: Settings) -> None:
        get_provider("sandbox").create_payment(
            payment_number="N1", amount_fen=1, title="", return_path="/", payer=PAYER, expires_at=EXPIRES, now=now()
        )
        SandboxPayment.objects.update(notice_due_at=now(), outcome="PAID")
        settings.PAYMENT_PROVIDER = "memory"
        send_sandbox_notices_task()
        assert SandboxPayment.objects.get().notices_sent == 0


class TestExpireBonusesTask:
    def test_takes_out_what_has_expired(self) -> None:
        line, long_ago = make_line(), now() - timedelta(days=9)
        give_bonus(line, 5_00, expires_at=long_ago + timedelta(days=1), now=long_ago)
        expire_bonuses_task(later_argument=1)
        assert wallet_of(line.account_id) == (0, 0, 2)


class TestSettleDuesTask:
    def test_pays_what_the_named_account_owes(self) -> None:
        line, other = make_line(), make_line()
        for debtor in (line, other):
            make_charge(debtor, amount_fen=5_00, may_owe=True)
            give_bonus(debtor, 5_00)
        settle_dues_task(account_id=str(line.account_id), later_argument=1)
        assert (wallet_of(line.account_id), wallet_of(other.account_id)) == ((0, 0, 2), (0, 5_00, 1))


class TestSweepDuesTask:
    def test_pays_what_no_nudge_reached(self) -> None:
        line = make_line()
        make_charge(line, amount_fen=5_00, may_owe=True)
        give_bonus(line, 5_00)
        sweep_dues_task(later_argument=1)
        assert wallet_of(line.account_id) == (0, 0, 2)


class TestExpireHoldsTask:
    def test_sets_free_what_is_overdue(self) -> None:
        line = make_line(cash_fen=10_00)
        make_hold(line, 4_00, now=now() - timedelta(hours=3))
        expire_holds_task(later_argument=1)
        assert held_of(line.account_id) == 0


class TestSweepPaidTask:
    def test_restores_what_was_paid(self) -> None:
        line = make_debtor()
        dun(3, 10)
        give_cash(line, 50_00, now=days(11))
        settle_dues(account_id=line.account_id, now=days(11))
        sweep_paid_task(later_argument=1)
        assert state_of(line) == "ACTIVE"


class TestRunDunningTask:
    def test_warns_whoever_owes_for_too_long(self) -> None:
        line = make_line()
        owe(line, 50_00, now=now() - timedelta(days=4))
        run_dunning_task(later_argument=1)
        assert dunning_texts_of(line) == ["ARREARS_WARNING"]
