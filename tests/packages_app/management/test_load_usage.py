from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from kernel.clock import now
from tests.factories.usage import make_line

pytestmark = pytest.mark.django_db


class TestLoadUsageCommand:
    def test_says_what_became_of_the_file(self, tmp_path: Path) -> None:
        file = tmp_path / "usage.csv"
        at = now().isoformat()
        file.write_text(f"number,key,started_at,kind,amount\n{make_line().msisdn},a,{at},DATA,5\nbad,b,{at},DATA,5\n")
        out = StringIO()
        call_command("load_usage", str(file), stdout=out)
        assert out.getvalue() == (
            f"usage.csv: 2 records: 1 recorded, 0 known before, 1 rejected, see {file}.rejects.csv.\n"
        )
        assert (tmp_path / "usage.csv.rejects.csv").read_text().splitlines()[1].startswith("3,NUMBER_INVALID,")

    def test_explains_a_wrong_header(self, tmp_path: Path) -> None:
        file = tmp_path / "usage.csv"
        file.write_text("a,b\n")
        with pytest.raises(CommandError, match="文件首行的列名不正确。需要number"):
            call_command("load_usage", str(file))

    def test_says_that_there_is_no_such_file(self, tmp_path: Path) -> None:
        with pytest.raises(CommandError, match="There is no file"):
            call_command("load_usage", str(tmp_path / "none.csv"))
