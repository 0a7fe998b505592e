"""A recovery code lets one in, however many hold it up at once."""

from datetime import UTC, datetime

import pytest
from django_otp.oath import TOTP

from accounts.models import StaffRecoveryCode, StaffUser
from accounts.operations import staff_second_factor
from accounts.operations.staff_second_factor import (
    check_second_factor,
    make_second_factor_key,
    set_up_second_factor,
)
from tests.factories.accounts import make_staff
from tests.races import meet_after, outcomes

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
# As many as may be wrong in a row.
TIMES = 5

pytestmark = pytest.mark.django_db(transaction=True)


def member_with_codes() -> tuple[StaffUser, list[str]]:
    staff, key = make_staff("clerk"), make_second_factor_key()
    app = TOTP(bytes.fromhex(key))
    app.time = NOW.timestamp()
    code = f"{app.token():06d}"
    return staff, set_up_second_factor(staff=staff, key=key, code=code, replace=False, address="here", now=NOW)[1]


class TestRecoveryCode:
    def test_works_once(self) -> None:
        staff, codes = member_with_codes()
        found = outcomes(lambda _: check_second_factor(staff=staff, code=codes[0], address="", now=NOW), times=TIMES)
        assert found == {"OK": 1, "SECOND_FACTOR_WRONG": TIMES - 1}

    def test_would_work_for_all_without_its_guard(self, monkeypatch: pytest.MonkeyPatch) -> None:
        staff, codes = member_with_codes()

        def look(code: str) -> bool:
            return StaffRecoveryCode.objects.filter(code_hash=StaffRecoveryCode.hash_of(code), used_at=None).exists()

        look_together = meet_after(look, times=TIMES)

        def look_then_use(_staff: StaffUser, code: str, now: datetime) -> bool:
            unused = look_together(code)
            StaffRecoveryCode.objects.filter(code_hash=StaffRecoveryCode.hash_of(code)).update(used_at=now)
            return unused

        monkeypatch.setattr(staff_second_factor, "_use_recovery_code", look_then_use)
        found = outcomes(lambda _: check_second_factor(staff=staff, code=codes[0], address="", now=NOW), times=TIMES)
        assert found == {"OK": TIMES}
