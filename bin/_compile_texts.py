"""Compiles locale/**/*.po into the .mo files that Django reads, without gettext's own tools; --check only compares."""

import sys
from pathlib import Path
from typing import Any

import polib

LOCALE = Path(__file__).resolve().parent.parent / "locale"


def readable_texts(file: polib.POFile | polib.MOFile) -> dict[tuple[str | None, str], Any]:
    """Return what Django would show, by context and message id."""
    return {
        (entry.msgctxt, entry.msgid): list(entry.msgstr_plural.values()) or entry.msgstr
        for entry in file.translated_entries()
    }


def main(*, only_check: bool) -> None:
    stale = []
    for source in sorted(LOCALE.rglob("*.po")):
        compiled = source.with_suffix(".mo")
        texts = polib.pofile(str(source))
        if only_check:
            if not compiled.exists() or readable_texts(polib.mofile(str(compiled))) != readable_texts(texts):
                stale.append(str(compiled.relative_to(LOCALE.parent)))
        else:
            texts.save_as_mofile(str(compiled))
    if stale:
        sys.exit(f"{', '.join(stale)} is older than its .po: run bin/texts and commit it.")


if __name__ == "__main__":
    main(only_check=sys.argv[1:] == ["--check"])
