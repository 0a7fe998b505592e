"""Texts about money that is owed for too long: warnings, what is barred and why, and that all is well again."""

from dataclasses import replace
from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from billing.models import DunningStep
from messaging.texts import SmsTemplate

ARREARS_WARNING = SmsTemplate(
    kind="ARREARS_WARNING",
    zh=(
        "欠费提醒：号码{number}所属账户欠费{owed}元，请尽快充值至少{missing}元，否则最早{day}停机。"
        "充值后自动缴清。咨询{service_number}。"
    ),
    en=(
        "{owed} yuan are owed for {number}. Top up at least {missing} yuan soon, or the number may be stopped from"
        " {day} on. What you top up pays it by itself. Questions: {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("warning: money owed"),
)
ARREARS_ONE_WAY = SmsTemplate(
    kind="ARREARS_ONE_WAY",
    zh=(
        "号码{number}因欠费{owed}元已于{at}单向停机：不能拨打和上网，仍可接听，紧急电话仍可拨打。"
        "充值{missing}元后一分钟内自动复机；仍未缴清的，最早{day}双向停机。咨询{service_number}。"
    ),
    en=(
        "Number {number}: outgoing calls and data were stopped at {at}, because {owed} yuan are owed. Incoming and"
        " emergency calls work. Top up {missing} yuan and it is restored by itself within a minute, or incoming calls"
        " may stop too from {day} on. Questions: {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number stopped one way: money owed"),
)
ARREARS_TWO_WAY = SmsTemplate(
    kind="ARREARS_TWO_WAY",
    zh=(
        "号码{number}因欠费{owed}元已于{at}双向停机：不能拨打、接听和上网，紧急电话仍可拨打。"
        "充值{missing}元后一分钟内自动复机。咨询{service_number}。"
    ),
    en=(
        "Number {number}: calls both ways and data were stopped at {at}, because {owed} yuan are owed. Emergency calls"
        " work. Top up {missing} yuan and it is restored by itself within a minute. Questions: {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number stopped both ways: money owed"),
)
ARREARS_RELEASE_WARNING = SmsTemplate(
    kind="ARREARS_RELEASE_WARNING",
    zh=(
        "销号提醒：号码{number}欠费{owed}元，仍未缴清的，最早{day}销号收回，欠费仍须缴纳。"
        "充值{missing}元后一分钟内自动复机。咨询{service_number}。"
    ),
    en=(
        "{owed} yuan are owed for {number}. If they are not paid, the number may be taken back from {day} on, and the"
        " money stays owed. Top up {missing} yuan and it is restored within a minute. Questions: {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("warning: number will be released"),
)
ARREARS_RELEASED = SmsTemplate(
    kind="ARREARS_RELEASED",
    zh="号码{number}因长期欠费已于{at}销号，尚欠{owed}元。如需缴清，请到营业厅或拨打{service_number}。",
    en=(
        "Number {number} was taken back at {at}, because {owed} yuan have been owed for long. To pay them, visit a shop"
        " or call {service_number}."
    ),
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number released: money owed"),
)
ARREARS_LIFTED = SmsTemplate(
    kind="ARREARS_LIFTED",
    zh="欠费已缴清，号码{number}已于{at}自动复机，可正常使用。",
    en="All that was owed is paid. Number {number} was restored at {at} and can be used again.",
    lifetime=timedelta(days=3),
    urgent=True,
    name=_("number restored: all paid"),
)
ARREARS_LIFTED_STILL_BARRED = replace(
    ARREARS_LIFTED,
    zh="欠费已缴清，号码{number}的欠费停机已于{at}解除，但因{others}仍处于停机状态。处理办法请登录网上营业厅“停复机”查看。",
    en=(
        "All that was owed is paid: since {at} number {number} is not stopped for it any more. It stays stopped:"
        " {others}. What helps stands online under Suspension."
    ),
    name=_("all paid, number stopped for another reason"),
    variant="STILL_BARRED",
)

TEXT_OF_STEP = {
    DunningStep.WARNED: ARREARS_WARNING,
    DunningStep.ONE_WAY: ARREARS_ONE_WAY,
    DunningStep.TWO_WAY: ARREARS_TWO_WAY,
    DunningStep.RELEASE_WARNED: ARREARS_RELEASE_WARNING,
    DunningStep.RELEASED: ARREARS_RELEASED,
}
