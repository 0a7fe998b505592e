import pytest

from accounts.models import Bar, BarReason
from tests.factories.barring import make_bar
from tests.factories.billing import make_line
from tests.factories.channels import text_10086, uses_of
from tests.factories.messaging import NOW

pytestmark = pytest.mark.django_db


class TestBarring:
    def test_says_that_nothing_is_stopped(self) -> None:
        line = make_line(language="en")
        [answer] = text_10086(line, "CXTJ")
        assert "this number is in use; nothing is stopped" in answer
        assert uses_of(line) == [("SMS", "barring", "OK")]

    def test_says_why_and_what_helps(self) -> None:
        line = make_line(language="en")
        make_bar(line, BarReason.OPERATOR, now=NOW, cure="Visit us.")
        make_bar(line, BarReason.FRAUD_REVIEW, now=NOW)
        answer = text_10086(line, "停复机")[-1]
        assert "is stopped: it is being checked for fraud; we had to stop it. Visit a shop" in answer
        assert "Emergency calls still work." in answer

    @pytest.mark.parametrize("word", ["FJ", "复机"])
    def test_restores_what_was_stopped_on_request_with_the_one_text_of_it(self, word: str) -> None:
        line = make_line()
        make_bar(line, BarReason.CUSTOMER_REQUEST, now=NOW)
        assert "复机，可正常使用" in text_10086(line, word)[-1]
        assert Bar.objects.get().ended_channel == "SMS"

    def test_restores_no_lost_card(self) -> None:
        line = make_line(language="en")
        make_bar(line, BarReason.LOST_SIM, now=NOW)
        assert "its SIM card was reported lost" in text_10086(line, "FJ")[-1]
        assert Bar.objects.get().ended_at is None

    def test_leads_to_the_page_for_a_lost_card(self) -> None:
        line = make_line()
        [answer] = text_10086(line, "挂失")
        assert "/barring/" in answer
        assert Bar.objects.count() == 0
