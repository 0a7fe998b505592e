import uuid
from datetime import timedelta

import pytest

from messaging.models import StubText
from messaging.queries.texts import is_text_queued_since, list_stub_texts, list_texts_of_line
from tests.factories.messaging import NOW, make_line, queue_text

pytestmark = pytest.mark.django_db


class TestListTextsOfLine:
    def test_shows_texts_of_the_number_newest_first(self) -> None:
        line, other = make_line(), make_line()
        first, second = queue_text(line), queue_text(line, now=NOW + timedelta(seconds=1))
        queue_text(other)
        assert [text.id for text in list_texts_of_line(line.account_id, line.msisdn, 10)] == [second.id, first.id]
        assert [text.id for text in list_texts_of_line(line.account_id, line.msisdn, 1)] == [second.id]
        assert list_texts_of_line(other.account_id, line.msisdn, 10) == []


class TestIsTextQueuedSince:
    def test_looks_at_number_kind_and_time(self) -> None:
        line = make_line()
        queue_text(line)
        before = NOW - timedelta(seconds=1)
        assert is_text_queued_since(line.account_id, line.msisdn, "NOTICE", before) is True
        assert is_text_queued_since(line.account_id, line.msisdn, "NOTICE", NOW) is False
        assert is_text_queued_since(line.account_id, line.msisdn, "REMINDER", before) is False
        assert is_text_queued_since(line.account_id, "+8613800138009", "NOTICE", before) is False
        assert is_text_queued_since(uuid.uuid4(), line.msisdn, "NOTICE", before) is False


class TestListStubTexts:
    def test_shows_texts_on_a_handset_newest_first(self) -> None:
        for number, msisdn in enumerate(["+8613800138000", "+8613800138000", "+8613800138001"]):
            StubText.objects.create(
                msisdn=msisdn, from_number="10086", body=str(number), sent_at=NOW + timedelta(seconds=number)
            )
        assert [text.body for text in list_stub_texts("+8613800138000", 10)] == ["1", "0"]
        assert [text.body for text in list_stub_texts("+8613800138000", 1)] == ["1"]
