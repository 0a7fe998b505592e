"""SIM cards and what was done to lines, at the staff desk: to look at. A card is changed on the page of its line."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import ReasonForm
from accounts.models import Line, LineAct, SimCard
from accounts.operations.sim_cards import CHANGE_REASONS, IssuedSim, change_sim, look_up_puk
from accounts.queries.staff import list_staff_names
from kernel.asking_admin import Question
from kernel.clock import now
from kernel.errors import Text
from kernel.masking import mask_iccid
from kernel.read_only_admin import AccountOwnedAdmin, masked_number_column, number_column


class SimForm(forms.Form):
    """A card as its carrier says."""

    iccid = forms.CharField(label=_("card number (ICCID)"), max_length=30)
    puk = forms.CharField(label=_("PUK"), max_length=12, widget=forms.TextInput(attrs={"autocomplete": "off"}))


class ChangeSimForm(SimForm, ReasonForm):
    """Another card, and why."""

    why = forms.ChoiceField(label=_("the old card"), choices=[(why.value, why.label) for why in CHANGE_REASONS])
    field_order = ("why", "iccid", "puk", "reason")


def _change(line: Line, entered: dict[str, Any], staff_id: int) -> Text:
    change_sim(
        account_id=line.account_id,
        line_id=line.id,
        sim=IssuedSim(entered["iccid"], entered["puk"]),
        why=entered["why"],
        staff_id=staff_id,
        reason=entered["reason"],
        now=now(),
    )
    return _("The new card is in use, the old one is not. The customer is told by text.")


def _look_up(line: Line, entered: dict[str, Any], staff_id: int) -> Text:
    return look_up_puk(
        account_id=line.account_id, line_id=line.id, staff_id=staff_id, reason=entered["reason"], now=now()
    )


CHANGE_SIM = Question(
    name="change-sim",
    label=_("Change the SIM card"),
    lead=_("Make sure of the person by the document first. Sensitive acts online wait for three days afterwards."),
    permission="accounts.change_sim",
    form=ChangeSimForm,
    act=_change,
)
LOOK_UP_PUK = Question(
    name="puk",
    label=_("Look up the PUK"),
    lead=_("Make sure of the person first. That you looked, and why, is recorded; the customer is told by text."),
    permission="accounts.look_up_puk",
    form=ReasonForm,
    act=_look_up,
    shows=True,
)


@admin.register(SimCard)
class SimCardAdmin(AccountOwnedAdmin):
    """A card that a line uses or used."""

    list_display = (masked_number_column("msisdn", _("number")), "masked_iccid", "reason", "from_at", "to_at")
    list_filter = ("reason",)
    list_select_related = ("line",)
    newest_by = "from_at"
    shown = (number_column("msisdn", _("number")), "iccid", "reason", "from_at", "to_at", "account")

    @admin.display(description=_("card number (ICCID)"))
    def masked_iccid(self, card: SimCard) -> str:
        """The card's number as lists show it."""
        return mask_iccid(card.iccid)


@admin.register(LineAct)
class LineActAdmin(AccountOwnedAdmin):
    """What was done to a line or its customer's data."""

    list_display = ("at", "numbers", "kind", "who", "reason")
    list_filter = ("kind",)
    newest_by = "at"
    shown = ("at", "kind", "who", "reason", "before", "after", "account")

    @admin.display(description=_("by"))
    def who(self, act: LineAct) -> str:
        """The member of staff, or the customer."""
        if act.staff_id is None:
            return str(_("the customer"))
        return list_staff_names([act.staff_id]).get(act.staff_id, str(act.staff_id))
