"""Recharge cards at the staff desk: batches and cards are activated and blocked here. A PIN is nowhere to be seen."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.helpers import ActionForm
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from billing.models import VoucherBatch, VoucherCard, VoucherDeed, VoucherState
from billing.operations.voucher_states import activate_voucher, activate_vouchers, block_voucher, block_vouchers
from kernel.clock import now
from kernel.errors import DomainError
from kernel.read_only_admin import ReadOnlyAdmin, RelatedTable, instant_text, yuan_column

_face = yuan_column("face_fen", _("face value"))


class ReasonForm(ActionForm):
    """The choice of what to do, with room to say why."""

    reason = forms.CharField(label=_("Reason for blocking"), required=False, max_length=200)


class VoucherDesk(ReadOnlyAdmin):
    """What both pages share: two actions, each for who has the right to it, and the list of what was done."""

    action_form = ReasonForm
    actions = ("activate", "block")

    def has_activate_permission(self, request: HttpRequest) -> bool:
        """Whether this person may make cards usable."""
        return request.user.has_perm("billing.activate_vouchers")

    def has_block_permission(self, request: HttpRequest) -> bool:
        """Whether this person may block cards."""
        return request.user.has_perm("billing.block_vouchers")

    def activate_one(self, row: Any, done_by: str) -> int:
        """Activate what a row stands for and return how many cards that were."""
        raise NotImplementedError

    def block_one(self, row: Any, reason: str, done_by: str) -> int:
        """Block what a row stands for and return how many cards that were."""
        raise NotImplementedError

    @admin.action(description=_("Activate"), permissions=["activate"])
    def activate(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Make what was chosen usable."""
        self._each(request, rows, lambda row: self.activate_one(row, request.user.get_username()))

    @admin.action(description=_("Block for good"), permissions=["block"])
    def block(self, request: HttpRequest, rows: QuerySet[Any]) -> None:
        """Block what was chosen and was not used yet."""
        reason = request.POST.get("reason", "")
        self._each(request, rows, lambda row: self.block_one(row, reason, request.user.get_username()))

    def _each(self, request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], int]) -> None:
        cards = 0
        for row in rows.order_by("pk"):
            try:
                cards += act(row)
            except DomainError as refusal:
                self.message_user(request, f"{row}: {refusal}", messages.ERROR)
        if cards:
            done = ngettext("Done for %(count)d card.", "Done for %(count)d cards.", cards) % {"count": cards}
            self.message_user(request, done, messages.SUCCESS)


@admin.register(VoucherBatch)
class VoucherBatchAdmin(VoucherDesk):
    """Cards that were made in one go."""

    list_display = ("number", "issuer", _face, "count", "valid_until_date", "state", "made_at")
    list_filter = ("state",)
    shown = ("number", "issuer", _face, "count", "valid_until_date", "state", "made_by", "made_at")
    ordering = ("-number",)

    def activate_one(self, row: VoucherBatch, done_by: str) -> int:
        return activate_vouchers(batch_number=row.number, done_by=done_by, now=now())

    def block_one(self, row: VoucherBatch, reason: str, done_by: str) -> int:
        return block_vouchers(batch_number=row.number, reason=reason, done_by=done_by, now=now())

    def related_tables(self, row: VoucherBatch) -> list[RelatedTable]:
        states = dict(
            VoucherCard.objects.filter(batch_id=row.number)
            .values_list("state")
            .annotate(many=Count("serial_number"))
            .order_by()
        )
        counted = [(state.label, states[state.value]) for state in VoucherState if state.value in states]
        return [
            RelatedTable(_("Cards by state"), (_("state"), _("cards")), counted),
            _deeds(VoucherDeed.objects.filter(batch_id=row.number)),
        ]


@admin.register(VoucherCard)
class VoucherCardAdmin(VoucherDesk):
    """One card, found by its serial number."""

    list_display = ("serial_number", "batch_id", _face, "expires_at", "state", "redeemed_at")
    list_filter = ("state",)
    shown = ("serial_number", "batch_id", _face, "expires_at", "state", "redeemed_at", "account_id", "top_up_id")
    ordering = ("-serial_number",)
    search_fields = ("serial_number",)
    search_help_text = _("The beginning of a serial number")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[VoucherCard], search_term: str
    ) -> tuple[QuerySet[VoucherCard], bool]:
        return queryset.filter(serial_number__startswith=search_term.strip()), False

    def activate_one(self, row: VoucherCard, done_by: str) -> int:
        activate_voucher(serial_number=row.serial_number, done_by=done_by, now=now())
        return 1

    def block_one(self, row: VoucherCard, reason: str, done_by: str) -> int:
        block_voucher(serial_number=row.serial_number, reason=reason, done_by=done_by, now=now())
        return 1

    def related_tables(self, row: VoucherCard) -> list[RelatedTable]:
        return [_deeds(VoucherDeed.objects.filter(batch_id=row.batch_id, serial_number__in=("", row.serial_number)))]


def _deeds(deeds: QuerySet[VoucherDeed]) -> RelatedTable:
    """Who did what, the latest first; what concerned a whole batch says so."""
    return RelatedTable(
        _("What was done"),
        (_("done at"), _("what was done"), _("cards"), _("reason"), _("done by")),
        [
            (
                instant_text(deed.done_at),
                cast("Any", deed).get_act_display(),
                deed.serial_number or _("whole batch: %(count)d") % {"count": deed.cards},
                deed.reason or "–",
                deed.done_by,
            )
            for deed in deeds.order_by("-done_at", "-id")[:50]
        ],
    )
