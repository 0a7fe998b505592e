from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from accounts.models import Budget, SignInCode
from accounts.operations.forget_expired import forget_expired
from tests.factories.accounts import NOON

pytestmark = pytest.mark.django_db


class TestForgetExpired:
    def test_deletes_what_is_over_and_keeps_what_is_not(self) -> None:
        for name, ends_at in (("over", NOON), ("live", NOON + timedelta(seconds=1))):
            Budget.objects.create(key=name, count=1, ends_at=ends_at)
            SignInCode.objects.create(key=name, code_hash="", sent_at=NOON, expires_at=ends_at)
            Session.objects.create(session_key=name, session_data="", expire_date=ends_at)
        assert forget_expired(now=NOON) == 3
        assert list(Budget.objects.values_list("key", flat=True)) == ["live"]
        assert list(SignInCode.objects.values_list("key", flat=True)) == ["live"]
        assert list(Session.objects.values_list("session_key", flat=True)) == ["live"]
