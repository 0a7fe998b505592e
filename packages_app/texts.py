"""The texts about orders and subscriptions, in both languages. Reminders about usage stand with usage."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from kernel.clock import SHANGHAI
from kernel.money import yuan_text
from messaging.texts import CHINESE, ENGLISH, SmsTemplate, day_words
from packages_app.models import FirstMonthRule, Recurrence

_LONGEST_NAME_IN_CART = 40

ORDER_CONFIRMATION = SmsTemplate(
    kind="ORDER_CONFIRMATION",
    zh="您要订购“{name}”：{offer}。确认码{code}，同意请回复“{yes} {code}”或“{yes}”，或在网页输入确认码。"
    "{deadline}前不确认，则不订购、不扣费。",
    en='You asked for "{name}": {offer}. Your code is {code}. To agree, reply "{yes} {code}" or "{yes}", or'
    " enter the code on the page. If you do nothing until {deadline}, nothing is ordered or charged.",
    # A setting says how long an order waits: `quote_order` puts what is left of it here.
    lifetime=timedelta(hours=2),
    urgent=True,
    name=_("order waiting for its second yes"),
    proof=True,
)

CART_CONFIRMATION = SmsTemplate(
    kind="ORDER_CONFIRMATION",
    zh="您要一次订购{count}项业务：{offers}。合计本次扣{price}元。确认码{code}，全部同意请回复“{yes} {code}”或“{yes}”，"
    "或在网页输入确认码。{deadline}前不确认，则全部不订购、不扣费。",
    en="You asked for {count} things at once: {offers}. Together {price} yuan now. Your code is {code}. To agree to all"
    ' of them, reply "{yes} {code}" or "{yes}", or enter the code on the page. If you do nothing until {deadline},'
    " none is ordered and nothing is charged.",
    lifetime=timedelta(hours=2),
    urgent=True,
    name=_("several orders waiting for one second yes"),
    proof=True,
    variant="SEVERAL",
)

CHANGE_WITHDRAWN = SmsTemplate(
    kind="PLAN_CHANGE_WITHDRAWN",
    zh="您已撤回改订“{name}”，“{kept}”继续有效，不另扣费。如非本人操作，请致电{service_number}。",
    en='You withdrew the change to "{name}". "{kept}" goes on, and nothing is charged for this. If this was not you,'
    " call {service_number}.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("change of plan withdrawn"),
)

SUBSCRIPTION_CANCELLED = SmsTemplate(
    kind="SUBSCRIPTION_CANCELLED",
    zh="您已退订“{name}”，可继续使用至{last_day}24时，之后不再扣费。如非本人操作，请致电{service_number}。",
    en='You cancelled "{name}". What you paid for lasts until the end of {last_day}; nothing is charged after that.'
    " If this was not you, call {service_number}.",
    lifetime=timedelta(days=1),
    urgent=True,
    name=_("subscription cancelled"),
)


def yes_word(language: str) -> str:
    """Return the word to reply that confirms an order: "是", "YES"."""
    words = settings.CONFIRMATION_WORDS_EN if language == ENGLISH else settings.CONFIRMATION_WORDS
    return str(words[0])


def offer_words(language: str, *, terms: Mapping[str, Any], quote: Mapping[str, Any], is_plan: bool) -> str:
    """Return what an order costs now and later, what begins and ends, until when, and how to leave it.

    :param terms: as offered (`packages_app.queries.terms.Terms`).
    :param quote: as kept with the order (`packages_app.queries.quotes.Quote`).
    """
    words = _english_words if language == ENGLISH else _chinese_words
    return words(terms, quote, is_plan)


def cart_words(language: str, offers: Sequence[tuple[str, Mapping[str, Any], Mapping[str, Any]]]) -> str:
    """Return (name, terms, quote) of each thing in a cart as one text lists them: short, so that it fits."""
    brief, joint, shape = (
        (_brief_english, "; ", '({number}) "{name}": {offer}')
        if language == ENGLISH
        else (_brief_chinese, "；", "（{number}）“{name}”：{offer}")
    )
    return joint.join(
        shape.format(number=number, name=Truncator(name).chars(_LONGEST_NAME_IN_CART), offer=brief(terms, quote))
        for number, (name, terms, quote) in enumerate(offers, start=1)
    )


def _brief_chinese(terms: Mapping[str, Any], quote: Mapping[str, Any]) -> str:
    if terms["recurrence"] == Recurrence.ONCE:
        return _chinese_words(terms, quote, is_plan=False)
    _starts_at, bound_until = _instants(quote)
    words = f"本次{yuan_text(quote['price_now_fen'])}元，之后每月1日{yuan_text(quote['monthly_fen'])}元"
    return f"{words}，{_chinese_binding(bound_until)}" if bound_until else f"{words}，可随时退订"


def _brief_english(terms: Mapping[str, Any], quote: Mapping[str, Any]) -> str:
    if terms["recurrence"] == Recurrence.ONCE:
        return _english_words(terms, quote, is_plan=False)
    _starts_at, bound_until = _instants(quote)
    words = f"{yuan_text(quote['price_now_fen'])} yuan now, then {yuan_text(quote['monthly_fen'])} a month"
    return f"{words}, {_english_binding(bound_until)}" if bound_until else f"{words}, cancel at any time"


def _chinese_binding(until: datetime) -> str:
    return f"{until.year}年{day_words(CHINESE, until)}前不可退订"


def _english_binding(until: datetime) -> str:
    return f"cannot be cancelled before {day_words(ENGLISH, until)} {until.year}"


def _chinese_words(terms: Mapping[str, Any], quote: Mapping[str, Any], is_plan: bool) -> str:
    now_fen, monthly_fen = quote["price_now_fen"], quote["monthly_fen"]
    if terms["recurrence"] == Recurrence.ONCE:
        until = f"确认后{quote['validity_days']}天内有效" if quote["validity_days"] else "确认当月有效"
        price = f"{terms['points_price']}积分" if terms.get("points_price") else f"{yuan_text(now_fen)}元"
        return f"{price}，一次性，{until}"
    starts_at, bound_until = _instants(quote)
    if starts_at:
        parts = [f"本次不扣费，{day_words(CHINESE, starts_at)}起每月{yuan_text(monthly_fen)}元"]
    else:
        price = f"本次扣{yuan_text(now_fen)}元" if now_fen else "本次不扣费"
        parts = [f"{price}{_chinese_details(quote)}，之后每月1日{yuan_text(monthly_fen)}元，确认后立即生效"]
    if quote["replaces"]:
        parts.append(f"原套餐“{quote['replaces']['name_zh']}”同时终止")
    if bound_until:
        parts.append(_chinese_binding(bound_until))
    elif starts_at:
        parts.append("生效前可撤回")
    elif not is_plan:
        parts.append("可随时退订")
    return "，".join(parts)


def _chinese_details(quote: Mapping[str, Any]) -> str:
    part, whole = quote["share"]
    details = []
    if quote["first_month"] == FirstMonthRule.BY_DAYS:
        details.append(f"本月剩余{part}天按天计{yuan_text(quote['fee_fen'])}元")
    elif part != whole:
        details.append(f"本月按半月计{yuan_text(quote['fee_fen'])}元")
    if quote["one_off_fen"]:
        details.append(f"含一次性费用{yuan_text(quote['one_off_fen'])}元")
    if quote["credit_fen"]:
        details.append(f"已抵扣原套餐剩余天数{yuan_text(quote['credit_fen'])}元")
    return f"（{'，'.join(details)}）" if details else ""


def _english_words(terms: Mapping[str, Any], quote: Mapping[str, Any], is_plan: bool) -> str:
    now_fen, monthly_fen = quote["price_now_fen"], quote["monthly_fen"]
    if terms["recurrence"] == Recurrence.ONCE:
        days = quote["validity_days"]
        until = f"valid for {days} days once you confirm" if days else "for the month in which you confirm"
        points = terms.get("points_price")
        return f"{points} points, once, {until}" if points else f"{yuan_text(now_fen)} yuan, once, {until}"
    starts_at, bound_until = _instants(quote)
    if starts_at:
        parts = [f"nothing now, {yuan_text(monthly_fen)} yuan a month from {day_words(ENGLISH, starts_at)}"]
    else:
        price = f"{yuan_text(now_fen)} yuan now" if now_fen else "nothing now"
        parts = [f"{price}{_english_details(quote)}, then {yuan_text(monthly_fen)} yuan on the first of each month"]
        parts.append("starts when you confirm")
    if quote["replaces"]:
        parts.append(f'your plan "{quote["replaces"]["name_en"]}" ends then')
    if bound_until:
        parts.append(_english_binding(bound_until))
    elif starts_at:
        parts.append("can be withdrawn before that")
    elif not is_plan:
        parts.append("cancel at any time")
    return ", ".join(parts)


def _english_details(quote: Mapping[str, Any]) -> str:
    part, whole = quote["share"]
    details = []
    if quote["first_month"] == FirstMonthRule.BY_DAYS:
        details.append(f"{yuan_text(quote['fee_fen'])} for the {part} days left of this month")
    elif part != whole:
        details.append(f"{yuan_text(quote['fee_fen'])} for half of this month")
    if quote["one_off_fen"]:
        details.append(f"with {yuan_text(quote['one_off_fen'])} paid once at the start")
    if quote["credit_fen"]:
        details.append(f"less {yuan_text(quote['credit_fen'])} for the same days of your plan")
    return f" ({', '.join(details)})" if details else ""


def _instants(quote: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """Return when it starts, None with the confirmation, and until when it binds, None if it does not."""
    starts_at, bound_until = quote["starts_at"], quote["committed_until"]
    return (
        datetime.fromisoformat(starts_at) if starts_at else None,
        datetime.fromisoformat(bound_until).astimezone(SHANGHAI) if bound_until else None,
    )
