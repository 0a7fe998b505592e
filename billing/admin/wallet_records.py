"""What stands behind a wallet at the staff desk: gifts of bonus, money set aside, changes of overdraft."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.admin.movement_reasons import movement_reason
from billing.models import BonusGrant, Hold, HoldStep, OverdraftChange, OverdraftLowering
from kernel.read_only_admin import AccountOwnedAdmin, RelatedTable, instant_text, yuan_column, yuan_words

_amount = yuan_column("amount_fen", _("amount"))
_captured = yuan_column("captured_fen", _("captured"))
_granted = yuan_column("granted_fen", _("given"))
_left = yuan_column("left_fen", _("left"))
_before = yuan_column("before_fen", _("before"))
_after = yuan_column("after_fen", _("after"))
_to_be = yuan_column("overdraft_fen", _("to be"))


@admin.register(BonusGrant)
class BonusGrantAdmin(AccountOwnedAdmin):
    """Bonus that was given, and what of it is left."""

    list_display = ("granted_at", "numbers", _granted, _left, "expires_at", movement_reason)
    shown = ("account", "version", _granted, _left, "granted_at", "expires_at", movement_reason, "reason_id")


@admin.register(Hold)
class HoldAdmin(AccountOwnedAdmin):
    """Money that is or was set aside, with its history."""

    list_display = ("held_at", "numbers", "purpose", _amount, "state", "expires_at")
    list_filter = ("state",)
    shown = ("account", "purpose", _amount, "state", _captured, "held_at", "expires_at", "ended_at", "public_id")

    def related_tables(self, row: Hold) -> list[RelatedTable]:
        steps = HoldStep.objects.filter(account_id=row.account_id, hold_id=row.id).order_by("number")
        return [
            RelatedTable(
                str(HoldStep._meta.verbose_name_plural),
                (_("at"), _("state"), _("amount")),
                [(instant_text(step.at), step.get_state_display(), yuan_words(step.amount_fen)) for step in steps],
            )
        ]


@admin.register(OverdraftChange)
class OverdraftChangeAdmin(AccountOwnedAdmin):
    """How far a wallet may go below zero, and why that changed."""

    list_display = ("changed_at", "numbers", _before, _after, "reason")
    shown = ("account", _before, _after, "reason", "changed_at")


@admin.register(OverdraftLowering)
class OverdraftLoweringAdmin(AccountOwnedAdmin):
    """Overdrafts that are to be less and wait, because more of them is used."""

    list_display = ("since", "numbers", _to_be, "reason")
    shown = ("account", _to_be, "reason", "since")
