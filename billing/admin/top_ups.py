"""Top-ups at the staff desk: those that are unclear can be asked about, those that were paid given back."""

import uuid
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from billing.admin.acting import ActingAdmin, RecordAction, staff_of
from billing.admin.ways import way_column
from billing.models import TopUp, TopUpState
from billing.operations.expire_top_ups import ask_provider_now
from billing.operations.refunds import REASON_LENGTH, request_refund
from billing.queries.refunds import get_refunded_fen, list_refunds
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError
from kernel.money import AmountInvalid, parse_yuan, yuan_text
from kernel.read_only_admin import (
    RelatedTable,
    instant_text,
    label_column,
    masked_number_column,
    number_column,
    record_url,
    yuan_column,
    yuan_words,
)

_amount = yuan_column("amount_fen", _("amount"))
_bonus = yuan_column("bonus_fen", _("bonus"))
_channel = label_column("channel", _("channel"), Channel)
_UNCLEAR = (TopUpState.PENDING, TopUpState.UNKNOWN)


class RefundForm(forms.Form):
    """How much goes back, and why. `request_key` is made once per form, so that a form sent twice is one refund."""

    amount = forms.CharField(label=_("amount (yuan)"), max_length=16)
    reason = forms.CharField(label=_("reason"), max_length=REASON_LENGTH, widget=forms.TextInput(attrs={"size": 60}))
    request_key = forms.RegexField(r"\A[0-9a-f]{32}\Z", widget=forms.HiddenInput)

    def clean_amount(self) -> int:
        """Read yuan and return fen."""
        try:
            return parse_yuan(self.cleaned_data["amount"])
        except AmountInvalid as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from None


@admin.register(TopUp)
class TopUpAdmin(ActingAdmin):
    """Money on its way in."""

    list_display = ("requested_at", masked_number_column("msisdn", _("number")), _amount, "state", _channel, way_column)
    list_filter = ("state",)
    action_names = ("ask", "refund")
    shown = (
        "account",
        number_column("msisdn", _("number")),
        _amount,
        "campaign_code",
        _bonus,
        "state",
        _channel,
        way_column,
        "payment_number",
        "provider_payment_number",
        "requested_at",
        "expires_at",
        "asks",
        "ask_at",
        "paid_at",
        "finished_at",
        "failure",
        "public_id",
    )

    def record_actions(self, request: HttpRequest, row: TopUp) -> list[RecordAction]:
        actions = []
        if row.state in _UNCLEAR and request.user.has_perm("billing.ask_provider"):
            actions.append(RecordAction("ask", _("Ask the provider now")))
        if row.state == TopUpState.SUCCEEDED and row.paid_at and request.user.has_perm("billing.add_refund"):
            actions.append(RecordAction("refund", _("Give money back"), asks_first=True))
        return actions

    def act_on(self, request: HttpRequest, row: TopUp, name: str) -> HttpResponse:
        if name == "ask":
            return self.done(
                request,
                row,
                lambda: ask_provider_now(account_id=row.account_id, top_up_id=row.id, now=now()),
                lambda top_up: _("The provider was asked: %(state)s.") % {"state": top_up.get_state_display()},
            )
        form = RefundForm(request.POST or None, initial={"request_key": uuid.uuid4().hex, "amount": _left(row)})
        if request.method == "POST" and form.is_valid():
            try:
                request_refund(
                    account_id=row.account_id,
                    top_up_id=row.id,
                    amount_fen=form.cleaned_data["amount"],
                    reason=form.cleaned_data["reason"],
                    staff_id=staff_of(request).pk,
                    request_key=form.cleaned_data["request_key"],
                    now=now(),
                )
            except DomainError as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                messages.success(request, _("The refund waits for somebody else to approve it."))
                return redirect(record_url(self, row))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Give money back"),
            "top_up": row,
            "form": form,
            "left": _left(row),
            "record": record_url(self, row),
        }
        return render(request, "admin/billing/refund_form.html", context, status=422 if form.errors else 200)

    def related_tables(self, row: TopUp) -> list[RelatedTable]:
        refunds = list_refunds(row.account_id, row.id)
        if not refunds:
            return []
        page = self.admin_site.get_model_admin(type(refunds[0]))
        rows: list[tuple[Any, ...]] = [
            (
                format_html('<a href="{}">{}</a>', record_url(page, refund), refund.refund_number),
                yuan_words(refund.amount_fen),
                refund.get_state_display(),
                refund.reason,
                instant_text(refund.requested_at),
            )
            for refund in refunds
        ]
        columns = (_("our refund number"), _("amount"), _("state"), _("reason"), _("requested at"))
        return [RelatedTable(_("refunds"), columns, rows)]


def _left(row: TopUp) -> str:
    return yuan_text(row.amount_fen - get_refunded_fen(row.account_id, row.id))
