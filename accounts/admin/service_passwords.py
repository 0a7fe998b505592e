"""Service passwords at the staff desk: since when there is one, and a lock taken away. What they are is nowhere."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import ReasonForm
from accounts.models import ServicePassword
from accounts.operations.check_service_password import unlock_service_password
from kernel.asking_admin import AskingAdmin, Question
from kernel.errors import Text
from kernel.read_only_admin import masked_number_column, number_column


def _unlock(password: ServicePassword, _entered: dict[str, Any], _staff_id: int) -> Text:
    unlock_service_password(msisdn=password.msisdn)
    return _("The number can try its service password again.")


UNLOCK = Question(
    name="unlock",
    label=_("Unlock"),
    lead=_(
        "Make sure of the person by the document first. The password stays as it is; whoever forgot it resets it by"
        " text, which holds after a day."
    ),
    permission="accounts.unlock_service_password",
    form=ReasonForm,
    act=_unlock,
)


@admin.register(ServicePassword)
class ServicePasswordAdmin(AskingAdmin):
    """Found by phone number. Whoever unlocks one has made sure who asks for it, and says how."""

    list_display = (masked_number_column("msisdn", _("number")), "set_at", "next_at")
    list_select_related = ("line",)
    shown = (number_column("msisdn", _("number")), "set_at", "next_at", "account")
    questions = (UNLOCK,)
