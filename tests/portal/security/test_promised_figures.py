"""The figures of the door that customers are promised, as they stand when nobody sets them otherwise. That each holds
at its border is tried where it is kept: tests/accounts/operations and tests/concurrency.
"""

import os
import subprocess
import sys

import pytest

PROMISED = {
    "SIGN_IN_CODE_LIFETIME": 300,
    "SIGN_IN_CODE_GUESSES": 5,
    "SIGN_IN_FAILURES_BEFORE_LOCK": 30,
    "SIGN_IN_CODE_RESEND_AFTER": 60,
    "SIGN_IN_CODES_PER_HOUR": 5,
    "SIGN_IN_CODES_PER_DAY": 10,
    "SIGN_IN_CODES_PER_ADDRESS_HOUR": 20,
    "SIGN_IN_CODES_PER_RANGE_HOUR": 500,
    "SIGN_IN_CODES_PER_HOUR_OVERALL": 100_000,
    "SIGN_IN_CODES_WITHOUT_WORK": 2,
    "SIGN_IN_CODES_WITHOUT_WORK_PER_ADDRESS": 2,
    "SIGN_IN_CODE_RESEND_AFTER_WITHOUT_WORK": 300,
    "SERVICE_PASSWORD_TRIES": 5,
    "STEP_UP_SECONDS": 600,
    "VOUCHER_WRONG_TRIES": 5,
}


@pytest.fixture(scope="module")
def unset() -> dict[str, int]:
    """The settings of a process in whose environment the operator has set nothing."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("HALL_")}
    asked = f"import portal.settings.base as kept; print(*(getattr(kept, name) for name in {tuple(PROMISED)!r}))"
    printed = subprocess.run([sys.executable, "-c", asked], env=environment, check=True, capture_output=True, text=True)
    return dict(zip(PROMISED, map(int, printed.stdout.split()), strict=True))


class TestTheFigures:
    def test_are_what_is_promised(self, unset: dict[str, int]) -> None:
        assert unset == PROMISED
