"""Sets papers with Typst, in a process of its own that can be stopped: a paper never holds up or brings down the hall.

A template of billing/typst says how a paper looks; what it says is data. Nothing of the data is ever Typst source.
"""

import json
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError

log = structlog.get_logger(__name__)

TEMPLATES = Path(__file__).resolve().parent.parent / "typst"
_CHILD = Path(__file__).with_name("typeset_child.py")
# How printers mark a character that they do not have.
_NOT_IN_FONT = "〓"

_presses = threading.BoundedSemaphore(settings.PAPER_PRESSES)


class TypesetterBusy(DomainError):
    """Too many papers are being made in this process."""

    code = "TYPESETTER_BUSY"
    message = _("Many papers are being made just now.")
    cure = _("Try again in a minute.")
    http_status = 503


class TypesetterFailed(DomainError):
    """The paper was not finished in time, or not at all."""

    code = "TYPESETTER_FAILED"
    message = _("The paper could not be made.")
    cure = _("Try again later, or print the page.")
    http_status = 503


def typeset(*, template: str, data: Mapping[str, Any], dated: datetime) -> bytes:
    """Return a paper as a tagged PDF (PDF/UA-1). The same data give the same bytes.

    :param template: name of a file in billing/typst, such as "bill.typ".
    :param data: JSON values; characters that the font does not have are replaced.
    :param dated: the date of the document.
    :raises TypesetterBusy: PAPER_PRESSES are at work in this process already, and none was free for some seconds.
    :raises TypesetterFailed: it took longer than PAPER_SECONDS, more than PAPER_MEMORY_BYTES, or Typst refused it.
    """
    order = {
        "template": str(TEMPLATES / template),
        "data": json.dumps(printable(data), ensure_ascii=False),
        "timestamp": int(dated.timestamp()),
        "seconds": settings.PAPER_SECONDS,
        "memory_bytes": settings.PAPER_MEMORY_BYTES,
    }
    if not _presses.acquire(timeout=settings.PAPER_WAIT_SECONDS):
        raise TypesetterBusy
    try:
        done = subprocess.run(  # noqa: S603 (our own script)
            [sys.executable, "-I", str(_CHILD)],
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=settings.PAPER_SECONDS,
            env={},
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        log.warning("paper_failed", template=template, error=type(error).__name__)
        raise TypesetterFailed from None
    finally:
        _presses.release()
    if done.returncode or not done.stdout.startswith(b"%PDF-"):
        # What Typst complains of may quote the paper: only its kind is kept.
        log.warning("paper_failed", template=template, status=done.returncode)
        raise TypesetterFailed
    return done.stdout


def printable(value: Any) -> Any:
    """Return data with every character that the font does not have replaced, by a plainer one where there is one."""
    if isinstance(value, str):
        return "".join(map(_printable_character, value))
    if isinstance(value, Mapping):
        return {key: printable(inner) for key, inner in value.items()}
    if isinstance(value, Sequence):
        return [printable(inner) for inner in value]
    return value


def _printable_character(character: str) -> str:
    known = _characters()
    if character in known:
        return character
    if character.isspace():
        return " "
    plainer = unicodedata.normalize("NFKD", character)[0]
    return plainer if plainer in known else _NOT_IN_FONT


@cache
def _characters() -> frozenset[str]:
    return frozenset((TEMPLATES / "fonts" / "characters.txt").read_text(encoding="utf-8"))
