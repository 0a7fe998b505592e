from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.operations.rotate_document_keys import rotate_document_keys
from kernel.sealing import CannotUnseal


class Command(BaseCommand):
    help = (
        "Seal documents, PUKs and secrets of staff's apps anew with the first of HALL_DOCUMENT_KEYS. Can be repeated."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            sealed = rotate_document_keys(progress=self._say)
        except CannotUnseal as error:
            raise CommandError(
                f"A value cannot be opened ({error}). Add that key to the end of HALL_DOCUMENT_KEYS and run this again;"
                " what was sealed anew stays so."
            ) from None
        self.stdout.write(f"{sealed} values sealed anew; all are sealed with the first key now")

    def _say(self, what: str, done: int) -> None:
        if done % 1000 == 0:
            self.stdout.write(f"{what}: {done}")
