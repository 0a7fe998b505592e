"""Orders with their proof at the staff desk, and orders that staff start for a customer who calls."""

from collections.abc import Sequence
from typing import Any, cast

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import get_language, gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.queries.lines import get_line, get_line_by_msisdn
from accounts.web.named_line import number_of_named_line
from billing.models import Charge
from kernel.asking_admin import AskingAdmin, Question
from kernel.channel import Channel
from kernel.clock import now
from kernel.errors import DomainError, Text
from kernel.masking import mask_msisdn
from kernel.read_only_admin import (
    RelatedTable,
    instant_text,
    label_column,
    record_url,
    yuan_column,
    yuan_words,
)
from packages_app.admin.amounts import amount_text
from packages_app.admin.for_callers import WITHDRAW
from packages_app.admin.start_order import StartOrderForm
from packages_app.models import EvidenceKind, OfferingKind, Order, OrderEvidence, OrderState, Recurrence
from packages_app.operations.order_steps import BY_HALL, BY_LINE, BY_PARTNER, BY_STAFF, staff_actor
from packages_app.operations.orders import preview_order, quote_order
from packages_app.queries.order_proof import ProofStep, get_order_proof
from packages_app.queries.terms import get_name, get_terms
from packages_app.web.quotes import quote_rows

START = "packages_app.start_order"

_price = yuan_column("price_fen", _("price"))
_channel = label_column("channel", _("channel"), Channel)
_ACTORS = {BY_LINE: pgettext_lazy("who", "the line"), BY_HALL: pgettext_lazy("who", "the hall")}


@admin.register(Order)
class OrderAdmin(AskingAdmin):
    """A wish to change what a line has, and every step of the proof that the customer wanted it."""

    list_display = ("quoted_at", "numbers", "offering", _price, "state", _channel)
    list_filter = ("state",)
    list_select_related = ("offering",)
    shown = (
        "account",
        "offering",
        _price,
        "state",
        _channel,
        "guesses",
        "quoted_at",
        "expires_at",
        "confirmed_at",
        label_column("confirmed_channel", _("confirmed on"), Channel),
        "cart_id",
        "ended_at",
        "failure",
        "public_id",
    )

    questions = (WITHDRAW,)
    change_list_template = "admin/packages_app/orders.html"
    change_form_template = "admin/packages_app/order.html"

    def may_be_asked(self, row: Order, question: Question) -> bool:
        return row.state_at(now()) == OrderState.AWAITING_CONFIRMATION

    def facts_of(self, request: HttpRequest, row: Order) -> list[tuple[Text, object]]:
        """Return whose order it is, and of what."""
        (account, _row) = super().facts_of(request, row)
        return [
            account,
            (_("what"), get_name(row.terms, get_language() or "")),
            (_("price"), yuan_words(row.price_fen)),
        ]

    def related_tables(self, row: Order) -> list[RelatedTable]:
        proof = get_order_proof(row.account_id, row.id, now())
        charge_desk = self.admin_site.get_model_admin(Charge)
        return [
            _evidence_table(proof.steps),
            RelatedTable(
                str(Charge._meta.verbose_name_plural),
                (_("what for"), _("amount"), _("reason"), _("charged at")),
                [
                    (
                        format_html('<a href="{}">{}</a>', record_url(charge_desk, charge), charge.name),
                        yuan_words(charge.amount_fen),
                        charge.get_reason_display(),
                        instant_text(charge.charged_at),
                    )
                    for charge in proof.charges
                ],
            ),
        ]

    def get_urls(self) -> list[URLPattern]:
        """Add the page on which an order is started for a customer, and the proof to print."""
        view = self.admin_site.admin_view
        return [
            path("start/", view(self.start_view), name=self._address_name("start")),
            path("<path:object_id>/proof/", view(self.proof_view), name=self._address_name("proof")),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        start_url = self._url("start") if request.user.has_perm(START) else ""
        return super().changelist_view(request, {**(extra_context or {}), "start_url": start_url})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        context["proof_url"] = self._url("proof", f"{row.account_id},{row.id}")
        return super().render_change_form(request, context, *args, **kwargs)

    def proof_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show all of the proof on one sheet, to be printed.

        :raises Http404: there is no such order.
        :raises PermissionDenied: this person may not look at orders.
        """
        row = cast("Order | None", self.get_object(request, object_id))
        if row is None:
            raise Http404
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        line = get_line(account_id=row.account_id, line_id=row.line_id)
        return self._page(
            request,
            "admin/packages_app/order_proof.html",
            order=row,
            number=mask_msisdn(line.msisdn),
            rows=quote_rows(row.terms, row.quote, is_plan=row.offering.kind == OfferingKind.PLAN),
            related_tables=self.related_tables(row),
            printed_at=now(),
            record_url=record_url(self, row),
        )

    def start_view(self, request: HttpRequest) -> HttpResponse:
        """Ask for which number and what, show the quote to be read out, then send the customer the text.

        Only the customer's own yes carries it out: its code goes to the line and is shown to nobody here.

        :raises PermissionDenied: this person may not start orders.
        """
        if not request.user.has_perm(START):
            raise PermissionDenied
        form = StartOrderForm(request.POST or None, initial={"msisdn": number_of_named_line(request)})
        context: dict[str, Any] = {"form": form, "list_url": self._url("changelist")}
        template = "admin/packages_app/start_order.html"
        if request.method != "POST" or not form.is_valid():
            return self._page(request, template, **context)
        entered = form.cleaned_data
        try:
            line = get_line_by_msisdn(entered["msisdn"])
            if "confirmed" not in request.POST:
                offering, quote = preview_order(
                    line=line, offering_code=entered["offering"].code, start=entered["start"] or None, now=now()
                )
                rows = quote_rows(get_terms(offering), quote, is_plan=offering.kind == OfferingKind.PLAN)
                return self._page(request, template, **context, offering=offering, line=line, rows=rows)
            order = quote_order(
                account_id=line.account_id,
                line_id=line.id,
                offering_code=entered["offering"].code,
                channel=entered["channel"],
                request_key=entered["request_key"].hex,
                now=now(),
                start=entered["start"] or None,
                actor=staff_actor(username=request.user.get_username()),
            )
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            return self._page(request, template, **context)
        messages.success(request, gettext("The text is on its way. The order waits for the customer's own yes."))
        return redirect(record_url(self, order))

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        return TemplateResponse(
            request, template, {**self.admin_site.each_context(request), "opts": self.opts, **context}
        )

    def _address_name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _url(self, page: str, *arguments: str) -> str:
        return reverse(f"{self.admin_site.name}:{self._address_name(page)}", args=arguments)


def _evidence_table(steps: Sequence[ProofStep]) -> RelatedTable:
    return RelatedTable(
        str(OrderEvidence._meta.verbose_name_plural),
        (
            *(_("step"), _("what"), _("channel"), _("who"), _("at"), _("words"), _("text")),
            *(_("sent at"), _("delivered at")),
        ),
        [
            (
                step.evidence.number,
                step.evidence.get_kind_display(),
                Channel(step.evidence.channel).label,
                _actor_words(step.evidence.actor),
                instant_text(step.at),
                _words_of(step),
                step.text_state.label if step.text_state else "–",
                instant_text(step.sent_at),
                instant_text(step.delivered_at),
            )
            for step in steps
        ],
    )


def _actor_words(actor: str) -> str:
    if actor.startswith(BY_PARTNER):
        return gettext("partner %(name)s") % {"name": actor.removeprefix(BY_PARTNER)}
    return str(_ACTORS.get(actor, actor.removeprefix(BY_STAFF)))


def _words_of(step: ProofStep) -> str:
    """Return what was offered, sent or answered in a step."""
    if step.kind == EvidenceKind.OFFERED:
        terms, quote = step.detail["terms"], step.detail.get("quote", {})
        cycle = Recurrence(terms["recurrence"]).label
        included = [amount_text(part["usage_kind"], part["amount"]) for part in terms["allowances"]]
        quoted = [
            f"{row.label}: {' · '.join([row.text, *row.notes])}" for row in quote_rows(terms, quote, is_plan=False)
        ]
        price = f"{yuan_words(terms['price_fen'])}, {cycle}"
        return "\n".join([terms["name_zh"], terms["name_en"], price, *included, *quoted])
    return step.text or "\n".join(str(value) for value in step.detail.values())
