"""Day and time as the forms of the desk ask for them, each part with a name that is read aloud."""

from typing import Any

from django.contrib.admin.widgets import AdminSplitDateTime
from django.utils.translation import gettext_lazy as _


class NamedSplitDateTime(AdminSplitDateTime):
    """Django's two fields; its own words beside them belong to neither."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs)
        for part, name in zip(self.widgets, (_("Date:"), _("Time:")), strict=True):
            part.attrs["aria-label"] = name
