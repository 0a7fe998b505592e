"""The welcome notice (入网提醒) of a new line: number, plan, fee, what is included, how to leave, where to ask."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from kernel.volume import volume_text, whole_minutes
from messaging.texts import ENGLISH, SmsTemplate
from packages_app.models import UsageKind

WELCOME = SmsTemplate(
    kind="WELCOME",
    zh="欢迎使用，您的号码{number}已开通。套餐“{plan}”每月{amount}元，含{included}；首月收费{first}元。"
    "网上营业厅可变更套餐、退订业务，发送CXYE查话费、CXLL查余量、"
    "0000查已订业务。咨询请拨{service_number}。",
    en='Welcome: your number {number} is in use. Your plan "{plan}" costs {amount} yuan a month and includes'
    " {included}; the first month costs {first} yuan. Change it or leave services in the online hall; text CXYE for"
    " your balance, CXLL for what is left, 0000 for what you have. Questions: {service_number}.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("welcome notice"),
)


def included_words(language: str, allowances: Sequence[Mapping[str, Any]]) -> str:
    """Return what a plan includes as a text writes it: "流量30 GB、语音500分钟、短信50条"."""
    parts = [_allowance_words(language, part["usage_kind"], part["amount"]) for part in allowances]
    if language == ENGLISH:
        return ", ".join(parts) or "no allowances"
    return "、".join(parts) or "无套餐内用量"


def _allowance_words(language: str, usage_kind: str, amount: int) -> str:
    english = language == ENGLISH
    if usage_kind == UsageKind.DATA:
        return f"{volume_text(amount)} of data" if english else f"流量{volume_text(amount)}"
    if usage_kind == UsageKind.VOICE:
        minutes = whole_minutes(amount)
        return f"{minutes} minutes of calls" if english else f"语音{minutes}分钟"
    return f"{amount} texts" if english else f"短信{amount}条"
