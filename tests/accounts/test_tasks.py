from datetime import UTC, datetime

import pytest

from accounts.models import Budget
from accounts.tasks import forget_expired
from portal.celery import app

pytestmark = pytest.mark.django_db


class TestForgetExpired:
    def test_deletes_what_is_over_by_now(self) -> None:
        Budget.objects.create(key="over", count=1, ends_at=datetime(2026, 1, 1, tzinfo=UTC))
        forget_expired()
        assert Budget.objects.count() == 0

    def test_runs_every_hour(self) -> None:
        entry = app.conf.beat_schedule["forget-expired"]
        assert (entry["task"], entry["schedule"]) == (forget_expired.name, 3600.0)
