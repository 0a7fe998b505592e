"""How personal values are shown to anybody but their owner: 138****5678, 张*."""

import re

# A run of digits that may be a code, not part of an amount or of a longer number.
_MAYBE_CODE = re.compile(r"(?<![\d.])\d{4,8}(?![\d.])", re.ASCII)

# As long as the PIN of a recharge card with some digits missing, in groups or not; phone numbers are shorter.
_LONG_DIGITS = re.compile(r"\d(?:[^\w#]{0,2}\d){13,}")


def mask_msisdn(msisdn: str) -> str:
    """Mask a phone number, E.164 or national: "+8613812345678" → "138****5678"; short codes stay as they are."""
    national = msisdn.removeprefix("+86")
    if len(national) < 8:
        return national
    return f"{national[:3]}****{national[-4:]}"


def mask_name(name: str) -> str:
    """Mask a person's or company's name: first character kept, the rest stars, at most two of them."""
    stripped = name.strip()
    return stripped[:1] + "*" * min(max(len(stripped) - 1, 1), 2) if stripped else ""


def mask_document(number: str) -> str:
    """Mask the number of an identity document: of a long one the first three and last two characters stay, of a short
    one (a passport's) the first and last two."""
    if len(number) <= 5:
        return "*" * len(number)
    kept = 3 if len(number) >= 12 else 1
    return f"{number[:kept]}{'*' * (len(number) - kept - 2)}{number[-2:]}"


def mask_iccid(iccid: str) -> str:
    """Mask the number of a SIM card: the last four digits stay, as people read them off the card."""
    return f"****{iccid[-4:]}" if len(iccid) > 8 else "*" * len(iccid)


def mask_email(address: str) -> str:
    """Mask an e-mail address: first character and domain stay, "chen@example.com" → "c***@example.com"."""
    name, at, domain = address.partition("@")
    return f"{name[:1]}***{at}{domain}" if name else ""


def mask_codes(text: str) -> str:
    """Hide whatever in a text may be a code that still works: "回复 482913" → "回复 ****"."""
    return _MAYBE_CODE.sub("****", text)


def mask_long_digits(text: str) -> str:
    """Hide whatever in a text may be the PIN of a recharge card: "卡密 1234 5678 9012 3456 78" → "卡密 ****"."""
    return _LONG_DIGITS.sub("****", text)
