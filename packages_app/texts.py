"""The texts about orders and subscriptions, in both languages. Reminders about usage stand with usage."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from kernel.money import yuan_text
from messaging.texts import ENGLISH, SmsTemplate
from packages_app.models import Recurrence

ORDER_CONFIRMATION = SmsTemplate(
    kind="ORDER_CONFIRMATION",
    zh="您要订购“{name}”：{price}，{cycle}。确认码{code}，同意请回复“{yes} {code}”或“{yes}”，或在网页输入确认码。"
    "{deadline}前不确认，则不订购、不扣费。",
    en='You asked for "{name}": {price}, {cycle}. Your code is {code}. To agree, reply "{yes} {code}" or "{yes}", or'
    " enter the code on the page. If you do nothing until {deadline}, nothing is ordered or charged.",
    # A setting says how long an order waits: `quote_order` puts what is left of it here.
    lifetime=timedelta(hours=2),
    urgent=True,
    name=_("order waiting for its second yes"),
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

_CYCLES = {
    Recurrence.MONTHLY: ("按月续订，可随时退订", "renewed each month until you cancel"),
    Recurrence.ONCE: ("一次性，确认当月有效", "once, for the month in which you confirm"),
}


def price_words(language: str, *, price_fen: int, recurrence: str) -> str:
    """Return a price as texts write it: "10.00元/月", "CNY 10.00 a month"."""
    monthly = recurrence == Recurrence.MONTHLY
    if language == ENGLISH:
        return f"CNY {yuan_text(price_fen)}{' a month' if monthly else ''}"
    return f"{yuan_text(price_fen)}元{'/月' if monthly else ''}"


def cycle_words(language: str, recurrence: str) -> str:
    """Return how long an offering lasts, as texts write it."""
    chinese, english = _CYCLES[Recurrence(recurrence)]
    return english if language == ENGLISH else chinese
