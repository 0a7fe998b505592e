"""The texts about tickets, in both languages. What was asked and answered stands on the page, never in a text."""

from datetime import timedelta

from django.utils.translation import gettext_lazy as _

from care.models import TicketKind, TicketState
from messaging.texts import ENGLISH, SmsTemplate

_KINDS = {
    TicketKind.ENQUIRY: ("咨询", "question"),
    TicketKind.COMPLAINT: ("投诉", "complaint"),
    TicketKind.FAULT: ("故障报修", "report of a fault"),
    TicketKind.SUGGESTION: ("建议", "suggestion"),
}
_ENDS = {
    TicketState.CLOSED: ("已结单", "closed"),
    TicketState.REJECTED: ("不予受理", "not taken up"),
    TicketState.CANCELLED: ("已撤销", "withdrawn"),
}

TICKET_OPENED = SmsTemplate(
    kind="TICKET_OPENED",
    zh="您的{kind}已受理，工单号{number}，我们将在{deadline}前答复。进度查询：{page}",
    en="We have received your {kind}: ticket {number}. We answer by {deadline}. Follow it at {page}",
    lifetime=timedelta(days=1),
    urgent=False,
    name=_("ticket opened"),
)

TICKET_ANSWERED = SmsTemplate(
    kind="TICKET_ANSWERED",
    zh="您的工单{number}有新答复，请查看：{page}",
    en="There is an answer to your ticket {number}: {page}",
    lifetime=timedelta(days=2),
    urgent=False,
    name=_("ticket answered"),
)

TICKET_WAITS = SmsTemplate(
    kind="TICKET_WAITS",
    zh="处理您的工单{number}还需要您补充信息，请到网页回复：{page}",
    en="To go on with your ticket {number} we need more from you. Please reply at {page}",
    lifetime=timedelta(days=2),
    urgent=False,
    name=_("ticket waits for the customer"),
)

TICKET_RESOLVED = SmsTemplate(
    kind="TICKET_RESOLVED",
    zh="您的工单{number}已处理完毕，请确认是否解决：{page}。{day}前未提出异议，将自动结单。",
    en="Your ticket {number} is solved, we think. Please tell us at {page}. Without a word from you it is closed on"
    " {day}.",
    lifetime=timedelta(days=2),
    urgent=False,
    name=_("ticket solved"),
)

TICKET_ENDED = SmsTemplate(
    kind="TICKET_ENDED",
    zh="您的工单{number}已结束（{state}），详情：{page}。如有疑问请致电{service_number}。",
    en="Your ticket {number} has ended ({state}): {page}. Questions? Call {service_number}.",
    lifetime=timedelta(days=2),
    urgent=False,
    name=_("ticket ended"),
)


def kind_words(language: str, kind: str) -> str:
    """Return a kind of ticket as texts call it."""
    chinese, english = _KINDS[TicketKind(kind)]
    return english if language == ENGLISH else chinese


def end_state_words(language: str, state: str) -> str:
    """Return how a ticket ended; empty while it has not."""
    chinese, english = _ENDS.get(TicketState(state), ("", ""))
    return english if language == ENGLISH else chinese
