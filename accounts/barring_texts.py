"""Texts about lines that are stopped and restored, in both languages. Those about arrears are billing's."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from accounts.models import BarReason
from messaging.texts import ENGLISH, SmsTemplate

# (Chinese, English): why a number is stopped, and what helps, where staff wrote no words of their own.
_WHY = {
    BarReason.LOST_SIM: ("SIM卡挂失", "SIM card reported lost"),
    BarReason.FRAUD_REVIEW: ("涉嫌异常使用，正在核查", "being checked for fraud"),
    BarReason.OPERATOR: ("运营商停机", "stopped by us"),
    BarReason.ARREARS_TWO_WAY: ("欠费", "money owed"),
    BarReason.ARREARS_ONE_WAY: ("欠费", "money owed"),
    BarReason.CUSTOMER_REQUEST: ("本人申请停机", "stopped at your request"),
}
_CURES = {
    BarReason.FRAUD_REVIEW: (
        "请携带有效证件到营业厅办理，或拨打客服电话核实。",
        "Visit a shop with your identity document, or ring us.",
    ),
    BarReason.OPERATOR: ("请拨打客服电话了解处理办法。", "Ring us: we tell you what has to happen."),
}

LINE_BARRED_LOST_SIM = SmsTemplate(
    kind="LINE_BARRED",
    zh=(
        "号码{number}已于{at}挂失停机：不能拨打、接听和上网，紧急电话仍可拨打。找回SIM卡后可凭服务密码在网上营业厅复机，"
        "否则请携带证件到营业厅补卡。如非本人操作，请拨打{service_number}。"
    ),
    en=(
        "Number {number} was stopped at {at} because its SIM card was reported lost: no calls in or out, no data;"
        " emergency calls still work. If you find the card, restore the number online with your service password, else"
        " get a new one in a shop. If this was not you, call {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number stopped: SIM card lost"),
    variant="LOST_SIM",
)
LINE_BARRED_ON_REQUEST = replace(
    LINE_BARRED_LOST_SIM,
    zh=(
        "号码{number}已按您的申请于{at}停机保号：不能拨打、接听和上网，紧急电话仍可拨打。您可随时在网上营业厅复机，"
        "最晚{until}自动复机。如非本人操作，请拨打{service_number}。"
    ),
    en=(
        "Number {number} was stopped at your request at {at}: no calls in or out, no data; emergency calls still work."
        " Restore it online whenever you like; it is restored by itself on {until}. If this was not you, call"
        " {service_number}."
    ),
    name=_("number stopped: at the customer's request"),
    variant="CUSTOMER_REQUEST",
)
LINE_BARRED_BY_OPERATOR = replace(
    LINE_BARRED_LOST_SIM,
    zh="号码{number}已于{at}停机，原因：{reason}。{cure}紧急电话仍可拨打。客服电话{service_number}。",
    en=(
        "Number {number} was stopped at {at}. Why: {reason}. {cure} Emergency calls still work. Our number:"
        " {service_number}."
    ),
    name=_("number stopped: by the operator"),
    variant="OPERATOR",
)
LINE_RESTORED = SmsTemplate(
    kind="LINE_RESTORED",
    zh="号码{number}已于{at}复机，可正常使用。如非本人操作，请拨打{service_number}。",
    en="Number {number} was restored at {at} and can be used again. If this was not you, call {service_number}.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number restored"),
)
LINE_STILL_BARRED = replace(
    LINE_RESTORED,
    zh=(
        "号码{number}的停机原因“{reason}”已于{at}解除，但因{others}仍处于停机状态。处理办法请登录网上营业厅“停复机”查看，"
        "或拨打{service_number}。"
    ),
    en=(
        'Number {number}: "{reason}" was lifted at {at}, but the number stays stopped: {others}. What helps stands'
        " online under Suspension, or call {service_number}."
    ),
    name=_("one reason lifted, number still stopped"),
    variant="STILL_BARRED",
)


def why_words(language: str, reason: str) -> str:
    """Return why a number is stopped, in a text's language."""
    return _WHY[BarReason(reason)][language == ENGLISH]


def cure_words(language: str, reason: str) -> str:
    """Return what helps against what the operator decided, in a text's language."""
    return _CURES[BarReason(reason)][language == ENGLISH]


def several_words(language: str, reasons: Iterable[str]) -> str:
    """Return several reasons in one piece, each once."""
    words = dict.fromkeys(why_words(language, reason) for reason in reasons)
    return (", " if language == ENGLISH else "、").join(words)
