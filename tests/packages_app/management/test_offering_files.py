from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from packages_app.models import Offering
from tests.factories.packages_app import make_offering, make_plan

pytestmark = pytest.mark.django_db


def run(name: str, *arguments: object, **options: object) -> str:
    out = StringIO()
    call_command(name, *[str(argument) for argument in arguments], stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "catalogue.csv"


class TestExportOfferings:
    def test_writes_what_import_takes_back(self, file: Path) -> None:
        make_plan()
        make_offering()
        assert run("export_offerings", file) == f"2 offerings written to {file}.\n"
        assert run("import_offerings", file) == "0 new, 0 changed, 2 unchanged, 0 refused\n"

    def test_says_when_it_cannot_write(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="cannot be written"):
            run("export_offerings", tmp_path / "none" / "x.csv")


class TestImportOfferings:
    def test_changes_what_the_file_says(self, file: Path) -> None:
        offering = make_offering()
        file.write_text(f"code,price\n{offering.code},6\n")
        told = f"row 2 {offering.code} price: 5.00 -> 6.00\n0 new, 1 changed, 0 unchanged, 0 refused\n"
        assert run("import_offerings", file, dry_run=True) == told
        assert Offering.objects.get().price_fen == 5_00
        assert run("import_offerings", file) == told
        assert Offering.objects.get().price_fen == 6_00

    @pytest.mark.parametrize("dry_run", [True, False])
    def test_fails_and_changes_nothing_when_a_row_is_refused(self, dry_run: bool, file: Path) -> None:
        offering = make_offering()
        file.write_text(f"code,price\n{offering.code},6\nNEW,7\n")
        with pytest.raises(CommandError):
            run("import_offerings", file, dry_run=dry_run)
        assert Offering.objects.get().price_fen == 5_00

    def test_says_when_there_is_no_file(self, file: Path) -> None:
        with pytest.raises(CommandError, match="cannot be read"):
            run("import_offerings", file)
