"""Staff word texts otherwise than their app does, and back. Every version is kept."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from messaging.models import SmsWording
from messaging.queries.templates import get_template
from messaging.queries.wordings import forget_wordings
from messaging.texts import placeholders_of

LONGEST_WORDS = 600


class WordsEmpty(DomainError):
    """Nothing is left to send."""

    code = "WORDS_EMPTY"
    message = _("There are no words.")
    cure = _("Write some, or go back to the default.")
    field = "words"


class WordsTooLong(DomainError):
    """Longer than a text may be."""

    code = "WORDS_TOO_LONG"
    message = _("These words are too long.")
    cure = _("A text has at most 600 characters.")
    field = "words"


class WordsUnreadable(DomainError):
    """A brace stands alone, or there is more than a name in a pair of them."""

    code = "WORDS_UNREADABLE"
    message = _("Braces may only stand around the name of a placeholder, such as {amount}.")
    cure = _("Put both braces, and nothing but the name between them.")
    field = "words"


class PlaceholdersMissing(DomainError):
    """The customer would not learn what this text has to say."""

    code = "PLACEHOLDERS_MISSING"
    field = "words"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(_("This has to be said too: %(names)s.") % {"names": _in_braces(names)})


class PlaceholdersUnknown(DomainError):
    """Nobody would fill this in."""

    code = "PLACEHOLDERS_UNKNOWN"
    field = "words"

    def __init__(self, names: Iterable[str]) -> None:
        super().__init__(_("This text has nothing to put there: %(names)s.") % {"names": _in_braces(names)})


class WordingChangedMeanwhile(DomainError):
    """Somebody else has worded this text since it was looked at."""

    code = "WORDING_CHANGED_MEANWHILE"
    message = _("Somebody else has changed this text in the meantime.")
    cure = _("Look at the new words and change them again if you still want to.")
    http_status = 409


def check_words(*, template_key: str, language: str, words: str) -> str:
    """Return words as they would be kept, once they are known to say everything that the default says.

    :raises TemplateUnknown: there is no such text.
    :raises WordsEmpty, WordsTooLong, WordsUnreadable, PlaceholdersMissing, PlaceholdersUnknown: they do not.
    """
    needed = get_template(template_key).placeholders(language)
    kept = words.replace("\r\n", "\n").replace("\0", "").strip()
    if not kept:
        raise WordsEmpty
    if len(kept) > LONGEST_WORDS:
        raise WordsTooLong
    try:
        used = placeholders_of(kept)
    except ValueError:
        raise WordsUnreadable from None
    if needed - used:
        raise PlaceholdersMissing(needed - used)
    if used - needed:
        raise PlaceholdersUnknown(used - needed)
    return kept


def word_text(
    *, template_key: str, language: str, words: str, based_on_version: int, written_by: str, now: datetime
) -> SmsWording:
    """Word a text in one language; every worker uses it within seconds.

    :param words: with the placeholders of the default in braces, without the operator's signature.
    :param based_on_version: the version that was looked at, 0 if there was none.
    :param written_by: who did it.
    :raises DomainError: as `check_words`.
    :raises WordingChangedMeanwhile: there is a later version.
    """
    kept = check_words(template_key=template_key, language=language, words=words)
    return _keep(template_key, language, kept, based_on_version, written_by, now)


def reset_text(
    *, template_key: str, language: str, based_on_version: int, written_by: str, now: datetime
) -> SmsWording:
    """Go back to the default of a text in one language.

    :raises TemplateUnknown: there is no such text.
    :raises WordingChangedMeanwhile: there is a later version than the one looked at.
    """
    get_template(template_key)
    return _keep(template_key, language, "", based_on_version, written_by, now)


def _keep(
    template_key: str, language: str, words: str, based_on_version: int, written_by: str, now: datetime
) -> SmsWording:
    wording = SmsWording(
        template_key=template_key,
        language=language,
        version=based_on_version + 1,
        words=words,
        written_by=written_by,
        written_at=now,
    )
    try:
        with transaction.atomic():
            wording.save(force_insert=True)
    except IntegrityError:
        raise WordingChangedMeanwhile from None
    transaction.on_commit(forget_wordings)
    return wording


def _in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
