"""Balance, allowance, menu and summary: what each answers to the letter, in both languages."""

from datetime import timedelta

import pytest
from pytest_django import Settings

from accounts.models import Line
from billing.models import Wallet
from packages_app.models import Bucket, UsageKind
from packages_app.operations.buckets import open_buckets
from tests.factories.billing import make_charge, make_line
from tests.factories.channels import ring_1008611, text_10086, uses_of
from tests.factories.messaging import NOW
from tests.factories.packages_app import GB, give_plan
from tests.factories.points import bring_in, earn
from tests.factories.stars import give_star

pytestmark = pytest.mark.django_db


def a_customer(language: str = "zh-hans") -> Line:
    """A line with a balance of 86.50, 22 of 30 GB used and 779 seconds of calls used."""
    line = make_line(cash_fen=80_00, bonus_fen=6_50, language=language)
    open_buckets(subscription=give_plan(line), now=NOW)
    Bucket.objects.filter(account_id=line.account_id, usage_kind=UsageKind.DATA).update(used=22 * GB)
    Bucket.objects.filter(account_id=line.account_id, usage_kind=UsageKind.VOICE).update(used=779)
    return line


class TestBalance:
    def test_is_told_in_chinese(self) -> None:
        line = a_customer()
        assert text_10086(line, "CXYE") == [
            "【和风通信】截至11月22日14时30分，您的账户余额86.50元，其中现金80.00元，赠款6.50元。"
        ]
        assert uses_of(line) == [("SMS", "balance", "OK")]

    def test_is_told_in_english(self) -> None:
        assert text_10086(a_customer("en"), "cxye") == [
            "[Hefeng Telecom] As of 22 Nov 14:30 your balance is 86.50 yuan: 80.00 in cash and 6.50 in bonus."
        ]

    def test_says_what_is_owed_and_how_it_is_paid(self) -> None:
        line = a_customer()
        make_charge(line, amount_fen=100_00, may_owe=True)
        assert text_10086(line, "CXYE") == [
            (
                "【和风通信】截至11月22日14时30分，您的账户余额86.50元，其中现金80.00元，赠款6.50元；"
                "另欠费100.00元，充值13.50元后自动缴清。"
            )
        ]

    def test_is_refused_when_there_is_no_wallet(self) -> None:
        line = make_line(language="en")
        Wallet.objects.filter(account_id=line.account_id).delete()
        assert text_10086(line, "CXYE") == ["[Hefeng Telecom] We could not find this."]
        assert uses_of(line) == [("SMS", "balance", "NOT_FOUND")]


class TestAllowance:
    def test_is_told_in_chinese(self) -> None:
        line = a_customer()
        assert text_10086(line, "CXLL") == [
            (
                "【和风通信】截至11月22日14时30分，您的套餐余量：\n流量剩余8 GB，共30 GB\n"
                "语音剩余487分钟，共500分钟\n12月1日起重新计算。"
            )
        ]
        assert uses_of(line) == [("SMS", "allowance", "OK")]

    def test_is_told_in_english(self) -> None:
        assert text_10086(a_customer("en"), "CXLL") == [
            (
                "[Hefeng Telecom] Your allowances as of 22 Nov 14:30:\ndata 8 GB left of 30 GB\n"
                "calls 487 min left of 500 min\nNew ones start on 1 Dec."
            )
        ]

    def test_is_told_to_whoever_has_none(self) -> None:
        assert text_10086(make_line(), "CXLL") == ["【和风通信】截至11月22日14时30分，您的号码没有套餐余量。"]
        assert text_10086(make_line(language="en"), "CXLL") == [
            "[Hefeng Telecom] As of 22 Nov 14:30 this number has no allowances."
        ]

    def test_names_texts_too(self) -> None:
        line = a_customer()
        Bucket.objects.filter(account_id=line.account_id, usage_kind=UsageKind.VOICE).update(
            usage_kind=UsageKind.SMS, total=100, used=1
        )
        assert text_10086(line, "CXLL") == [
            (
                "【和风通信】截至11月22日14时30分，您的套餐余量：\n流量剩余8 GB，共30 GB\n"
                "短信剩余99条，共100条\n12月1日起重新计算。"
            )
        ]


class TestMenu:
    def test_is_told_in_chinese(self) -> None:
        line = make_line()
        assert text_10086(line, "在吗") == [
            (
                "【和风通信】请回复以下指令：\nCXYE 查余额\nCXLL 查流量等余量\nCXJF 查积分\nCXXJ 查信用星级\n"
                "CXXZ 查携号转网资格\nCXTJ 查停机原因（FJ 复机）\n0000 查已订业务、退订\n是 确认订购\n"
                "CZ#充值卡密码 充值（为他人充值：CZ#密码#号码）\n"
                "也可拨打1008611，自动挂断后短信告知套餐、余额和流量。"
            )
        ]
        assert uses_of(line) == [("SMS", "menu", "OK")]

    def test_is_told_in_english_with_the_operators_own_numbers(self, settings: Settings) -> None:
        settings.FLASH_CALL_NUMBER = "1234511"
        assert text_10086(make_line(language="en"), "help") == [
            (
                "[Hefeng Telecom] Text one of these:\nCXYE balance\nCXLL data and other allowances\nCXJF points\n"
                "CXXJ credit star\nCXXZ porting\nCXTJ why the number is stopped (FJ restores it)\n"
                "0000 what you have, and cancelling\nYES to confirm an order\n"
                "CZ#PIN to use a recharge card (CZ#PIN#number for another number)\n"
                "Or ring 1234511: it rings off and texts you plan, balance and data left."
            )
        ]


class TestSummary:
    def test_is_told_in_chinese(self) -> None:
        line = a_customer()
        assert ring_1008611(line) == [
            "【和风通信】截至11月22日14时30分，当前套餐：畅享套餐59元，余额86.50元，流量剩余8 GB，共30 GB。"
        ]
        assert uses_of(line) == [("FLASH_CALL", "summary", "OK")]

    def test_is_told_in_english(self) -> None:
        assert ring_1008611(a_customer("en")) == [
            "[Hefeng Telecom] As of 22 Nov 14:30: plan Breeze 59, balance 86.50 yuan, data 8 GB left of 30 GB."
        ]

    def test_is_told_to_whoever_has_nothing(self) -> None:
        assert ring_1008611(make_line()) == [
            "【和风通信】截至11月22日14时30分，当前套餐：无，余额0.00元，没有套餐流量。"
        ]
        assert ring_1008611(make_line(language="en")) == [
            "[Hefeng Telecom] As of 22 Nov 14:30: plan none, balance 0.00 yuan, no data allowance."
        ]

    def test_is_told_once_in_a_minute_however_often_the_number_is_rung(self) -> None:
        line = a_customer()
        texts = [
            len(ring_1008611(line, now=NOW + timedelta(seconds=seconds))) for seconds in (0, 1, 59, 60, 61, 119, 120)
        ]
        assert texts == [1, 0, 0, 1, 0, 0, 1]
        assert [outcome for _channel, _capability, outcome in uses_of(line)] == [
            "OK",
            "JUST_TOLD",
            "JUST_TOLD",
            "OK",
            "JUST_TOLD",
            "JUST_TOLD",
            "OK",
        ]

    def test_is_told_again_after_the_operators_own_quiet_time(self, settings: Settings) -> None:
        settings.FLASH_CALL_QUIET_SECONDS = 5
        line = a_customer()
        assert len(ring_1008611(line)) == 1
        assert len(ring_1008611(line, now=NOW + timedelta(seconds=5))) == 1


class TestPoints:
    def test_are_told_with_what_expires_first(self) -> None:
        line = make_line()
        bring_in(line, 300, earned_at=NOW)
        earn(line, 59)
        assert text_10086(line, "cxjf") == [
            "【和风通信】截至11月22日14时30分，您有359积分，其中359积分将于2029年11月底到期。登录网上营业厅可兑换赠款。"
        ]
        assert uses_of(line) == [("SMS", "points", "OK")]

    def test_are_none_before_anything_is_spent(self) -> None:
        assert text_10086(make_line(language="en"), "CXJF") == [
            "[Hefeng Telecom] As of 22 Nov 14:30 you have no points. You earn them with what you spend."
        ]


class TestStar:
    @pytest.mark.parametrize(
        ("star", "language", "answer"),
        [
            (
                3,
                "zh-hans",
                "您的信用星级为3星（60分），可透支额度50.00元，剩余50.00元。距4星还差15分，评定依据见网上营业厅“信用星级”。",
            ),
            (
                5,
                "en",
                (
                    "Your credit star is 5 (90 points), the highest. Overdraft: 50.00 yuan, 50.00 left. See why in the"
                    " online hall, under Credit star."
                ),
            ),
            (None, "zh-hans", "您暂无信用星级：入网满规定月数后参加评定，还需3个月。"),
        ],
    )
    def test_is_told_with_what_the_next_one_needs(self, star: int | None, language: str, answer: str) -> None:
        line = make_line(overdraft_fen=50_00, language=language)
        give_star(line.account_id, star, overdraft_fen=50_00 if star else 0)
        assert [text.split("】")[-1].split("] ")[-1] for text in text_10086(line, "cxxj")] == [answer]
        assert uses_of(line) == [("SMS", "star", "OK")]

    def test_says_when_there_was_no_rating_yet(self) -> None:
        assert text_10086(make_line(), "CXXJ") == [
            "【和风通信】您尚未参加信用星级评定。每月初评定一次，届时可发送CXXJ查询。"
        ]
