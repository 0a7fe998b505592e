"""Template filters that turn stored units into what a person reads: `{% load hall_format %}`."""

from django import template

from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from kernel.phone import grouped_number as grouped_number_text
from kernel.volume import volume_parts as split_volume
from kernel.volume import volume_text, whole_minutes

register = template.Library()


@register.filter
def yuan(amount_fen: int) -> str:
    """Fen as yuan with thousands grouped: 123450 → "1,234.50"."""
    whole, decimals = yuan_text(abs(amount_fen)).split(".")
    sign = "-" if amount_fen < 0 else ""
    return f"{sign}{int(whole):,}.{decimals}"


@register.filter
def signed_yuan(amount_fen: int) -> str:
    """A difference in fen as yuan with its sign: 600 → "+6.00", 0 → "0.00"."""
    return f"+{yuan(amount_fen)}" if amount_fen > 0 else yuan(amount_fen)


@register.filter
def plain_yuan(amount_fen: int) -> str:
    """Fen as a short price: 3000 → "30", 2990 → "29.90"."""
    text = yuan(amount_fen)
    return text.removesuffix(".00")


@register.filter
def data_volume(volume_bytes: int) -> str:
    """Bytes with their unit: 1342177280 → "1.25 GB"."""
    return volume_text(volume_bytes)


@register.filter
def volume_parts(volume_bytes: int) -> tuple[str, str]:
    """Figure and unit apart, for big type: 1342177280 → ("1.25", "GB")."""
    return split_volume(volume_bytes)


@register.filter
def minutes(duration_seconds: int) -> str:
    """Seconds as whole minutes: 779 → "12"."""
    return str(whole_minutes(duration_seconds))


@register.filter
def grouped_number(msisdn: str) -> str:
    """A number as people read it: "+8613800138000" → "138 0013 8000"."""
    return grouped_number_text(msisdn)


@register.filter
def masked_number(msisdn: str) -> str:
    """A number for other eyes: "+8613800138000" → "138****8000"."""
    return mask_msisdn(msisdn)


@register.filter
def grouped_digits(digits: str) -> str:
    """A long number in fours: "123456789012345678" → "1234 5678 9012 3456 78"."""
    return " ".join(digits[start : start + 4] for start in range(0, len(digits), 4))


@register.filter
def percent_of(part: int, whole: int) -> int:
    """Whole percent of a total, within 0 and 100: 3 of 8 → 37. Nothing of nothing is 0."""
    return max(0, min(100, part * 100 // whole)) if whole > 0 else 0
