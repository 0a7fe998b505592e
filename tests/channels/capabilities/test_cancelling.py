"""The list on 0000 and the numbers it is answered with."""

from datetime import timedelta

import pytest

from accounts.models import Line
from channels.models import NumberedList
from packages_app.models import Subscription
from packages_app.operations.subscriptions import cancel_subscription
from tests.factories.billing import make_line
from tests.factories.channels import text_10086, uses_of
from tests.factories.messaging import NOW
from tests.factories.packages_app import ask_for_change, buy, give_plan, make_offering, make_plan, make_service, say_yes

pytestmark = pytest.mark.django_db

LIST = timedelta(hours=2)
BEFORE = NOW - timedelta(hours=1)


def a_customer(language: str = "zh-hans", services: int = 2) -> Line:
    """A line with a plan, a data pack and so many services."""
    line = make_line(cash_fen=500_00, language=language)
    give_plan(line)
    buy(line, make_offering(), now=BEFORE)
    for number in range(services):
        name = f"听书会员{number + 1}"
        buy(line, make_service(name_zh=name, name_en=f"Club {number + 1}"), now=BEFORE + timedelta(seconds=number))
    return line


def cancelled(line: Line) -> list[str]:
    gone = Subscription.objects.filter(account_id=line.account_id, cancelled_at__isnull=False)
    return sorted(subscription.terms["name_zh"] for subscription in gone)


def outcomes(line: Line) -> list[tuple[str, str]]:
    return [(capability, outcome) for _channel, capability, outcome in uses_of(line)]


class TestTheList:
    def test_is_told_in_chinese(self) -> None:
        line = a_customer()
        later = NOW + timedelta(minutes=1)
        assert text_10086(line, "0000", now=later) == [
            (
                "【和风通信】您的套餐：畅享套餐59元。\n1GB流量包，11月30日到期\n可退订的业务：\n"
                "1、听书会员1 9.90元/月\n2、听书会员2 9.90元/月\n"
                "退订请回复序号，多个序号用逗号隔开，11月22日16时31分前有效。"
            )
        ]
        assert outcomes(line) == [("what_i_have", "OK")]

    def test_is_told_in_english(self) -> None:
        assert text_10086(a_customer("en"), "0000", now=NOW + timedelta(minutes=1)) == [
            (
                "[Hefeng Telecom] Your plan: Breeze 59.\n1 GB data pack, until the end of 30 Nov\n"
                "Services you can cancel:\n1) Club 1 9.90 yuan a month\n2) Club 2 9.90 yuan a month\n"
                "To cancel, reply with the number, several with commas, before 22 Nov 16:31."
            )
        ]

    def test_says_so_when_there_is_nothing_to_cancel(self) -> None:
        line = make_line()
        give_plan(line)
        assert text_10086(line, "0000") == ["【和风通信】您的套餐：畅享套餐59元。\n您没有可退订的业务。"]
        assert text_10086(make_line(language="en"), "0000") == [
            "[Hefeng Telecom] Your plan: none.\nYou have no services to cancel."
        ]

    def test_is_kept_for_two_hours_and_replaced_by_the_next(self) -> None:
        line = a_customer()
        text_10086(line, "0000")
        text_10086(line, "0000", now=NOW + timedelta(hours=1))
        kept = NumberedList.objects.get(account_id=line.account_id)
        assert (len(kept.subscription_ids), kept.expires_at) == (2, NOW + timedelta(hours=1) + LIST)

    def test_goes_on_in_another_text_when_it_is_long(self) -> None:
        first, second = text_10086(a_customer(services=9), "0000", now=NOW + timedelta(minutes=1))
        assert first.endswith("\n8、听书会员8 9.90元/月")
        assert second == (
            "【和风通信】（续）可退订的业务：\n9、听书会员9 9.90元/月\n"
            "退订请回复序号，多个序号用逗号隔开，11月22日16时31分前有效。"
        )


class TestNumbers:
    @pytest.mark.parametrize(
        ("reply", "gone"),
        [("2", ["听书会员2"]), ("1,2", ["听书会员1", "听书会员2"]), ("２，１，２", ["听书会员1", "听书会员2"])],
    )
    def test_cancel_what_they_stand_for_each_with_its_own_text(self, reply: str, gone: list[str]) -> None:
        line = a_customer()
        text_10086(line, "0000")
        texts = text_10086(line, reply, now=NOW + timedelta(minutes=1))
        assert cancelled(line) == gone
        assert sorted(texts) == [
            f"【和风通信】您已退订“{name}”，可继续使用至11月30日24时，之后不再扣费。如非本人操作，请致电10086。"
            for name in gone
        ]
        assert outcomes(line)[-1] == ("cancel_by_number", "OK")

    def test_cancel_nothing_when_one_is_wrong_and_say_which(self) -> None:
        line = a_customer()
        text_10086(line, "0000")
        assert text_10086(line, "1,3,0") == [
            "【和风通信】清单中没有序号0、3（最后一个是2），未退订任何业务。请回复清单中的序号，或发送0000重新查询。"
        ]
        assert cancelled(line) == []
        assert outcomes(line)[-1] == ("cancel_by_number", "NUMBERS_UNKNOWN")

    def test_say_which_is_wrong_in_english(self) -> None:
        line = a_customer("en")
        text_10086(line, "0000")
        assert text_10086(line, "1,3,9") == [
            (
                "[Hefeng Telecom] There is no 3, 9 on the list, which ends with 2, so nothing was cancelled. Reply"
                " with numbers of the list, or text 0000 for a new one."
            )
        ]

    @pytest.mark.parametrize("asked", [True, False])
    def test_mean_nothing_without_a_valid_list(self, asked: bool) -> None:
        line = a_customer()
        if asked:
            text_10086(line, "0000")
        assert text_10086(line, "1", now=NOW + LIST) == [
            "【和风通信】序号清单不存在或已过期，未退订任何业务。请发送0000获取清单，2小时内回复序号有效。"
        ]
        assert cancelled(line) == []
        assert outcomes(line)[-1] == ("cancel_by_number", "LIST_EXPIRED")

    def test_mean_nothing_without_a_list_in_english(self) -> None:
        assert text_10086(make_line(language="en"), "1") == [
            (
                "[Hefeng Telecom] There is no valid list for these numbers, so nothing was cancelled. Text 0000 for a"
                " list; its numbers work for 2 hours."
            )
        ]

    def test_keep_their_meaning_when_something_new_was_bought_since(self) -> None:
        line = a_customer()
        text_10086(line, "0000")
        buy(line, make_service(name_zh="新业务"), now=NOW - timedelta(days=1))
        text_10086(line, "1", now=NOW + timedelta(minutes=1))
        assert cancelled(line) == ["听书会员1"]

    def test_say_what_had_been_cancelled_before(self) -> None:
        line = a_customer()
        text_10086(line, "0000")
        first = Subscription.objects.get(account_id=line.account_id, terms__name_zh="听书会员1")
        cancel_subscription(account_id=line.account_id, subscription_id=first.id, channel="WEB", now=NOW)
        texts = text_10086(line, "1,2", now=NOW + timedelta(minutes=1))
        assert "【和风通信】此前已退订：听书会员1。无需再次操作。" in texts
        assert len(texts) == 2
        assert cancelled(line) == ["听书会员1", "听书会员2"]

    def test_say_what_had_been_cancelled_before_in_english(self) -> None:
        line = a_customer("en")
        text_10086(line, "0000")
        text_10086(line, "1,2")
        assert text_10086(line, "1,2", now=NOW + timedelta(minutes=1)) == [
            "[Hefeng Telecom] Already cancelled before: Club 1, Club 2. There is nothing more to do."
        ]

    def test_cancel_nothing_when_one_of_them_is_over(self) -> None:
        line = a_customer()
        text_10086(line, "0000")
        Subscription.objects.filter(account_id=line.account_id, terms__name_zh="听书会员2").update(ends_at=NOW)
        text_10086(line, "1,2", now=NOW + timedelta(minutes=1))
        assert cancelled(line) == []
        assert outcomes(line)[-1] == ("cancel_by_number", "ALREADY_ENDED")

    def test_of_another_line_cancel_nothing_here(self) -> None:
        line, other = a_customer(), a_customer()
        text_10086(line, "0000")
        text_10086(other, "1")
        assert cancelled(line) == cancelled(other) == []


class TestAChangeOfPlanThatIsToCome:
    def test_stands_on_the_list_and_is_withdrawn_by_its_number(self) -> None:
        line = a_customer(services=1)
        plan = make_plan(price_fen=29_00, name_zh="畅享套餐29元")
        say_yes(ask_for_change(line, plan, now=BEFORE), now=BEFORE)
        (listed,) = text_10086(line, "0000", now=NOW)
        assert "2、畅享套餐29元 29.00元/月（12月1日起改订）" in listed
        (answer,) = text_10086(line, "2", now=NOW)
        assert "您已撤回改订“畅享套餐29元”，“畅享套餐59元”继续有效" in answer
        assert cancelled(line) == ["畅享套餐29元"]


class TestAContract:
    def test_is_told_with_its_day_and_has_no_number(self) -> None:
        line = a_customer(services=0)
        buy(line, make_service(kind="DEVICE_CONTRACT", name_zh="手机合约", commitment_months=24), now=BEFORE)
        (listed,) = text_10086(line, "0000", now=NOW)
        assert "手机合约，合约至2028年11月1日" in listed
        assert "您没有可退订的业务" in listed
