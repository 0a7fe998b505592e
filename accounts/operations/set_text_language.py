"""A line says in which language it is texted."""

import uuid

from django.utils.translation import gettext_lazy as _

from accounts.models import Language, Line, LineState
from kernel.errors import DomainError, NotFound


class LanguageUnknown(DomainError):
    """The hall does not text in it."""

    code = "LANGUAGE_UNKNOWN"
    message = _("We do not text in this language.")
    http_status = 400
    field = "language"


def set_text_language(*, account_id: uuid.UUID, line_id: uuid.UUID, language: str) -> None:
    """Set the language of a line's texts; it holds for those queued from then on.

    :param language: a `Language`.
    :raises LanguageUnknown: it is none.
    :raises NotFound: the account has no such line in use.
    """
    if language not in Language.values:
        raise LanguageUnknown
    lines = Line.objects.filter(account_id=account_id, id=line_id).exclude(state=LineState.CLOSED)
    if not lines.update(language=language):
        raise NotFound
