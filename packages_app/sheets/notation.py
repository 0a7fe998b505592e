"""Allowances and prices beyond them as people write them, one on each line or divided by semicolons.

    DATA 20GB
    DATA 10GB TIME 23:00-07:00
    DATA 5GB APP video SHARED
    VOICE 300min
    SMS 50

    DATA 5/GB
    VOICE 0.15/min
    SMS 0.1
    DATA JP 3/10MB

Chinese words will do as well (流量 10GB 时段 23:00-07:00). What is written is read back to the byte, second and li.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TypeVar

from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from packages_app.models import AllowanceScope, OfferingAllowance, OfferingUnitPrice, UsageKind

_KIB = 1024
LI_PER_YUAN = 1000
_MOST = 2**63 - 1  # what a column holds
_KINDS = {
    "DATA": UsageKind.DATA, "流量": UsageKind.DATA,
    "VOICE": UsageKind.VOICE, "语音": UsageKind.VOICE, "通话": UsageKind.VOICE,
    "SMS": UsageKind.SMS, "短信": UsageKind.SMS,
}  # fmt: skip
_SCOPES = {
    "APP": AllowanceScope.APP, "应用": AllowanceScope.APP, "定向": AllowanceScope.APP,
    "REGION": AllowanceScope.REGION, "地区": AllowanceScope.REGION,
    "TIME": AllowanceScope.TIME, "时段": AllowanceScope.TIME,
}  # fmt: skip
_SHARED = frozenset({"SHARED", "共享"})
# The largest unit first: the one that a whole number of it is written in.
_UNITS: Mapping[str, Mapping[str, int]] = {
    UsageKind.DATA: {"GB": _KIB**3, "MB": _KIB**2, "KB": _KIB, "B": 1},
    UsageKind.VOICE: {"min": 60, "s": 1},
    UsageKind.SMS: {"": 1},
}
_UNIT_WORDS = {"分钟": "min", "分": "min", "秒": "s", "条": "", "sms": ""}
_PIECES = re.compile(r"[\n;；]+")
_AMOUNT = re.compile(r"(\d{1,19}(?:\.\d{1,6})?)\s*([^\d\s.]*)\Z", re.ASCII)
_PRICE = re.compile(r"(\d{1,9}(?:\.\d{1,3})?)(?:元)?(?:/(\d{0,19})([^\d\s/]*))?\Z", re.ASCII)

_Row = TypeVar("_Row")


class NotationInvalid(DomainError):
    """A line of allowances or prices cannot be read."""

    code = "NOTATION_INVALID"
    message = _("This cannot be read.")
    cure = _("Write one on each line, such as DATA 20GB, or DATA 10GB TIME 23:00-07:00, or VOICE 300min, or SMS 50.")


class PriceNotationInvalid(NotationInvalid):
    """A line of prices cannot be read."""

    code = "PRICE_NOTATION_INVALID"
    cure = _("Write one on each line, such as DATA 5/GB, or VOICE 0.15/min, or SMS 0.1, or DATA JP 3/10MB.")


def parse_allowances(text: str) -> list[OfferingAllowance]:
    """Read allowances, numbered as they are written.

    :raises NotationInvalid: a line is not an allowance; its message quotes the line.
    """
    allowances = _parse_each(text, _allowance, NotationInvalid)
    for number, allowance in enumerate(allowances, start=1):
        allowance.number = number
    return allowances


def parse_unit_prices(text: str) -> list[OfferingUnitPrice]:
    """Read prices beyond the plan.

    :raises PriceNotationInvalid: a line is not a price; its message quotes the line.
    """
    return _parse_each(text, _unit_price, PriceNotationInvalid)


def allowances_text(allowances: Iterable[OfferingAllowance]) -> str:
    """Write allowances as `parse_allowances` reads them, one on each line, in the order of their numbers."""
    return "\n".join(
        " ".join(
            word
            for word in (
                allowance.usage_kind,
                _amount_text(allowance.usage_kind, allowance.amount),
                "" if allowance.scope == AllowanceScope.GENERAL else allowance.scope,
                allowance.scope_value,
                "SHARED" if allowance.is_shared else "",
            )
            if word
        )
        for allowance in sorted(allowances, key=lambda allowance: allowance.number)
    )


def unit_prices_text(unit_prices: Iterable[OfferingUnitPrice]) -> str:
    """Write prices as `parse_unit_prices` reads them, one on each line, home first."""
    return "\n".join(
        " ".join(word for word in (price.usage_kind, price.region, _price_text(price)) if word)
        for price in sorted(unit_prices, key=lambda price: (price.usage_kind, price.region))
    )


def _parse_each(text: str, read: Callable[[list[str]], _Row], refusal: type[NotationInvalid]) -> list[_Row]:
    rows = []
    for piece in _PIECES.split(text):
        words = piece.split()
        if not words:
            continue
        try:
            rows.append(read(words))
        except (ValueError, KeyError, IndexError, InvalidOperation):
            raise refusal(_("“%(piece)s” cannot be read.") % {"piece": " ".join(words)}) from None
    return rows


def _allowance(words: list[str]) -> OfferingAllowance:
    kind = _KINDS[words[0].upper()]
    rest = words[1:]
    # "20 GB" as well as "20GB".
    amount_words = 2 if len(rest) > 1 and rest[0].replace(".", "").isdigit() and _is_unit(kind, rest[1]) else 1
    allowance = OfferingAllowance(usage_kind=kind, amount=_amount(kind, "".join(rest[:amount_words])))
    rest = rest[amount_words:]
    if rest and rest[-1].upper() in _SHARED:
        allowance.is_shared = True
        rest = rest[:-1]
    if rest:
        scope, value = rest
        allowance.scope, allowance.scope_value = _SCOPES[scope.upper()], value
    return allowance


def _unit_price(words: list[str]) -> OfferingUnitPrice:
    kind = _KINDS[words[0].upper()]
    *region, price = words[1:]
    if len(region) > 1:
        raise ValueError(region)
    match = _PRICE.match(price)
    if match is None:
        raise ValueError(price)
    yuan, count, unit = match.groups()
    if unit is None and kind != UsageKind.SMS:
        raise ValueError(price)
    per_amount = int(count or 1) * _unit(kind, unit or "")
    if not 0 < per_amount <= _MOST:
        raise ValueError(price)
    return OfferingUnitPrice(
        usage_kind=kind,
        region=region[0].upper() if region else "",
        price_li=int(Decimal(yuan) * LI_PER_YUAN),
        per_amount=per_amount,
    )


def _amount(kind: str, text: str) -> int:
    match = _AMOUNT.match(text)
    if match is None:
        raise ValueError(text)
    figure, unit = match.groups()
    amount = Decimal(figure) * _unit(kind, unit)
    if amount != int(amount) or not 0 < amount <= _MOST:
        raise ValueError(text)
    return int(amount)


def _unit(kind: str, word: str) -> int:
    known = {unit.upper(): size for unit, size in _UNITS[kind].items()}
    return known[_UNIT_WORDS.get(word.lower(), word).upper()]


def _is_unit(kind: str, word: str) -> bool:
    return bool(word) and (_UNIT_WORDS.get(word.lower(), word).upper() in (unit.upper() for unit in _UNITS[kind]))


def _amount_text(kind: str, amount: int) -> str:
    unit, size = next((unit, size) for unit, size in _UNITS[kind].items() if amount % size == 0)
    return f"{amount // size}{unit}"


def _price_text(price: OfferingUnitPrice) -> str:
    yuan, li = divmod(price.price_li, LI_PER_YUAN)
    figure = f"{yuan}.{li:03d}".rstrip("0").rstrip(".")
    amount = _amount_text(price.usage_kind, price.per_amount)
    if price.usage_kind == UsageKind.SMS:
        return figure if amount == "1" else f"{figure}/{amount}"
    count = amount.rstrip("GMKBmins")
    return f"{figure}/{amount[len(count) :]}" if count == "1" else f"{figure}/{amount}"
