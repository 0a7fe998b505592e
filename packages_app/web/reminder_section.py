"""The line's own threshold for data reminders: a section of the preferences page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.web.preference_section import PreferenceSection
from kernel.errors import Text
from packages_app.operations.choose_reminder import choose_reminder
from packages_app.queries.reminder_choices import get_own_threshold


class ReminderForm(forms.Form):
    """A percentage, or nothing."""

    percent = forms.IntegerField(
        label=_("Remind me when so much of a data allowance is used"),
        help_text=_("1 to 99; empty for the usual reminders alone"),
        required=False,
        min_value=1,
        max_value=99,
        error_messages={
            "invalid": _("Enter a whole number from 1 to 99, or leave it empty for none of your own."),
            "min_value": _("A reminder can be set from 1 to 99 per cent."),
            "max_value": _("A reminder can be set from 1 to 99 per cent."),
        },
    )


class ReminderSection(PreferenceSection):
    """One more reminder, besides those of the plan."""

    name = "reminder"
    title = _("Data reminders")
    template = "packages_app/_preference_reminder.html"

    def make_form(self, data: Mapping[str, Any] | None = None) -> ReminderForm:
        initial = {"percent": get_own_threshold(self.line.account_id, self.line.id)}
        return ReminderForm(data, initial=initial, auto_id=f"{self.name}-%s")

    def save(self, cleaned: Mapping[str, Any], *, now: datetime) -> Text:
        choose_reminder(account_id=self.line.account_id, line_id=self.line.id, percent=cleaned["percent"], now=now)
        return _("Saved. This holds for use from now on.")
