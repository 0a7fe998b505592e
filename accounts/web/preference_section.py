"""A part of the preferences page. `settings.PREFERENCE_SECTIONS` says which ones stand there, in order.

An app that has something to choose adds a subclass, its path to the setting and a partial for its form: the page itself
does not change.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from django import forms

from accounts.models import Line
from kernel.errors import Text


class PreferenceSection(ABC):
    """What a line can choose in one form.

    :cvar name: names the section in the page's addresses and forms; letters and dashes.
    :cvar title: its heading.
    :cvar template: partial that draws the fields of `form`.
    """

    name: ClassVar[str]
    title: ClassVar[Text]
    template: ClassVar[str]

    def __init__(self, line: Line) -> None:
        self.line = line

    @property
    def is_shown(self) -> bool:
        """Whether there is anything to choose."""
        return True

    @abstractmethod
    def make_form(self, data: Mapping[str, Any] | None = None) -> forms.Form:
        """Return the form with what holds now, or with what was sent. Give its ids the section's name as prefix."""

    @abstractmethod
    def save(self, cleaned: Mapping[str, Any], *, now: datetime) -> Text:
        """Keep what was chosen by one operation, and return what to tell the customer.

        :raises DomainError: it cannot be chosen; `field` names the form's field.
        """
