"""Recharge cards by text: CZ#PIN for one's own number, CZ#PIN#number for another."""

import logging
from datetime import timedelta

import pytest

from accounts.models import Line
from billing.models import TopUp
from billing.queries.audit import list_checks
from channels.capabilities import recharge_card
from channels.operations.answer_inbound import answer_inbound
from kernel.audit import run_check
from messaging.models import Inbound, Sms
from tests.factories.billing import make_line, wallet_of
from tests.factories.channels import text_10086, uses_of
from tests.factories.messaging import NOW, receive_text
from tests.factories.vouchers import WRONG_PIN, make_card

pytestmark = pytest.mark.django_db


@pytest.fixture
def line() -> Line:
    return make_line(cash_fen=10_00)


def kept() -> list[str]:
    return list(Inbound.objects.order_by("received_at", "id").values_list("body", flat=True))


def broken_invariants() -> list[str]:
    return [check.name for check in list_checks() if run_check(check).violations]


class TestOwnNumber:
    def test_is_credited_and_told_by_the_text_of_the_top_up_alone(self, line: Line) -> None:
        masked = f"{line.msisdn[3:6]}****{line.msisdn[10:]}"
        assert text_10086(line, f"CZ#{make_card().pin}") == [
            f"【和风通信】充值成功：11月22日14时30分为号码{masked}充值50.00元，当前余额60.00元。"
        ]
        assert wallet_of(line.account_id) == (60_00, 0, 2)
        assert TopUp.objects.get().channel == "SMS"
        assert uses_of(line) == [("SMS", "recharge_card", "OK")]
        assert kept() == ["CZ#****"]
        assert broken_invariants() == []

    def test_is_credited_once_when_texted_twice(self, line: Line) -> None:
        card, masked = make_card(), f"{line.msisdn[3:6]}****{line.msisdn[10:]}"
        text_10086(line, f"CZ#{card.pin}")
        assert text_10086(line, f"cz#{card.pin}", now=NOW + timedelta(hours=1)) == [
            f"【和风通信】该充值卡已于11月22日14时30分为号码{masked}充值50.00元，本次未重复充值。"
        ]
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_is_told_in_english_that_it_was_credited_before(self) -> None:
        line, card = make_line(language="en"), make_card()
        text_10086(line, f"CZ#{card.pin}")
        masked = f"{line.msisdn[3:6]}****{line.msisdn[10:]}"
        assert text_10086(line, f"CZ#{card.pin}", now=NOW + timedelta(hours=1)) == [
            (
                f"[Hefeng Telecom] This recharge card gave number {masked} 50.00 yuan at 22 Nov 14:30 already."
                " Nothing was added now."
            )
        ]


class TestAnotherNumber:
    def test_is_credited_and_both_are_told(self, line: Line) -> None:
        friend = make_line()
        national, masked = friend.msisdn.removeprefix("+86"), f"{friend.msisdn[3:6]}****{friend.msisdn[10:]}"
        assert text_10086(line, f"CZ#{make_card().pin}#{national}") == [
            f"【和风通信】充值成功：已用充值卡为号码{masked}充值50.00元。"
        ]
        assert [sms.kind for sms in Sms.objects.filter(account_id=friend.account_id)] == ["TOP_UP_RECEIVED"]
        assert (wallet_of(friend.account_id), wallet_of(line.account_id)) == ((50_00, 0, 1), (10_00, 0, 1))
        assert TopUp.objects.get().payer_account_id == line.account_id
        assert kept() == [f"CZ#****#{national}"]

    @pytest.mark.parametrize(
        ("number", "code"), [("123", "NUMBER_INVALID"), ("13012345678", "NUMBER_UNKNOWN"), ("#", "NUMBER_INVALID")]
    )
    def test_that_is_none_is_refused_and_the_card_stays_good(self, line: Line, number: str, code: str) -> None:
        card = make_card()
        assert len(text_10086(line, f"CZ#{card.pin}#{number}")) == 1
        assert uses_of(line) == [("SMS", "recharge_card", code)]
        text_10086(line, f"CZ#{card.pin}")
        assert wallet_of(line.account_id) == (60_00, 0, 2)


class TestWrongPins:
    def test_are_counted_and_lock_on_every_channel(self, line: Line) -> None:
        for _time in range(5):
            text_10086(line, f"CZ#{WRONG_PIN}")
        text_10086(line, f"CZ#{make_card().pin}")
        outcomes = [outcome for _channel, _capability, outcome in uses_of(line)]
        assert outcomes == ["VOUCHER_WRONG"] * 4 + ["VOUCHER_LOCKED"] * 2
        assert wallet_of(line.account_id) == (10_00, 0, 1)

    def test_are_answered_with_the_refusal(self, line: Line) -> None:
        english = make_line(language="en")
        assert text_10086(english, f"CZ#{WRONG_PIN}") == [
            (
                "[Hefeng Telecom] There is no recharge card with this PIN. Compare it with the card digit by digit."
                " You have 4 more tries."
            )
        ]
        assert text_10086(english, "CZ#12345") == [
            (
                "[Hefeng Telecom] This is not the PIN of a recharge card. Enter all 18 digits from under the"
                " scratch-off strip."
            )
        ]


class TestThePin:
    @pytest.mark.parametrize(
        ("sent", "stays"),
        [
            ("CZ#{pin}", "CZ#****"),
            ("cz # {pin} ", "CZ#****"),
            ("ＣＺ＃{pin}＃", "CZ#****"),
            ("CZ#12,34,{pin}", "CZ#****"),
            ("CZ#1234#{pin}", "CZ#****#****"),
            ("CZ {pin}", "CZ ****"),
            ("{pin}", "****"),
            ("我的卡密是{pin}，谢谢", "我的卡密是****，谢谢"),
            ("是 {pin}", "是 ****"),
        ],
    )
    def test_is_not_kept_however_it_was_sent(self, line: Line, sent: str, stays: str) -> None:
        pin = make_card().pin
        text_10086(line, sent.format(pin=pin))
        assert kept() == [stays]

    @pytest.mark.parametrize("between", [" ", "-", "  ", "."])
    def test_is_not_kept_in_groups_either(self, line: Line, between: str) -> None:
        pin = make_card().pin
        for size in (3, 4, 6):
            text_10086(line, between.join(pin[start : start + size] for start in range(0, 18, size)))
        assert kept() == ["****"] * 3

    def test_is_read_in_groups(self, line: Line) -> None:
        pin = make_card().pin
        text_10086(line, f"CZ#{pin[:6]} {pin[6:12]} {pin[12:]}")
        assert wallet_of(line.account_id) == (60_00, 0, 2)

    def test_leaves_lists_of_numbers_and_other_texts_as_they_were(self, line: Line) -> None:
        sent = ["1,2,3,4,5,6,7,8,9,10,11,12", "CXYE", "13800138000", "1 2 3 4 5 6 7 8 9 10 11 12 13 14"]
        for body in sent:
            text_10086(line, body)
        assert sorted(kept()) == sorted(sent)
        assert broken_invariants() == []

    def test_is_not_kept_when_answering_was_given_up(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        def poison(**_arguments: object) -> TopUp:
            raise ZeroDivisionError("poison")

        monkeypatch.setattr(recharge_card, "redeem_voucher", poison)
        inbound_id = receive_text(line, f"CZ#{make_card().pin}#13800138000")
        for _try in range(3):
            with pytest.raises(ZeroDivisionError):
                answer_inbound(account_id=line.account_id, inbound_id=inbound_id, now=NOW)
        assert kept() == ["CZ#****#13800138000"]

    def test_is_in_no_log(self, line: Line, caplog: pytest.LogCaptureFixture) -> None:
        caplog.set_level(logging.DEBUG)
        pin = make_card().pin
        text_10086(line, f"CZ#{pin}")
        text_10086(line, f"CZ#{WRONG_PIN}")
        assert pin not in caplog.text
        assert WRONG_PIN not in caplog.text
