"""Dunning at the staff desk, to look at: how far it has gone for an account, and what was put off and why."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from billing.admin.delays import delay_reason
from billing.models import DunningCase, DunningNote
from billing.queries.dunning import list_notes
from kernel.read_only_admin import AccountOwnedAdmin, RelatedTable, instant_text, yuan_column, yuan_words

_NOTES = 50


@admin.register(DunningCase)
class DunningCaseAdmin(AccountOwnedAdmin):
    """Accounts that owe for too long. Paying ends a case; nobody's hand does."""

    list_display = ("numbers", "step", "step_at", "opened_at", "closed_at")
    list_filter = ("step",)
    newest_by = "opened_at"
    shown = ("step", "step_at", "opened_at", "closed_at", "account", "public_id")

    def related_tables(self, row: DunningCase) -> list[RelatedTable]:
        notes = [note for note in list_notes(row.account_id, _NOTES) if note.case_id == row.id]
        return [
            RelatedTable(
                _("What happened"),
                (_("at"), _("what happened"), _("step"), _("owed"), _("put off because of"), _("put off until")),
                [
                    (
                        instant_text(note.noted_at),
                        note.get_kind_display(),
                        note.get_step_display(),
                        yuan_words(note.owed_fen),
                        delay_reason(note),
                        instant_text(note.until_at),
                    )
                    for note in notes
                ],
            )
        ]


@admin.register(DunningNote)
class DunningNoteAdmin(AccountOwnedAdmin):
    """What was done in dunning, and what was put off."""

    list_display = ("noted_at", "numbers", "kind", "step", "postponement", "until_at")
    list_filter = ("kind", "step", "postponement")
    newest_by = "noted_at"
    shown = (
        "kind",
        "step",
        yuan_column("owed_fen", _("owed")),
        "postponement",
        "holiday_zh",
        "holiday_en",
        "star",
        "until_at",
        "noted_at",
        "account",
        "public_id",
    )
