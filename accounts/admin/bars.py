"""Bars at the staff desk: what bars a line and did, what one person does for a customer, what needs two."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import ReasonForm
from accounts.models import (
    NEEDS_TWO_PEOPLE,
    Bar,
    BarAction,
    BarAuthor,
    BarProposal,
    BarProposalState,
    BarReason,
    Line,
)
from accounts.operations.bar_proposals import approve_bar_proposal, propose_bar, refuse_bar_proposal
from accounts.operations.barring import Author, lift_bar
from accounts.operations.own_bars import report_lost_sim
from accounts.queries.staff import list_staff_names
from kernel.asking_admin import AskingAdmin, Question
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import Text
from kernel.read_only_admin import masked_number_column, number_column

_LIFTED_BY_ONE = (BarReason.LOST_SIM, BarReason.CUSTOMER_REQUEST)


class ProposeBarForm(forms.Form):
    """Why, and what the customer can do about it."""

    bar_reason = forms.ChoiceField(label=_("reason"), choices=[(one.value, one.label) for one in NEEDS_TWO_PEOPLE])
    reason = forms.CharField(
        label=_("why, in words"), max_length=200, help_text=_("Stands on the customer's page and in the text.")
    )
    cure = forms.CharField(
        label=_("what helps, in words"),
        max_length=200,
        required=False,
        help_text=_("Empty: what helps for this reason in general."),
    )


class AgreeForm(forms.Form):
    """Nothing to fill in: the button agrees."""


def _by(staff_id: int) -> Author:
    return Author(BarAuthor.STAFF, Channel.STORE, staff_id)


def _report(line: Line, entered: dict[str, Any], staff_id: int) -> Text:
    report_lost_sim(
        account_id=line.account_id, line_id=line.id, author=_by(staff_id), words=entered["reason"], now=now()
    )
    return _("The number is stopped and signed out everywhere. The customer is told by text.")


def _propose_bar(line: Line, entered: dict[str, Any], staff_id: int) -> Text:
    propose_bar(
        account_id=line.account_id,
        line_id=line.id,
        action=BarAction.BAR,
        reason=BarReason(entered["bar_reason"]),
        words=entered["reason"],
        cure=entered["cure"],
        proposed_by=staff_id,
        now=now(),
    )
    return _("Proposed. It waits for a second person.")


def _lift(bar: Bar, entered: dict[str, Any], staff_id: int) -> Text:
    lift_bar(
        account_id=bar.account_id,
        line_id=bar.line_id,
        reason=BarReason(bar.reason),
        author=_by(staff_id),
        words=entered["reason"],
        now=now(),
    )
    return _("The bar is lifted. The customer is told by text.")


def _propose_lift(bar: Bar, entered: dict[str, Any], staff_id: int) -> Text:
    propose_bar(
        account_id=bar.account_id,
        line_id=bar.line_id,
        action=BarAction.LIFT,
        reason=BarReason(bar.reason),
        words=entered["reason"],
        proposed_by=staff_id,
        now=now(),
    )
    return _("Proposed. It waits for a second person.")


def _approve(proposal: BarProposal, _entered: dict[str, Any], staff_id: int) -> Text:
    approve_bar_proposal(account_id=proposal.account_id, proposal_id=proposal.id, checked_by=staff_id, now=now())
    return _("Done. The customer is told by text.")


def _refuse(proposal: BarProposal, entered: dict[str, Any], staff_id: int) -> Text:
    refuse_bar_proposal(
        account_id=proposal.account_id,
        proposal_id=proposal.id,
        checked_by=staff_id,
        refusal=entered["reason"],
        now=now(),
    )
    return _("The proposal is refused; nothing has changed.")


REPORT_LOST = Question(
    name="report-lost",
    label=_("Report the SIM card lost"),
    lead=_("Make sure of the person first. The number stops at once, both ways; emergency calls still work."),
    permission="accounts.bar_line",
    form=ReasonForm,
    act=_report,
)
PROPOSE_BAR = Question(
    name="propose-bar",
    label=_("Propose a bar"),
    lead=_("A colleague has to check it before the number is stopped."),
    permission="accounts.propose_bar",
    form=ProposeBarForm,
    act=_propose_bar,
)
LIFT = Question(
    name="lift",
    label=_("Lift this bar"),
    lead=_("Make sure of the person by the document first. Other reasons stay as they are."),
    permission="accounts.bar_line",
    form=ReasonForm,
    act=_lift,
)
PROPOSE_LIFT = Question(
    name="propose-lift",
    label=_("Propose to lift it"),
    lead=_("A colleague has to check it before the bar is lifted."),
    permission="accounts.propose_bar",
    form=ReasonForm,
    act=_propose_lift,
)
APPROVE = Question(
    name="approve",
    label=_("Agree and do it"),
    lead=_("It is done at once, and the customer is told by text."),
    permission="accounts.check_bar",
    form=AgreeForm,
    act=_approve,
)
REFUSE = Question(
    name="refuse",
    label=_("Refuse it"),
    lead=_("The proposal stays to be seen, and nothing changes."),
    permission="accounts.check_bar",
    form=ReasonForm,
    act=_refuse,
)


@admin.register(Bar)
class BarAdmin(AskingAdmin):
    """What bars a line, and what did. Arrears are lifted by paying, and by nobody's hand."""

    list_display = (masked_number_column("msisdn", _("number")), "reason", "started_at", "started_by", "ended_at")
    list_filter = ("reason", "started_by")
    list_select_related = ("line",)
    newest_by = "started_at"
    shown = (
        number_column("msisdn", _("number")),
        "reason",
        "words",
        "cure",
        "started_at",
        "started_by",
        "starter",
        "started_channel",
        "until_at",
        "ended_at",
        "ended_by",
        "ender",
        "ended_channel",
        "ended_words",
        "account",
        "public_id",
    )
    questions = (LIFT, PROPOSE_LIFT)

    def may_be_asked(self, row: Bar, question: Question) -> bool:
        wanted = _LIFTED_BY_ONE if question is LIFT else NEEDS_TWO_PEOPLE
        return row.ended_at is None and row.reason in wanted

    @admin.display(description=_("barred by (staff)"))
    def starter(self, bar: Bar) -> str:
        """Who of the staff barred the line."""
        return _staff_name(bar.started_by_staff)

    @admin.display(description=_("lifted by (staff)"))
    def ender(self, bar: Bar) -> str:
        """Who of the staff lifted it."""
        return _staff_name(bar.ended_by_staff)


@admin.register(BarProposal)
class BarProposalAdmin(AskingAdmin):
    """Bars that need two people, whatever became of them."""

    list_display = (
        "proposed_at",
        masked_number_column("msisdn", _("number")),
        "action",
        "reason",
        "state",
        "proposer",
        "checker",
    )
    list_filter = ("state", "action", "reason")
    list_select_related = ("line",)
    newest_by = "proposed_at"
    shown = (
        number_column("msisdn", _("number")),
        "action",
        "reason",
        "words",
        "cure",
        "state",
        "proposer",
        "proposed_at",
        "checker",
        "checked_at",
        "refusal",
        "account",
        "public_id",
    )
    questions = (APPROVE, REFUSE)

    def may_be_asked(self, row: BarProposal, question: Question) -> bool:
        return row.state == BarProposalState.PROPOSED

    @admin.display(description=_("proposed by"))
    def proposer(self, proposal: BarProposal) -> str:
        """Who proposed it."""
        return _staff_name(proposal.proposed_by)

    @admin.display(description=_("checked by"))
    def checker(self, proposal: BarProposal) -> str:
        """Who did it or refused it."""
        return _staff_name(proposal.checked_by)


def _staff_name(staff_id: int | None) -> str:
    return "–" if staff_id is None else list_staff_names([staff_id]).get(staff_id, str(staff_id))
