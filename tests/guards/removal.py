"""A pytest plugin that runs tests without the guard that the variable GUARD names; `bin/guards` uses it.

A module is changed while it is imported, a piece of SQL when it is installed; no file is.
"""

import importlib.abc
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

import pytest
from pytest_django import DjangoDbBlocker

from tests.guards.statements import GUARDS

CHECKOUT = Path(__file__).resolve().parent.parent.parent
SCRIPTS = ("accounts/sql", "billing/sql", "packages_app/sql")

guard = GUARDS.get(os.environ.get("GUARD", ""))


def text_without_guard(file: str) -> str:
    """Return a file of ours, without the guard if it stands in there."""
    text = (CHECKOUT / file).read_text()
    for part, instead in guard.without if guard and guard.file == file else ():
        text = text.replace(part, instead, 1)
    return text


class _Loader(SourceFileLoader):
    def get_code(self, fullname: str) -> CodeType:
        """Compile what is left of the source; compiled files of the whole one lie beside it."""
        return compile(text_without_guard(Path(self.path).relative_to(CHECKOUT).as_posix()), self.path, "exec")


class _Finder(importlib.abc.MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        file = fullname.replace(".", "/") + ".py"
        if guard is None or guard.file != file:
            return None
        return importlib.util.spec_from_file_location(fullname, loader=_Loader(fullname, str(CHECKOUT / file)))


sys.meta_path.insert(0, _Finder())


@pytest.fixture(scope="session", autouse=True)
def _install_functions(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Install all functions anew, also those that the run before left without their guard."""
    from tests.races import run_sql

    with django_db_blocker.unblock():
        for folder in SCRIPTS:
            for script in sorted((CHECKOUT / folder).glob("*.sql")):
                run_sql(text_without_guard(script.relative_to(CHECKOUT).as_posix()))
