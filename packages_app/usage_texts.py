"""Data reminders (流量提醒): what is used, left and included, until when, and what comes beyond and costs.

`{beyond}` is a sentence of `beyond_words`.
"""

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.money import yuan_text
from kernel.volume import volume_text
from messaging.models import TextGroup
from messaging.texts import ENGLISH, SmsTemplate, month_words

_UNITS = {"VOICE": {60: ("分钟", "minute"), 1: ("秒", "second")}, "SMS": {1: ("条", "message")}}

FIRST_USE = SmsTemplate(
    kind="DATA_FIRST_USE",
    zh="您本月已开始使用流量。截至{as_of}，套餐内共{total}，已用{used}，剩余{left}。{beyond}发送CXLL可查余量。",
    en="You started to use data this month. As of {as_of}: {used} used of {total}, {left} left. {beyond}"
    " Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
    name=_("first use of data in a month"),
    group=TextGroup.USAGE,
)
FIRST_USE_WITHOUT_ALLOWANCE = SmsTemplate(
    kind="DATA_FIRST_USE_BEYOND",
    zh="您本月已开始使用流量，当前没有套餐流量（截至{as_of}）。{beyond}发送CXLL可查余量。",
    en="You started to use data this month and have no data allowance (as of {as_of}). {beyond}"
    " Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
    name=_("first use of data, nothing included"),
    group=TextGroup.USAGE,
)
THRESHOLD_PASSED = SmsTemplate(
    kind="DATA_THRESHOLD_PASSED",
    zh="截至{as_of}，您的{name}流量已用{used}（{percent}%），剩余{left}，共{total}。用完后{beyond}发送CXLL可查余量。",
    en="As of {as_of} you used {used} ({percent}%) of the {total} data in {name}, {left} left. {beyond}"
    " Text CXLL for what is left.",
    lifetime=timedelta(hours=24),
    urgent=False,
    name=_("part of the data used"),
    group=TextGroup.USAGE,
)
USED_UP = SmsTemplate(
    kind="DATA_USED_UP",
    zh="截至{as_of}，您的{name}流量共{total}已全部用完，剩余{left}。{beyond}发送CXLL可查其他余量。",
    en="As of {as_of} all {total} of the data in {name} is used, {left} left. {beyond} Text CXLL for other allowances.",
    lifetime=timedelta(hours=24),
    urgent=True,
    name=_("all data used"),
    group=TextGroup.USAGE,
)
CAP_NEAR = SmsTemplate(
    kind="USAGE_CAP_NEAR",
    zh="截至{as_of}，您本月套餐外使用费用为{fee}元，已达本月封顶{cap}元的{percent}%。"
    "到达封顶后将暂停套餐外使用，不再收费。",
    en="As of {as_of} your use beyond the plan costs {fee} yuan this month, {percent}% of its cap of {cap} yuan."
    " At the cap such use is stopped and nothing more is charged.",
    lifetime=timedelta(hours=24),
    urgent=False,
    name=_("use beyond the plan nears its cap"),
)
CAP_REACHED = SmsTemplate(
    kind="USAGE_CAP_REACHED",
    zh="截至{as_of}，您本月套餐外使用费用已达封顶{cap}元，套餐外使用已暂停，不再收费。"
    "如需继续，发送JCFD可将本月封顶提高到{next}元，仅本月有效。",
    en="As of {as_of} your use beyond the plan has reached this month's cap of {cap} yuan: it is stopped and nothing"
    " more is charged. To go on, text JCFD: that lets this month's cap rise to {next} yuan, for this month alone.",
    lifetime=timedelta(hours=24),
    urgent=True,
    name=_("use beyond the plan stopped at its cap"),
)
CAP_LIFTED = SmsTemplate(
    kind="USAGE_CAP_LIFTED",
    zh="您已于{at}将本月套餐外使用封顶提高到{cap}元，套餐外使用已恢复，仅本月有效。如非本人操作请致电10086。",
    en="At {at} you let this month's cap on use beyond the plan rise to {cap} yuan, for this month alone; such use goes"
    " on. If that was not you, call 10086.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("cap on use beyond the plan raised"),
)
_BEYOND = {
    "DATA": ("套餐外流量", "Data beyond the plan"),
    "VOICE": ("套餐外语音", "Calls beyond the plan"),
    "SMS": ("套餐外短信", "Texts beyond the plan"),
}


def beyond_name(language: str, *, usage_kind: str, first_date: date) -> str:
    """Return what a charge for a month's use beyond the plan is called: "套餐外流量（2026年11月）"."""
    chinese, english = _BEYOND[usage_kind]
    month = month_words(language, first_date)
    return f"{english}, {month}" if language == ENGLISH else f"{chinese}（{month}）"


def beyond_words(language: str, *, price: Mapping[str, Any] | None, cap_fen: int) -> str:
    """Return what data beyond the plan costs, as one sentence.

    :param price: for data at home, as in the plan's terms; None when such use is not charged.
    :param cap_fen: what it may cost in the month as it is now.
    """
    if price is None or not price["price_li"]:
        return "Data beyond the plan is not charged by itself." if language == ENGLISH else "套餐外流量不会自动扣费。"
    words, cap = price_words(price, language), yuan_text(cap_fen)
    if language == ENGLISH:
        return f"Beyond the plan: {words}, at most {cap} yuan this month."
    return f"套餐外流量{words}，本月封顶{cap}元。"


def price_words(price: Mapping[str, Any], language: str) -> str:
    """Return a unit price of some terms: "5元/GB", "5 yuan per GB".

    :param price: a `packages_app.queries.terms.UnitPriceTerms`.
    """
    per_amount = int(price["per_amount"])
    if price["usage_kind"] == "DATA":
        amount = volume_text(per_amount)
        unit = amount.removeprefix("1 ")
        units = (unit.replace(" ", ""), unit)
    else:
        several = (
            f"{per_amount}{_UNITS[price['usage_kind']][1][0]}",
            f"{per_amount} {_UNITS[price['usage_kind']][1][1]}s",
        )
        units = _UNITS[price["usage_kind"]].get(per_amount, several)
    yuan = f"{Decimal(int(price['price_li'])) / 1000:f}"
    return f"{yuan} yuan per {units[1]}" if language == "en" else f"{yuan}元/{units[0]}"
