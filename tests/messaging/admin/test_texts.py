from datetime import timedelta

import pytest
from django.test import Client

from kernel.clock import now
from messaging.models import Sms
from messaging.texts import SmsTemplate
from tests.factories.accounts import staff_client
from tests.factories.messaging import NOW, SECRET, make_line, queue_text

pytestmark = pytest.mark.django_db

CONFIRMATION = SmsTemplate(
    kind="CONFIRMATION", zh="账单86.50元，确认码{code}。", en="", lifetime=timedelta(hours=1), urgent=True
)


@pytest.fixture
def clerk() -> Client:
    return staff_client("clerk")


def page_of(sms: Sms, clerk: Client) -> str:
    return clerk.get(f"/staff/messaging/sms/{sms.account_id},{sms.id}/change/").content.decode()


class TestTextPage:
    def test_hides_texts_that_carry_a_sign_in_code(self, clerk: Client) -> None:
        sms = queue_text(make_line(), template=SECRET)
        assert "482913" in sms.body
        assert "482913" not in page_of(sms, clerk)

    def test_hides_what_may_be_a_code_as_long_as_the_text_is_of_use(self, clerk: Client) -> None:
        sms = queue_text(make_line(), template=CONFIRMATION, now=now())
        page = page_of(sms, clerk)
        assert "账单86.50元，确认码****。" in page

    def test_shows_the_exact_words_afterwards(self, clerk: Client) -> None:
        sms = queue_text(make_line(), template=CONFIRMATION, now=now() - timedelta(hours=1))
        assert "账单86.50元，确认码482913。" in page_of(sms, clerk)


class TestTextList:
    def test_puts_the_texts_of_a_number_in_order_of_time_newest_first(self, clerk: Client) -> None:
        line = make_line()
        hours = [3, 0, 5, 1, 4, 2]
        texts = {hour: queue_text(line, now=NOW + timedelta(hours=hour)) for hour in hours}
        page = clerk.get("/staff/messaging/sms/", {"q": line.msisdn}).content.decode()
        places = [page.index(f"{texts[hour].id}/change/") for hour in sorted(hours, reverse=True)]
        assert places == sorted(places)
