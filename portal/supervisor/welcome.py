"""What the person at the terminal reads when the hall is open."""

from collections.abc import Mapping
from pathlib import Path
from unicodedata import east_asian_width


def welcome(address: str, report: Mapping[str, object], *, logs: Path) -> str:
    """Return address, demo sign-ins and how to stop, as plain lines.

    :param report: what `manage.py prepare` wrote; `sign_ins` are rows of role, sign-in, secret and path.
    """
    lines = ["", f"The hall is open: {address}/", ""]
    sign_ins = report.get("sign_ins")
    if isinstance(sign_ins, list) and sign_ins:
        rows = [[role, sign_in, secret, address + path] for role, sign_in, secret, path in sign_ins]
        lines += ["Demo sign-ins:", *_table(rows), ""]
    return "\n".join([*lines, f"Logs: {logs}", "Ctrl-C closes the hall.", ""])


def _table(rows: list[list[str]]) -> list[str]:
    widths = [max(map(_columns, column)) for column in zip(*rows, strict=True)]
    return [
        "  "
        + "   ".join(cell + " " * (width - _columns(cell)) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _columns(text: str) -> int:
    """Return how wide a terminal draws the text: a Chinese character takes two columns."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)
