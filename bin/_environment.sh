# Read by the commands beside it: goes to the checkout and sees to .venv. Sets root and python.
# shellcheck shell=sh

# Given as "$0" of the command: where it was called from matters only for a relative HALL_VAR.
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P) || exit 1
HALL_VAR=${HALL_VAR:-$root/var}
case $HALL_VAR in
    /*) ;;
    *) HALL_VAR=$PWD/$HALL_VAR ;;
esac
export HALL_VAR
cd -- "$root" || exit 1

# prepare_environment FILE...: makes .venv hold exactly what these requirement files pin.
prepare_environment() {
    for candidate in python3 python3.11 python3.12 python3.13 python3.14 "$root/.venv/bin/python"; do
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
            "$candidate" "$root/bin/_environment.py" "$@" || exit 1
            python=$root/.venv/bin/python
            return
        fi
    done
    echo "The hall needs Python 3.11 to 3.14 and finds none; install it (on Debian: apt-get install python3 python3-venv)." >&2
    exit 1
}
