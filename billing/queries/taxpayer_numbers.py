"""Tells a company's taxpayer number (纳税人识别号) from a slip of the finger."""

import re

from stdnum.cn import uscc

# Numbers of before 2015: six digits of the region and nine characters of the organisation.
_OLD = re.compile(r"[0-9]{6}[0-9A-Z]{9}\Z", re.ASCII)


def is_taxpayer_number(number: str) -> bool:
    """Say whether a text is a unified social credit code (18 characters, GB 32100) or an old number (15).

    :param number: in capitals, without blanks.
    """
    return bool(_OLD.match(number)) or (len(number) == 18 and number.isascii() and uscc.is_valid(number))
