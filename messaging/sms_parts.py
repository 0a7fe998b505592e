"""How many parts a text takes on the air, and which words go into which part (3GPP TS 23.038 and 23.040).

A text whose signs are all in the GSM alphabet has 160 of them in one part, or 153 in each of several; signs of the
extension table count twice. Any other text is UCS-2: 70 units in one part, or 67 in each of several; an emoji is two.
No sign is cut in two.
"""

import re
from dataclasses import dataclass

_BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION = {
    "\f": 0x0A,
    "^": 0x14,
    "{": 0x28,
    "}": 0x29,
    "\\": 0x2F,
    "[": 0x3C,
    "~": 0x3D,
    "]": 0x3E,
    "|": 0x40,
    "€": 0x65,
}
_ESCAPE = 0x1B
_GSM_CODES = {
    **{sign: bytes([code]) for code, sign in enumerate(_BASIC) if code != _ESCAPE},
    **{sign: bytes([_ESCAPE, code]) for sign, code in _EXTENSION.items()},
}
_GSM_SIGNS = {codes: sign for sign, codes in _GSM_CODES.items()}
_GSM_TEXT = re.compile(f"[{re.escape(''.join(_GSM_CODES))}]*")
_EXTENDED = re.compile(f"[{re.escape(''.join(_EXTENSION))}]")
_BEYOND_ONE_UNIT = re.compile("[\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class _Alphabet:
    alone: int
    together: int


_GSM = _Alphabet(alone=160, together=153)
_UCS2 = _Alphabet(alone=70, together=67)


def is_gsm(words: str) -> bool:
    """Tell whether every sign is in the GSM alphabet or its extension table."""
    return _GSM_TEXT.fullmatch(words) is not None


def count_parts(words: str) -> int:
    """Return how many parts a text takes; an empty one takes one."""
    alphabet, wide_signs = (_GSM, _EXTENDED) if is_gsm(words) else (_UCS2, _BEYOND_ONE_UNIT)
    wide = len(wide_signs.findall(words))
    units = len(words) + wide
    if units <= alphabet.alone:
        return 1
    return len(split_parts(words)) if wide else -(-units // alphabet.together)


def get_sizes(words: str) -> tuple[int, int, int]:
    """Return the most units of a single part, of each of several, and the units that wide signs take beside their own.

    They hold for the words together with any others of the same alphabet without wide signs.
    """
    alphabet, wide_signs = (_GSM, _EXTENDED) if is_gsm(words) else (_UCS2, _BEYOND_ONE_UNIT)
    return alphabet.alone, alphabet.together, len(wide_signs.findall(words))


def split_parts(words: str) -> list[str]:
    """Return the words of each part, in order; together they are the text."""
    alphabet, wide_signs = (_GSM, _EXTENDED) if is_gsm(words) else (_UCS2, _BEYOND_ONE_UNIT)
    units = [2 if wide_signs.match(sign) else 1 for sign in words]
    if sum(units) <= alphabet.alone:
        return [words]
    parts, begin, taken = [], 0, 0
    for position, size in enumerate(units):
        if taken + size > alphabet.together:
            parts.append(words[begin:position])
            begin, taken = position, 0
        taken += size
    return [*parts, words[begin:]]


def encode_gsm(words: str) -> bytes:
    """Return one octet a sign, two for a sign of the extension table.

    :raises KeyError: a sign is in neither table.
    """
    return b"".join(_GSM_CODES[sign] for sign in words)


def decode_gsm(octets: bytes) -> str:
    """Return the words behind octets of the GSM alphabet; what it does not know becomes "?"."""
    signs = re.findall(rb"\x1b.|.", octets, re.DOTALL)
    return "".join(_GSM_SIGNS.get(codes, "?") for codes in signs)
