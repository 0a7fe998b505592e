from datetime import timedelta

import pytest
from celery import current_app

from messaging.models import StubText
from messaging.operations.forget_stub_texts import forget_stub_texts
from messaging.task_names import FORGET_STUB_TEXTS
from messaging.tasks import forget_stub_texts as forget_stub_texts_task
from portal.celery import app
from tests.factories.messaging import NOW, make_line, queue_text

pytestmark = pytest.mark.django_db


def arrive(body: str, *, days_ago: int) -> None:
    StubText.objects.create(
        msisdn="+8613800138000", from_number="10086", body=body, sent_at=NOW - timedelta(days=days_ago)
    )


class TestForgetStubTexts:
    def test_deletes_what_was_sent_long_ago_and_nothing_of_the_outbox(self) -> None:
        text = queue_text(make_line(), now=NOW - timedelta(days=400))
        arrive("old", days_ago=90)
        arrive("new", days_ago=89)
        assert forget_stub_texts(now=NOW) == 1
        assert list(StubText.objects.values_list("body", flat=True)) == ["new"]
        text.refresh_from_db()

    def test_runs_each_night(self) -> None:
        entry = app.conf.beat_schedule["forget-stub-texts"]
        assert entry["task"] == FORGET_STUB_TEXTS == forget_stub_texts_task.name
        assert FORGET_STUB_TEXTS in current_app.tasks
        assert entry["schedule"].hour == {3}
