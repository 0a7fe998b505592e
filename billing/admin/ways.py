"""What the staff desk calls the ways in which top-ups are paid."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from kernel.errors import Text

_WAYS = {
    "sandbox": _("Practice provider"),
    "memory": _("Practice provider"),
    "alipay": _("Alipay"),
    "wechatpay": _("WeChat Pay"),
    "VOUCHER": _("Recharge card"),
    "BANK_CARD": _("Linked bank card"),
    "PARTNER": _("Partner system"),
}


def way_text(provider: str) -> Text:
    """Name a payment provider or another way; one that has no name stays as it is stored."""
    return _WAYS.get(provider, provider)


@admin.display(description=_("paid through"))
def way_column(row: Any) -> str:
    """Name the way of a row that has a provider."""
    return str(way_text(row.provider))
