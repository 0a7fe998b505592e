import pytest

from messaging.models import Inbound
from messaging.operations.answer_inbound import InboundSettled, count_answer_try, lock_unanswered, mark_answered
from tests.factories.messaging import NOW, make_line, receive_text

pytestmark = pytest.mark.django_db


class TestCountAnswerTry:
    def test_counts_three_and_gives_up(self) -> None:
        line = make_line()
        inbound_id = receive_text(line, "CXYE")
        tries = [count_answer_try(account_id=line.account_id, inbound_id=inbound_id) for _try in range(3)]
        assert tries == [1, 2, 3]
        with pytest.raises(InboundSettled):
            count_answer_try(account_id=line.account_id, inbound_id=inbound_id)
        assert Inbound.objects.get().attempts == 3

    def test_counts_nothing_once_answered(self) -> None:
        line = make_line()
        inbound_id = receive_text(line, "CXYE")
        mark_answered(account_id=line.account_id, inbound_id=inbound_id, now=NOW)
        with pytest.raises(InboundSettled):
            count_answer_try(account_id=line.account_id, inbound_id=inbound_id)
        assert Inbound.objects.get().attempts == 0

    def test_knows_no_text_of_another_account(self) -> None:
        inbound_id = receive_text(make_line(), "CXYE")
        with pytest.raises(InboundSettled):
            count_answer_try(account_id=make_line().account_id, inbound_id=inbound_id)
        assert Inbound.objects.get().attempts == 0


class TestLockUnanswered:
    def test_returns_what_waits(self) -> None:
        line = make_line()
        inbound_id = receive_text(line, "CXYE")
        assert lock_unanswered(account_id=line.account_id, inbound_id=inbound_id).body == "CXYE"

    def test_refuses_what_is_answered(self) -> None:
        line = make_line()
        inbound_id = receive_text(line, "CXYE")
        mark_answered(account_id=line.account_id, inbound_id=inbound_id, now=NOW)
        assert Inbound.objects.get().answered_at == NOW
        with pytest.raises(InboundSettled):
            lock_unanswered(account_id=line.account_id, inbound_id=inbound_id)
