from datetime import timedelta

import pytest

from messaging.models import Inbound, InboundKind
from messaging.operations.answer_inbound import mark_answered
from messaging.queries.inbound import get_last_call, list_inbound_texts, list_unanswered_inbound
from tests.factories.messaging import NOW, make_line, receive_call, receive_text

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(minutes=1)


class TestListUnansweredInbound:
    def test_names_what_waits_oldest_first(self) -> None:
        line = make_line()
        second, first = receive_text(line, "b", now=LATER), receive_text(line, "a", now=NOW)
        found = list_unanswered_inbound(10, received_before=LATER + timedelta(seconds=1))
        assert found == [(line.account_id, first), (line.account_id, second)]
        assert list_unanswered_inbound(1, received_before=LATER) == [(line.account_id, first)]

    def test_leaves_out_what_came_just_now(self) -> None:
        receive_text(make_line(), "a", now=NOW)
        assert list_unanswered_inbound(10, received_before=NOW) == []

    def test_leaves_out_what_is_answered_or_given_up(self) -> None:
        line = make_line()
        mark_answered(account_id=line.account_id, inbound_id=receive_text(line, "a"), now=NOW)
        receive_text(line, "b")
        Inbound.objects.filter(body="b").update(attempts=3)
        assert list_unanswered_inbound(10, received_before=LATER) == []


class TestListInboundTexts:
    def test_shows_texts_of_the_number_newest_first(self) -> None:
        line, other = make_line(), make_line()
        receive_text(line, "a", now=NOW)
        receive_text(line, "b", now=LATER)
        receive_text(other, "c")
        receive_call(line, "1008611")
        assert [text.body for text in list_inbound_texts(line.account_id, line.msisdn, 10)] == ["b", "a"]
        assert [text.body for text in list_inbound_texts(line.account_id, line.msisdn, 1)] == ["b"]


class TestGetLastCall:
    def test_is_none_before_the_first(self) -> None:
        line = make_line()
        receive_text(line, "a")
        assert get_last_call(line.account_id, line.msisdn) is None

    def test_is_the_latest(self) -> None:
        line = make_line()
        receive_call(line, "1008611", now=LATER)
        receive_call(line, "10010", now=NOW)
        call = get_last_call(line.account_id, line.msisdn)
        assert call is not None
        assert (call.kind, call.to_number, call.received_at) == (InboundKind.CALL, "1008611", LATER)
