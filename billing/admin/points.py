"""Points at the staff desk: looked at, but for the rule, of which supervisors add new versions."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from billing.models import PointsCounterpart, PointsEntry, PointsExchange, PointsLot, PointsPurse, PointsRule
from billing.operations.points_rules import add_points_rule
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.read_only_admin import AccountOwnedAdmin, RelatedTable, instant_text, label_column, yuan_column

_base = yuan_column("base_fen", _("for"))
_bonus = yuan_column("bonus_fen", _("bonus"))
_counterpart = label_column("counterpart", _("counterpart"), PointsCounterpart)


@admin.register(PointsPurse)
class PointsPurseAdmin(AccountOwnedAdmin):
    """The points of an account, with the months they are of."""

    list_display = ("numbers", "points", "version", "updated_at")
    shown = ("account", "points", "version", "updated_at")

    def related_tables(self, row: PointsPurse) -> list[RelatedTable]:
        lots = PointsLot.objects.filter(account_id=row.account_id).order_by("earned_date")
        return [
            RelatedTable(
                str(PointsLot._meta.verbose_name_plural),
                (_("earned in"), _("earned"), _("left"), _("to be used before")),
                [(str(lot), lot.earned_points, lot.left_points, instant_text(lot.expires_at)) for lot in lots],
            )
        ]


@admin.register(PointsEntry)
class PointsEntryAdmin(AccountOwnedAdmin):
    """What moved an account's points."""

    list_display = ("posted_at", "numbers", _counterpart, "points", "after_points")
    shown = (
        *("account", "version", _counterpart, "points", "after_points", _base, "points_per_yuan", "percent"),
        *("posting_key", "reason_id", "posted_at"),
    )


@admin.register(PointsExchange)
class PointsExchangeAdmin(AccountOwnedAdmin):
    """Points that became bonus."""

    list_display = ("exchanged_at", "numbers", "points", _bonus, "channel")
    shown = ("account", "points", _bonus, "channel", "exchanged_at", "public_id")


class PointsRuleForm(forms.ModelForm):
    """A new version."""

    class Meta:
        model = PointsRule
        fields = (
            *("valid_from", "points_per_yuan", "star_percents", "lifetime_months", "points_per_bonus_yuan"),
            "bonus_days",
        )

    staff_id = 0

    def clean(self) -> dict[str, Any]:
        """Make the version: the operation knows what is wrong with it."""
        values: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                self.instance = add_points_rule(**values, created_by=self.staff_id, now=current_instant())
            except DomainError as refusal:
                self.add_error(refusal.field if refusal.field in self.fields else None, str(refusal))
        return values

    def _post_clean(self) -> None:
        """The row is written and right."""


@admin.register(PointsRule)
class PointsRuleAdmin(admin.ModelAdmin):
    """What points are earned for and worth; versions are added, never changed."""

    form = PointsRuleForm
    list_display = ("version", "valid_from", "points_per_yuan", "star_percents", "lifetime_months")
    actions = None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **options: Any) -> Any:
        form = super().get_form(request, obj, change, **options)
        return type("PointsRuleFormOfStaff", (form,), {"staff_id": request.user.pk})

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """The form has written it."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what was promised stays."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never: what was earned by it leads here."""
        return False
