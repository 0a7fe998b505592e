"""Orders with their proof at the staff desk."""

from django.contrib import admin
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from billing.models import Charge
from kernel.channel import Channel
from kernel.clock import now
from kernel.read_only_admin import (
    AccountOwnedAdmin,
    RelatedTable,
    instant_text,
    label_column,
    record_url,
    yuan_column,
    yuan_words,
)
from packages_app.admin.amounts import amount_text
from packages_app.models import EvidenceKind, Order, OrderEvidence, Recurrence
from packages_app.operations.order_steps import BY_HALL, BY_LINE
from packages_app.queries.order_proof import ProofStep, get_order_proof

_price = yuan_column("price_fen", _("price"))
_channel = label_column("channel", _("channel"), Channel)
_ACTORS = {BY_LINE: pgettext_lazy("who", "the line"), BY_HALL: pgettext_lazy("who", "the hall")}


@admin.register(Order)
class OrderAdmin(AccountOwnedAdmin):
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
        "ended_at",
        "failure",
        "public_id",
    )

    def related_tables(self, row: Order) -> list[RelatedTable]:
        proof = get_order_proof(row.account_id, row.id, now())
        charges = [proof.charge] if proof.charge else []
        charge_desk = self.admin_site.get_model_admin(Charge)
        return [
            RelatedTable(
                str(OrderEvidence._meta.verbose_name_plural),
                (_("step"), _("what"), _("channel"), _("who"), _("at"), _("words"), _("sent at"), _("delivered at")),
                [
                    (
                        step.evidence.number,
                        step.evidence.get_kind_display(),
                        Channel(step.evidence.channel).label,
                        _ACTORS.get(step.evidence.actor, step.evidence.actor),
                        instant_text(step.at),
                        _words_of(step),
                        instant_text(step.sent_at),
                        instant_text(step.delivered_at),
                    )
                    for step in proof.steps
                ],
            ),
            RelatedTable(
                str(Charge._meta.verbose_name_plural),
                (_("what for"), _("amount"), _("charged at")),
                [
                    (
                        format_html('<a href="{}">{}</a>', record_url(charge_desk, charge), charge.name),
                        yuan_words(charge.amount_fen),
                        instant_text(charge.charged_at),
                    )
                    for charge in charges
                ],
            ),
        ]


def _words_of(step: ProofStep) -> str:
    """Return what was offered, sent or answered in a step."""
    if step.kind == EvidenceKind.OFFERED:
        terms = step.detail["terms"]
        cycle = Recurrence(terms["recurrence"]).label
        included = [amount_text(part["usage_kind"], part["amount"]) for part in terms["allowances"]]
        return "\n".join([terms["name_zh"], terms["name_en"], f"{yuan_words(terms['price_fen'])}, {cycle}", *included])
    return step.text or "\n".join(str(value) for value in step.detail.values())
