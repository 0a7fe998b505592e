"""What of this app is kept for how long."""

from datetime import datetime

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kernel.retention import RetentionRule
from messaging.models import Inbound, Sms, SmsState, StubText
from messaging.queries.templates import list_proof_kinds

_ON_THE_WAY = (SmsState.QUEUED, SmsState.SENDING)


def list_rules() -> list[RetentionRule]:
    """Return the rules of messaging.

    That a text was sent, and why, is kept: it proves that a charge was told. Its words go, but for those that prove an
    order, which stay with it.
    """
    return [
        RetentionRule(
            "texts", _("The words of texts we sent you"), settings.TEXT_KEEP_DAYS, _texts, blot=(("body", ""),)
        ),
        RetentionRule(
            "texts_received",
            _("Texts and calls from you"),
            settings.INBOUND_KEEP_DAYS,
            lambda before: Inbound.objects.filter(received_at__lte=before, answered_at__isnull=False),
        ),
        RetentionRule(
            "virtual_handset",
            _("Texts of the virtual handset"),
            settings.STUB_TEXT_KEEP_DAYS,
            lambda before: StubText.objects.filter(sent_at__lte=before),
            shown=False,
        ),
    ]


def _texts(before: datetime) -> QuerySet[Sms]:
    old = Sms.objects.filter(queued_at__lte=before).exclude(state__in=_ON_THE_WAY)
    return old.exclude(body="").exclude(kind__in=list_proof_kinds())
