"""Secrets that an installation makes for itself on its first start, so that none stands in the repository."""

import contextlib
import secrets
from pathlib import Path


def kept_secret(folder: Path, name: str, *, random_bytes: int = 64) -> str:
    """Return the secret kept in a file, making it if it is not there yet.

    Of several processes of one first start the quickest decides; readable by its owner alone.

    :param random_bytes: how much chance is in a new one.
    """
    path = folder / name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(secrets.token_urlsafe(random_bytes))
        # Where another process was quicker, its secret is the one that counts.
        with contextlib.suppress(FileExistsError):
            path.hardlink_to(fresh)
        fresh.unlink()
    return path.read_text().strip()
