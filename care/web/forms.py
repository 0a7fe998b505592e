"""Forms about tickets."""

import uuid

from django import forms
from django.utils.translation import gettext_lazy as _

from care.models import TicketKind
from care.operations.ticket_steps import LONGEST_WORDS

_ROWS = 5


class OpenTicketForm(forms.Form):
    """What is asked or complained of. `request_key` makes a form that is sent twice one ticket."""

    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=[
            (TicketKind.COMPLAINT, _("A complaint")),
            (TicketKind.ENQUIRY, _("A question")),
            (TicketKind.FAULT, _("Something does not work")),
            (TicketKind.SUGGESTION, _("A suggestion")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what it is."), "invalid_choice": _("Choose what it is.")},
    )
    words = forms.CharField(
        label=_("In your words"),
        help_text=_("What happened, when, and what you expect. Never write passwords or codes here."),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": _ROWS}),
        error_messages={"required": _("Say it in a few words.")},
    )
    about = forms.CharField(widget=forms.HiddenInput, required=False, max_length=80)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


class ReplyForm(forms.Form):
    """More about a ticket."""

    words = forms.CharField(
        label=_("Your words"),
        max_length=LONGEST_WORDS,
        widget=forms.Textarea(attrs={"rows": _ROWS}),
        error_messages={"required": _("Say it in a few words.")},
    )
