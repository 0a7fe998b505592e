"""Reads how staff word texts."""

import time
from collections.abc import Mapping

import structlog

from messaging.models import SmsWording
from messaging.queries.templates import TemplateUnknown, get_template
from messaging.texts import CHINESE, ENGLISH, SmsTemplate, placeholders_of

log = structlog.get_logger(__name__)

# Asked for by each text that is queued: looked up this often by each process at most, so a change is in use soon after.
_FRESH_SECONDS = 2.0

Wordings = Mapping[tuple[str, str], str]


class _Kept:
    wordings: Wordings = {}
    until = 0.0


def get_words(template: SmsTemplate, language: str) -> str:
    """Return the words of a text with their placeholders: those of staff, else those of its app.

    :param language: "en", anything else is Chinese.
    """
    words = get_wordings().get((template.key, ENGLISH if language == ENGLISH else CHINESE))
    return words or template.default(language)


def get_wordings() -> Wordings:
    """Return the words of staff by (template key, language), at most two seconds old.

    What they left alone is not in it, nor words that ask for what this version of the hall no longer gives.
    """
    if time.monotonic() >= _Kept.until:
        _Kept.wordings = {key: wording.words for key, wording in get_latest_wordings().items() if _is_usable(wording)}
        _Kept.until = time.monotonic() + _FRESH_SECONDS
    return _Kept.wordings


def _is_usable(wording: SmsWording) -> bool:
    if not wording.words:
        return False
    try:
        given = get_template(wording.template_key).placeholders(wording.language)
    except TemplateUnknown:
        return False
    if placeholders_of(wording.words) == given:
        return True
    log.warning("wording_unusable", template=wording.template_key, language=wording.language)
    return False


def forget_wordings() -> None:
    """Let this process look anew: it has just changed them."""
    _Kept.until = 0.0


def get_latest_wordings() -> dict[tuple[str, str], SmsWording]:
    """Return the version that counts of every text that was ever worded by staff; read anew."""
    latest = SmsWording.objects.order_by("template_key", "language", "-version").distinct("template_key", "language")
    return {(wording.template_key, wording.language): wording for wording in latest}


def list_wordings(template_key: str, limit: int) -> list[SmsWording]:
    """Return the versions of a text in both languages, the latest first."""
    return list(SmsWording.objects.filter(template_key=template_key).order_by("-written_at", "-version")[:limit])
