"""Folders that a server keeps to itself, and the user it runs as when we are root."""

import hashlib
import os
import pwd
import re
import stat
from pathlib import Path

from portal.embedded.refusal import StartRefused

LONGEST_SOCKET_PATH = 107  # bytes in sockaddr_un, less the final zero


def server_user(data: Path) -> str | None:
    """Return whom the servers run as: the owner of their data if that is not root, else `nobody`; None unless root."""
    if os.geteuid() != 0:
        return None
    if data.exists() and data.stat().st_uid != 0:
        return pwd.getpwuid(data.stat().st_uid).pw_name
    return "nobody"


def private_folder(path: Path, *, owner: str | None) -> Path:
    """Make a folder that only its owner may enter, and return it.

    :raises StartRefused: somebody else has it.
    """
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    uid = pwd.getpwnam(owner).pw_uid if owner else os.geteuid()
    found = path.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (uid, os.geteuid()):
        raise StartRefused(f"{path} belongs to another user; remove it, or set HALL_VAR to another folder.")
    if found.st_uid != uid:
        os.chown(path, uid, -1)
    path.chmod(0o700)
    return path


def socket_folder(run: Path, *, socket_name: str, owner: str | None) -> Path:
    """Return a private folder for a Unix socket: in `run`, or below /tmp if that path would not do.

    The kernel takes only short paths, and to PostgreSQL's clients a comma separates hosts.
    """
    wanted = run / "sockets"
    if len(os.fsencode(wanted / socket_name)) > LONGEST_SOCKET_PATH or not re.fullmatch(r"[\w/. +=~-]+", str(wanted)):
        digest = hashlib.sha256(os.fsencode(run)).hexdigest()[:16]
        wanted = Path("/tmp") / f"hall-{os.geteuid()}-{digest}"  # noqa: S108 - private, and refused if another's
    return private_folder(wanted, owner=owner)
