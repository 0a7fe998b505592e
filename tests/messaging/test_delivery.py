"""From the commit to the handset through a real worker, without any schedule."""

import pytest
from django.utils import timezone

from messaging.models import Sms, SmsState, StubText
from portal.embedded.child import Child
from tests.factories.messaging import make_line, queue_text
from tests.halls import wait_for

pytestmark = pytest.mark.django_db(transaction=True)


class TestATextThatIsCommitted:
    def test_is_on_the_handset_at_once_though_nudges_are_coalesced(self, live_worker: Child) -> None:
        line = make_line()
        texts = [queue_text(line, now=timezone.now()) for _number in range(10)]
        wait_for(lambda: StubText.objects.count() == 10, seconds=30)
        wait_for(lambda: set(Sms.objects.values_list("state", "attempts")) == {(SmsState.SENT, 1)}, seconds=30)
        assert set(StubText.objects.values_list("id", flat=True)) == {text.id for text in texts}
