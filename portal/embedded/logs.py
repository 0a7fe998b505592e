"""Log files of child processes: kept small, and read back for the reason of a failure."""

import os
import re
import shutil
from dataclasses import dataclass
from io import FileIO
from pathlib import Path

ALARMING_WORDS = ("PANIC", "FATAL", "ERROR", "error:", "Error:", "Errno", "Can't", "Fatal")
POSTGRES_PREFIX = re.compile(r"^[\d-]+ [\d:.]+ UTC \[\d+\] ")


@dataclass
class LogFile:
    """The output of one child, appended over many runs.

    :ivar limit_bytes: a file that outgrew this is put aside as `<name>.1`, of which one is kept.
    """

    path: Path
    limit_bytes: int = 10_000_000
    _run_starts_at: int = 0

    def open_for_run(self) -> FileIO:
        """Open the file for a new run of its child; `reason` looks no further back than this."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.put_aside_when_large()
        stream = self.path.open("ab", buffering=0)
        self._run_starts_at = stream.tell()
        return stream

    def put_aside_when_large(self) -> None:
        """Copy and empty a file that is too large. The child may go on writing: it appends."""
        if self.path.exists() and self.path.stat().st_size > self.limit_bytes:
            shutil.copyfile(self.path, self.path.with_suffix(self.path.suffix + ".1"))
            os.truncate(self.path, 0)
            self._run_starts_at = 0

    def reason(self) -> str:
        """Return the line of the current run that best explains a failure, and where to read more."""
        with self.path.open("rb") as stream:
            stream.seek(max(self._run_starts_at, self.path.stat().st_size - 20_000))
            lines = [line.strip() for line in stream.read().decode(errors="replace").splitlines() if line.strip()]
        alarming = [place for place, line in enumerate(lines) if any(word in line for word in ALARMING_WORDS)]
        told = lines[alarming[-1] :][:2] if alarming else lines[-1:]
        if len(told) == 2 and "DETAIL:" not in told[1]:
            told.pop()
        sentence = " ".join(POSTGRES_PREFIX.sub("", line) for line in told) or "it said nothing"
        return f"{sentence[:400].rstrip('.')}. (Log: {self.path})"
