"""Allowances and prices beyond them in the language of the page."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.regions import region_name
from kernel.volume import volume_text, whole_minutes
from packages_app.models import AllowanceScope, UsageKind
from packages_app.queries.terms import AllowanceTerms, UnitPriceTerms

_LI_PER_YUAN = 1000
_MINUTE = 60
_APPS = {
    "video": gettext_lazy("video"),
    "music": gettext_lazy("music"),
    "social": gettext_lazy("social networks"),
    "games": gettext_lazy("games"),
    "maps": gettext_lazy("maps"),
}
_LABELS = {
    UsageKind.DATA: gettext_lazy("Data use"),
    UsageKind.VOICE: gettext_lazy("Calls made"),
    UsageKind.SMS: gettext_lazy("Texts sent"),
}


def allowance_words(allowance: AllowanceTerms | Mapping[str, Any]) -> str:
    """Return an allowance with what it is for: "10 GB of data, from 23:00 to 07:00"."""
    what = allowance_text(allowance["usage_kind"], allowance["amount"])
    value = allowance["scope_value"]
    if allowance["scope"] == AllowanceScope.APP:
        what = _("%(what)s, for %(app)s only") % {"what": what, "app": _APPS.get(value, value)}
    elif allowance["scope"] == AllowanceScope.REGION:
        what = _("%(what)s, in %(region)s only") % {"what": what, "region": region_name(value)}
    elif allowance["scope"] == AllowanceScope.TIME:
        begins, _dash, ends = value.partition("-")
        what = _("%(what)s, from %(begins)s to %(ends)s") % {"what": what, "begins": begins, "ends": ends}
    if allowance["is_shared"]:
        what = _("%(what)s, shared by the numbers of your account") % {"what": what}
    return what


def unit_price_words(price: UnitPriceTerms | Mapping[str, Any]) -> str:
    """Return a price beyond the plan: "Data use in Japan: 3 yuan for each 10 MB"."""
    label = str(_LABELS[UsageKind(price["usage_kind"])])
    if price["region"]:
        label = _("%(what)s in %(region)s") % {"what": label, "region": region_name(price["region"])}
    amount = _per(price["usage_kind"], price["per_amount"])
    words = {"what": label, "price": li_text(price["price_li"]), "amount": amount}
    return _("%(what)s: %(price)s yuan for each %(amount)s") % words


def li_text(price_li: int) -> str:
    """Return thousandths of a yuan as yuan without needless decimals: 150 → "0.15"."""
    yuan, li = divmod(price_li, _LI_PER_YUAN)
    return f"{yuan}.{li:03d}".rstrip("0").rstrip(".")


def allowance_text(usage_kind: str, amount: int) -> str:
    """Return an amount as pages write it: "5 GB of data"."""
    if usage_kind == UsageKind.DATA:
        return _("%(volume)s of data") % {"volume": volume_text(amount)}
    if usage_kind == UsageKind.VOICE:
        count = whole_minutes(amount)
        return ngettext("%(count)d minute of calls", "%(count)d minutes of calls", count) % {"count": count}
    return ngettext("%(count)d text", "%(count)d texts", amount) % {"count": amount}


def _per(usage_kind: str, per_amount: int) -> str:
    if usage_kind == UsageKind.DATA:
        return volume_text(per_amount).removeprefix("1 ")
    if usage_kind == UsageKind.SMS:
        return _("text sent") if per_amount == 1 else allowance_text(usage_kind, per_amount)
    if per_amount == _MINUTE:
        return _("minute of a call")
    return ngettext("%(count)d second", "%(count)d seconds", per_amount) % {"count": per_amount}
