import logging
import uuid
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from pytest_django import Settings

from accounts.models import Budget, Line, LineState
from accounts.queries.lines import NumberUnknown
from billing.models import Counterpart, LedgerEntry, TopUp, Voucher, Wallet
from billing.operations.ledger import WalletMissing
from billing.operations.redeem_voucher import (
    VoucherBlocked,
    VoucherExpired,
    VoucherLocked,
    VoucherNotActive,
    VoucherPinInvalid,
    VoucherUsed,
    VoucherWrong,
    redeem_voucher,
)
from billing.operations.voucher_states import block_voucher
from kernel.channel import Channel
from kernel.clock import SHANGHAI
from kernel.errors import DomainError, NotFound
from messaging.models import Sms
from tests.books import broken_invariants
from tests.factories.billing import NOW, entries_of, make_line, wallet_of
from tests.factories.vouchers import WRONG_PIN, issue_cards, make_card, voucher_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


def redeem(line: Line, pin: str, *, msisdn: str = "", now: datetime = NOW) -> TopUp:
    return redeem_voucher(
        account_id=line.account_id,
        line_id=line.id,
        msisdn=msisdn or line.msisdn,
        pin=pin,
        channel=Channel.WEB,
        now=now,
    )


def refuse(line: Line, pin: str, **changes: Any) -> DomainError:
    """Try a card, expect to be refused, and see that nothing moved."""
    before = moved()
    with pytest.raises(DomainError) as refusal:
        redeem(line, pin, **changes)
    assert moved() == before
    return refusal.value


def moved() -> tuple[Any, ...]:
    return (
        list(Wallet.objects.order_by("pk").values_list("account_id", "cash_fen", "version")),
        list(Voucher.objects.order_by("pk").values_list("serial_number", "state", "top_up_id")),
        TopUp.objects.count(),
        Sms.objects.count(),
        LedgerEntry.objects.count(),
    )


def tries() -> dict[str, int]:
    return dict(Budget.objects.filter(key__startswith="voucher:").values_list("key", "count"))


class TestRedeemVoucher:
    def test_credits_the_face_value_once_and_says_so(self, line: Line) -> None:
        card = make_card(face_fen=50_00)
        top_up = redeem(line, card.pin)
        assert (top_up.state, top_up.provider, top_up.provider_payment_number, top_up.amount_fen, top_up.channel) == (
            "SUCCEEDED", "VOUCHER", card.serial_number, 50_00, "WEB",
        )  # fmt: skip
        assert (top_up.account_id, top_up.line_id, top_up.msisdn, top_up.payer_account_id, top_up.finished_at) == (
            line.account_id, line.id, line.msisdn, None, NOW,
        )  # fmt: skip
        assert entries_of(line.account_id) == [(1, "CASH", 10_00, 0, 10_00), (2, "CASH", 50_00, 10_00, 60_00)]
        entry = LedgerEntry.objects.get(account_id=line.account_id, version=2)
        assert (entry.counterpart, entry.reason_kind, entry.reason_id) == (Counterpart.PAYMENTS, "TOP_UP", top_up.id)
        assert [sms.kind for sms in Sms.objects.all()] == ["TOP_UP_RECEIVED"]
        voucher = voucher_of(card)
        assert (voucher.state, voucher.redeemed_at, voucher.account_id, voucher.top_up_id) == (
            "REDEEMED", NOW, line.account_id, top_up.id,
        )  # fmt: skip
        assert tries() == {}
        assert broken_invariants() == {}

    def test_credits_another_number_and_remembers_who_did(self, line: Line) -> None:
        card, friend = make_card(), make_line(cash_fen=1_00)
        top_up = redeem(line, card.pin, msisdn=friend.msisdn)
        assert (top_up.account_id, top_up.payer_account_id) == (friend.account_id, line.account_id)
        assert (wallet_of(friend.account_id), wallet_of(line.account_id)) == ((51_00, 0, 2), (10_00, 0, 1))
        assert [sms.msisdn for sms in Sms.objects.all()] == [friend.msisdn]
        assert broken_invariants() == {}

    @pytest.mark.parametrize("between", [" ", "-", "　", "  ", "."])
    def test_reads_a_pin_in_groups(self, line: Line, between: str) -> None:
        pin = make_card().pin
        redeem(line, between.join([pin[:4], pin[4:8], pin[8:12], pin[12:]]))
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_reads_full_width_digits(self, line: Line) -> None:
        redeem(line, f" {make_card().pin.translate(str.maketrans('0123456789', '０１２３４５６７８９'))} ")
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_gives_the_same_receipt_to_whoever_enters_it_again(self, line: Line) -> None:
        card = make_card()
        first = redeem(line, card.pin)
        again = redeem(line, card.pin, now=NOW + timedelta(days=900))
        assert (again.id, again.finished_at) == (first.id, NOW)
        assert wallet_of(line.account_id) == (60_00, 0, 2)
        assert (TopUp.objects.count(), Sms.objects.count()) == (1, 1)
        assert tries() == {}

    def test_answers_that_it_is_used_to_everybody_else(self, line: Line) -> None:
        card, friend = make_card(), make_line()
        redeem(line, card.pin, msisdn=friend.msisdn)
        assert type(refuse(line, card.pin)) is VoucherUsed
        assert type(refuse(friend, card.pin)) is VoucherUsed
        assert type(refuse(make_line(), card.pin)) is VoucherUsed
        assert redeem(line, card.pin, msisdn=friend.msisdn).account_id == friend.account_id

    def test_refuses_a_card_that_is_not_active_yet(self, line: Line) -> None:
        (card,) = issue_cards()
        assert type(refuse(line, card.pin)) is VoucherNotActive

    def test_refuses_a_blocked_card(self, line: Line) -> None:
        card = make_card()
        block_voucher(serial_number=card.serial_number, reason="stolen", done_by="supervisor", now=NOW)
        assert type(refuse(line, card.pin)) is VoucherBlocked

    def test_takes_a_card_until_the_last_instant_of_its_last_day(self, line: Line) -> None:
        card, late = make_card(valid_until=date(2026, 11, 30)), make_card(valid_until=date(2026, 11, 30))
        midnight = datetime(2026, 12, 1, tzinfo=SHANGHAI)
        redeem(line, card.pin, now=midnight - timedelta(microseconds=1))
        assert type(refuse(line, late.pin, now=midnight)) is VoucherExpired
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_counts_no_try_for_a_card_that_exists(self, line: Line) -> None:
        (card,) = issue_cards()
        for _time in range(7):
            assert type(refuse(line, card.pin)) is VoucherNotActive
        assert tries() == {}

    @pytest.mark.parametrize(
        "pin",
        ["", " ", "1", "1" * 17, "1" * 19, "1" * 5000, "12345678901234567a", "+12345678901234567", "১" * 18, "-" * 18],
    )
    def test_refuses_what_cannot_be_a_pin_without_counting_it(self, line: Line, pin: str) -> None:
        refusal = refuse(line, pin)
        assert type(refusal) is VoucherPinInvalid
        assert (refusal.http_status, refusal.field) == (400, "pin")
        assert tries() == {}

    def test_refuses_a_number_that_is_not_in_use(self, line: Line) -> None:
        assert type(refuse(line, make_card().pin, msisdn="+8613012345678")) is NumberUnknown
        assert tries() == {}

    @pytest.mark.parametrize("pin", ["1234", WRONG_PIN])
    def test_does_not_tell_which_numbers_are_in_use_as_often_as_one_likes(
        self, line: Line, settings: Settings, pin: str
    ) -> None:
        settings.RECIPIENT_LOOKUPS_PER_HOUR = 2
        codes = [refuse(line, pin, msisdn=f"+861301234567{number}").code for number in range(3)]
        assert codes == (
            ["VOUCHER_PIN_INVALID"] * 3 if pin == "1234" else ["NUMBER_UNKNOWN", "NUMBER_UNKNOWN", "BUDGET_SPENT"]
        )
        redeem(line, make_card().pin)
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_refuses_a_line_of_another_account_or_a_closed_one(self, line: Line) -> None:
        card, other = make_card(), make_line()
        other.account_id = line.account_id
        assert type(refuse(other, card.pin, msisdn=line.msisdn)) is NotFound
        Line.objects.filter(account_id=line.account_id, id=line.id).update(state=LineState.CLOSED)
        assert type(refuse(line, card.pin)) is NotFound

    def test_leaves_the_card_as_it_was_when_it_cannot_be_credited(self, line: Line) -> None:
        card, poor = make_card(), make_line()
        Wallet.objects.filter(account_id=poor.account_id).delete()
        assert type(refuse(line, card.pin, msisdn=poor.msisdn)) is WalletMissing
        redeem(line, card.pin)
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_writes_no_pin_to_the_logs(self, line: Line, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        card = make_card()
        refuse(line, WRONG_PIN)
        redeem(line, card.pin)
        assert card.pin not in caplog.text
        assert WRONG_PIN not in caplog.text


class TestWrongPins:
    def guess(self, line: Line, times: int, *, msisdn: str = "", now: datetime = NOW) -> list[str]:
        return [refuse(line, f"{number:018d}", msisdn=msisdn, now=now).code for number in range(times)]

    def test_say_how_many_tries_are_left(self, line: Line) -> None:
        refusal = refuse(line, WRONG_PIN)
        assert type(refusal) is VoucherWrong
        assert refusal.code == "VOUCHER_WRONG"
        assert "4" in str(refusal)

    def test_lock_after_five_and_then_the_right_pin_is_refused_too(self, line: Line) -> None:
        card = make_card()
        assert self.guess(line, 7) == ["VOUCHER_WRONG"] * 4 + ["VOUCHER_LOCKED"] * 3
        refusal = refuse(line, card.pin)
        assert isinstance(refusal, VoucherLocked)
        assert refusal.next_at == NOW + timedelta(days=1)
        assert tries() == {f"voucher:wrong:account:{line.account_id}": 5}

    def test_lock_for_a_day_after_the_last(self, line: Line) -> None:
        card = make_card()
        for number in range(5):
            refuse(line, WRONG_PIN, now=NOW + timedelta(hours=number))
        last = NOW + timedelta(hours=4)
        assert type(refuse(line, card.pin, now=last + timedelta(days=1, microseconds=-1))) is VoucherLocked
        redeem(line, card.pin, now=last + timedelta(days=1))
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_are_not_forgiven_for_a_right_one(self, line: Line) -> None:
        self.guess(line, 4)
        redeem(line, make_card().pin)
        assert tries() == {f"voucher:wrong:account:{line.account_id}": 4}
        assert self.guess(line, 1) == ["VOUCHER_LOCKED"]

    def test_are_counted_by_account_whatever_number_they_are_for(self, line: Line) -> None:
        codes = [self.guess(line, 1, msisdn=make_line().msisdn)[0] for _number in range(5)]
        assert codes == ["VOUCHER_WRONG"] * 4 + ["VOUCHER_LOCKED"]
        assert type(refuse(line, make_card().pin)) is VoucherLocked

    def test_are_counted_by_number_whoever_of_the_strangers_tries(self, line: Line) -> None:
        codes = [self.guess(make_line(), 1, msisdn=line.msisdn)[0] for _stranger in range(5)]
        assert codes == ["VOUCHER_WRONG"] * 4 + ["VOUCHER_LOCKED"]
        assert type(refuse(make_line(), make_card().pin, msisdn=line.msisdn)) is VoucherLocked
        assert tries()[f"voucher:wrong:number:{line.msisdn}"] == 5

    def test_of_strangers_do_not_lock_the_owner_out(self, line: Line) -> None:
        for _stranger in range(5):
            self.guess(make_line(), 1, msisdn=line.msisdn)
        redeem(line, make_card().pin)
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_of_one_account_do_not_lock_another(self, line: Line) -> None:
        neighbour = make_line()
        self.guess(line, 5)
        redeem(neighbour, make_card().pin)
        assert wallet_of(neighbour.account_id) == (50_00, 0, 1)

    def test_stay_counted_when_the_refusal_is_answered_within_a_transaction(self, line: Line) -> None:
        with transaction.atomic(), pytest.raises(VoucherWrong):
            redeem(line, WRONG_PIN)
        assert tries() == {f"voucher:wrong:account:{line.account_id}": 1}

    def test_have_a_limit_that_is_a_setting(self, line: Line, settings: Settings) -> None:
        settings.VOUCHER_WRONG_TRIES = 2
        settings.VOUCHER_LOCK_SECONDS = 60
        assert self.guess(line, 3) == ["VOUCHER_WRONG", "VOUCHER_LOCKED", "VOUCHER_LOCKED"]
        redeem(line, make_card().pin, now=NOW + timedelta(seconds=60))
        assert wallet_of(line.account_id) == (60_00, 0, 2)


class TestTheTable:
    def test_holds_a_keyed_hash_of_the_pin_and_nothing_else_of_it(self, settings: Settings) -> None:
        card = make_card()
        voucher = voucher_of(card)
        assert voucher.pin_hash == Voucher.hash_of(card.pin)
        values = [str(getattr(voucher, field.attname)) for field in Voucher._meta.concrete_fields]
        assert [value for value in values if card.pin in value] == []
        settings.VOUCHER_KEY = uuid.uuid4().hex
        assert Voucher.hash_of(card.pin) != voucher.pin_hash

    def test_does_not_depend_on_the_secret_key_of_sessions(self, line: Line, settings: Settings) -> None:
        card = make_card()
        settings.SECRET_KEY = "rotated " * 8
        redeem(line, card.pin)
        assert wallet_of(line.account_id) == (60_00, 0, 2)
