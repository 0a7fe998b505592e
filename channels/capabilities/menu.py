"""What can be asked for. No arguments."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from accounts.models import Line
from channels.capabilities.base import Answer, Arguments, Capability, Words
from channels.texts import MENU
from packages_app.texts import yes_word


@dataclass(frozen=True)
class MenuAnswer(Answer):
    """The words and numbers by which the hall is used."""

    flash_call_number: str

    def words(self, language: str) -> Sequence[Words]:
        return [Words(MENU, {"yes": yes_word(language), "flash_call_number": self.flash_call_number})]


def run(*, line: Line, channel: str, arguments: Arguments, now: datetime) -> MenuAnswer:
    """Return the menu."""
    return MenuAnswer(settings.FLASH_CALL_NUMBER)


CAPABILITY = Capability("menu", run)
