"""What a child does between fork and its own program: `python -I -S launch.py OPTIONS -- PROGRAM ARGUMENTS`.

It runs as a script of its own, and not as a `preexec_fn`, because that is unsafe in a process with threads.

- The kernel is asked to signal the child when its parent dies, so that not even `kill -9` leaves one behind.
- A server that refuses to be root is given another user. If that user cannot reach the program or its data, say in
  a checkout below /root, the child keeps a single capability, to pass over file permissions.
"""

import argparse
import ctypes
import os
import pwd
import signal
import stat
import sys
from collections.abc import Sequence

PR_SET_PDEATHSIG = 1
PR_SET_SECUREBITS = 28
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_RAISE = 2
SECBIT_NO_SETUID_FIXUP = 1 << 2
CAP_DAC_OVERRIDE = 1
CAP_DAC_READ_SEARCH = 2
LINUX_CAPABILITY_VERSION_3 = 0x20080522


class _CapabilityHeader(ctypes.Structure):
    _fields_ = [("version", ctypes.c_uint32), ("pid", ctypes.c_int)]


class _CapabilityData(ctypes.Structure):
    _fields_ = [("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32)]


_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, first: int = 0, second: int = 0) -> None:
    if _libc.prctl(option, ctypes.c_ulong(first), ctypes.c_ulong(second), ctypes.c_ulong(0), ctypes.c_ulong(0)):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def _keep_only(capability: int) -> bool:
    """Hold this capability, and hand it on to the program that is executed next; say whether we have it at all."""
    bit = 1 << capability
    header = _CapabilityHeader(LINUX_CAPABILITY_VERSION_3, 0)
    data = (_CapabilityData * 2)(_CapabilityData(bit, bit, bit), _CapabilityData(0, 0, 0))
    if _libc.capset(ctypes.byref(header), data):
        return False
    _prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, capability)
    return True


def _can_reach(user: pwd.struct_passwd, paths: Sequence[str]) -> bool:
    os.setegid(user.pw_gid)
    os.seteuid(user.pw_uid)
    try:
        return all(
            os.access(path, os.R_OK | (os.X_OK if os.path.isdir(path) else 0), effective_ids=True) for path in paths
        )
    finally:
        os.seteuid(0)
        os.setegid(0)


def become(user: pwd.struct_passwd, *, program: str, reading: Sequence[str]) -> None:
    """Turn this root process into one of `user` that can run `program` and read all of `reading`.

    :raises SystemExit: neither the user nor a capability that we have can read them; the sentence says what to do.
    """
    try:
        os.setgroups([])
        needs_capability = not _can_reach(user, reading)
        # To read past permissions is the smaller power, but it does not run a program that others may not run.
        enough = [CAP_DAC_READ_SEARCH] if os.stat(program).st_mode & stat.S_IXOTH else []
        if needs_capability:
            # Keep capabilities through setuid, and let access(2) heed them: PostgreSQL looks for itself with it.
            _prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    except OSError as error:
        sys.exit(f"This root may not act as the user {user.pw_name} ({error.strerror}); start as an ordinary user.")
    if not needs_capability:
        return
    for capability in (*enough, CAP_DAC_OVERRIDE):
        if _keep_only(capability):
            return
    sys.exit(
        f"The user {user.pw_name}, who has to run the servers in place of root, cannot read {reading[0]}; "
        "move the checkout to a folder that every user may enter, or start as an ordinary user."
    )


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--parent", type=int, required=True)
    parser.add_argument("--death-signal", type=int, default=signal.SIGTERM)
    parser.add_argument("--user")
    parser.add_argument("--reading", action="append", default=[])
    parser.add_argument("program", nargs="+")
    arguments = parser.parse_args()

    if arguments.user:
        become(pwd.getpwnam(arguments.user), program=arguments.program[0], reading=arguments.reading)
    if sys.platform == "linux":
        # After the change of user, which would clear it.
        _prctl(PR_SET_PDEATHSIG, arguments.death_signal)
        if os.getppid() != arguments.parent:
            sys.exit("The parent died before its child began.")
    for number in (signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)
    os.execv(arguments.program[0], arguments.program)  # noqa: S606


if __name__ == "__main__":
    main()
