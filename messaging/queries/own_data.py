"""What of this app a customer takes along. Codes are not among it: a secret text is wiped once it is sent."""

from collections.abc import Mapping

from django.db import models

from kernel.own_data import OwnData
from messaging.models import Inbound, Sms, SmsResend, TextPreference

OWN_DATA = [
    OwnData("texts_sent", Sms, ("queued_at", "msisdn", "kind", "body", "state", "sent_at", "delivered_at")),
    OwnData("texts_received", Inbound, ("received_at", "kind", "from_msisdn", "to_number", "body", "answered_at")),
    OwnData(
        "text_preferences",
        TextPreference,
        ("msisdn", "unwanted_groups", "quiet_from_hour", "quiet_to_hour", "changed_at"),
    ),
]

LEFT_OUT: Mapping[type[models.Model], str] = {
    SmsResend: "It says that staff let a text be tried again; the text itself is there.",
}
