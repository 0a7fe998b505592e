"""The one base of every refusal the hall gives a person or a partner."""

from typing import ClassVar

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class DomainError(Exception):
    """A request that cannot be carried out; nothing changed because of it.

    Subclasses stand beside the operation that raises them. Doors turn them into a form error, a TMF error or a text.

    :cvar code: stable UPPER_CASE code that partners may rely on.
    :cvar message: one sentence for the person, translated when it is shown.
    :cvar cure: what the person can do next; may be empty.
    :cvar http_status: status a REST door answers with.
    :cvar field: name of the argument at fault, when there is one.
    :cvar retry_after_seconds: when the same may be tried again, where time alone is the cure.
    """

    code: ClassVar[str] = "REFUSED"
    message: Text = _("This could not be done.")
    cure: Text = ""
    http_status: ClassVar[int] = 422
    field: str = ""
    retry_after_seconds: int | None = None

    def __init__(self, message: Text | None = None, *, cure: Text | None = None, field: str | None = None) -> None:
        if message is not None:
            self.message = message
        if cure is not None:
            self.cure = cure
        if field is not None:
            self.field = field
        super().__init__(self.code)

    def __str__(self) -> str:
        if not self.cure:
            return str(self.message)
        # Chinese sentences follow each other without a space: the catalogue says how two are joined.
        return gettext("%(message)s %(cure)s") % {"message": self.message, "cure": self.cure}


class NotFound(DomainError):
    """What was asked for does not exist, or is somebody else's: the answer is the same for both."""

    code = "NOT_FOUND"
    message = _("We could not find this.")
    http_status = 404
