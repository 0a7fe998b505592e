"""What of texts waits for staff: those that were given up after several tries."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from kernel.desk_waiting import StaffVisit, Waiting, waiting_list
from messaging.models import SmsState
from messaging.queries.texts import count_texts_by_state

# What is older helps nobody any more.
_RECENT = timedelta(days=7)


def parked_texts(visit: StaffVisit) -> list[Waiting]:
    """Texts of the last days that could not be sent and may be sent again."""
    if not visit.may("messaging.resend_sms"):
        return []
    counts = {count.state: count.texts for count in count_texts_by_state(visit.now - _RECENT)}
    return waiting_list(
        _("Parked texts of 7 days"), counts.get(SmsState.PARKED, 0), "messaging_sms", SmsState.PARKED.value
    )
