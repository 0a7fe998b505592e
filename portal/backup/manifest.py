"""What a backup holds, written beside it as JSON."""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from portal.backup.refusal import BackupRefused


@dataclass(frozen=True, slots=True)
class Figures:
    """What can be counted in a database, so that two of them can be compared.

    :ivar rows: how many rows each table has.
    :ivar money: sums in fen, by name.
    """

    rows: dict[str, int]
    money: dict[str, int]

    def differences(self, other: "Figures") -> list[str]:
        """Return a sentence for each figure that is another one in the other database."""
        ours, theirs = self.rows | self.money, other.rows | other.money
        return [
            f"{name}: {ours.get(name, 'not there')} became {theirs.get(name, 'not there')}"
            for name in sorted(ours.keys() | theirs.keys())
            if ours.get(name) != theirs.get(name)
        ]


@dataclass(frozen=True, slots=True)
class Manifest:
    """:ivar taken_at: the instant of the snapshot, ISO 8601; :ivar sha256: of the dump."""

    taken_at: str
    sha256: str
    figures: Figures

    def write(self, dump: Path) -> None:
        """Write the manifest of a dump, whole or not at all: without one a dump is no backup."""
        partial = manifest_path(dump).with_suffix(".partial")
        partial.unlink(missing_ok=True)
        partial.touch(mode=0o600)
        with partial.open("w") as file:
            json.dump(asdict(self), file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(manifest_path(dump))


def manifest_path(dump: Path) -> Path:
    return dump.with_name(f"{dump.name}.json")


def read_manifest(dump: Path) -> Manifest:
    """Read the manifest of a dump and hold the dump against it.

    :raises BackupRefused: one of both is not there, or the dump is not what was written.
    """
    try:
        fields: dict[str, Any] = json.loads(manifest_path(dump).read_text())
        manifest = Manifest(**{**fields, "figures": Figures(**fields["figures"])})
        digest = sha256_of(dump)
    except FileNotFoundError as error:
        raise BackupRefused(f"{error.filename} is not there: a backup is a dump and its manifest.") from None
    except OSError as error:
        raise BackupRefused(f"{error.filename} cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, KeyError):
        raise BackupRefused(f"{manifest_path(dump)} is not the manifest of a backup.") from None
    if digest != manifest.sha256:
        raise BackupRefused(f"{dump} is damaged: it is not what its manifest was written for. Take another backup.")
    return manifest


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
