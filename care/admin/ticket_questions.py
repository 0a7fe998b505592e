"""What staff can do with a ticket, each with its form."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from care.models import Ticket
from care.operations.ticket_desk import (
    answer_ticket,
    hold_ticket,
    note_for_staff,
    reject_ticket,
    resolve_ticket,
    take_ticket,
)
from care.operations.ticket_steps import LONGEST_WORDS
from kernel.asking_admin import Question
from kernel.clock import now
from kernel.errors import Text

WORK = "care.work_ticket"


class TakeForm(forms.Form):
    """Nothing to fill in: the button takes it."""


class WordsForm(forms.Form):
    """Words that the customer reads."""

    words = forms.CharField(
        label=_("words for the customer"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 6})
    )


class AnswerForm(WordsForm):
    """And whether they ask for something."""

    asks = forms.BooleanField(label=_("it asks the customer for something: the ticket waits for them"), required=False)


class NoteForm(forms.Form):
    """Words among colleagues."""

    words = forms.CharField(label=_("note"), max_length=LONGEST_WORDS, widget=forms.Textarea(attrs={"rows": 4}))


def _take(ticket: Ticket, _entered: dict[str, Any], staff_id: int) -> Text:
    take_ticket(account_id=ticket.account_id, ticket_id=ticket.id, staff_id=staff_id, now=now())
    return _("It is yours.")


def _answer(ticket: Ticket, entered: dict[str, Any], staff_id: int) -> Text:
    answer_ticket(
        account_id=ticket.account_id,
        ticket_id=ticket.id,
        words=entered["words"],
        asks=entered["asks"],
        staff_id=staff_id,
        now=now(),
    )
    return _("Answered. The customer is told by text that there is an answer.")


def _by(operation: Callable[..., Ticket], said: Text) -> Callable[[Ticket, dict[str, Any], int], Text]:
    """Return what does an operation that takes words."""

    def act(ticket: Ticket, entered: dict[str, Any], staff_id: int) -> Text:
        operation(
            account_id=ticket.account_id, ticket_id=ticket.id, words=entered["words"], staff_id=staff_id, now=now()
        )
        return said

    return act


TAKE = Question(
    name="take",
    label=_("Take it"),
    lead=_("It is being worked on from now, by you. The customer sees that."),
    permission=WORK,
    form=TakeForm,
    act=_take,
)
ANSWER = Question(
    name="answer",
    label=_("Answer"),
    lead=_("The customer is told by text that there is an answer, and reads it on the page."),
    permission=WORK,
    form=AnswerForm,
    act=_answer,
)
RESOLVE = Question(
    name="resolve",
    label=_("It is solved"),
    lead=_("Say what was done. The customer is asked whether that solves it; silence for some days closes it."),
    permission=WORK,
    form=WordsForm,
    act=_by(resolve_ticket, _("Solved. The customer is asked by text whether it is.")),
)
HOLD = Question(
    name="hold",
    label=_("Put it off"),
    lead=_("For what waits for something out of our hands. Say for what, and until when if you know."),
    permission=WORK,
    form=WordsForm,
    act=_by(hold_ticket, _("Put off.")),
)
REJECT = Question(
    name="reject",
    label=_("Do not take it up"),
    lead=_("It is the end of the ticket. Say why, and where else the customer can turn."),
    permission=WORK,
    form=WordsForm,
    act=_by(reject_ticket, _("Not taken up. The customer is told by text.")),
)
NOTE = Question(
    name="note",
    label=_("Write a note"),
    lead=_("Only colleagues read it."),
    permission=WORK,
    form=NoteForm,
    act=_by(note_for_staff, _("The note is written.")),
)
QUESTIONS = (TAKE, ANSWER, RESOLVE, HOLD, REJECT, NOTE)
