"""What the commands in `bin/` do before there is a Python to run the hall with."""

import shutil
import subprocess
from pathlib import Path

from tests.halls import CHECKOUT

FRUGAL = ["sh", "dirname", "pwd", "id", "env"]


class TestServe:
    def test_says_which_python_it_needs_when_there_is_none(self, tmp_path: Path) -> None:
        checkout, programs = tmp_path / "check out", tmp_path / "programs"
        shutil.copytree(CHECKOUT / "bin", checkout / "bin")
        programs.mkdir()
        for name in FRUGAL:
            (programs / name).symlink_to(str(shutil.which(name)))
        too_old = programs / "python3"
        too_old.write_text("#!/bin/sh\nexit 1\n")
        too_old.chmod(0o755)
        answer = subprocess.run(
            [checkout / "bin" / "serve"], env={"PATH": str(programs)}, capture_output=True, text=True, check=False
        )
        assert answer.returncode == 1
        assert answer.stdout == ""
        assert answer.stderr == (
            "The hall needs Python 3.11 to 3.14 and finds none;"
            " install it (on Debian: apt-get install python3 python3-venv).\n"
        )
