"""Stays bound to the message centre as a receiver: keeps its delivery receipts, and hands on what customers text.

What came is acknowledged only once it is committed; until then the message centre keeps it and sends it again.
"""

import time
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import structlog
from django.db import close_old_connections
from smpplib import consts

from messaging.gateways.base import GatewayUnavailable
from messaging.gateways.smpp import SmppGateway, smpp_address
from messaging.gateways.smpp_link import LineCut, Pdu, SmppLink
from messaging.gateways.smpp_receipts import CustomerText, Receipt, read_deliver_sm
from messaging.models import ReportState
from messaging.operations.delivery_reports import DeliveryReport, record_report

log = structlog.get_logger(__name__)

_CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 1.0
_QUIET_SECONDS = 30.0
_LONGEST_PAUSE_SECONDS = 10.0


class KeepText(Protocol):
    """Stores a customer's text: numbers in digits as the network writes them, and its id if it has one."""

    def __call__(self, *, source: str, to: str, words: str, message_id: str, now: datetime) -> object: ...


def listen_to_network(*, keep_text: KeepText, clock: Callable[[], datetime], until: Callable[[], bool]) -> None:
    """Listen until told to stop; connect anew whenever the connection is lost. Call it outside transactions.

    :param keep_text: stores a customer's text; what it raises makes the message centre send the text again later.
    :param clock: gives the current instant, as the door reads it.
    :param until: asked about once a second; True ends it.
    """
    pause = 1.0
    while not until():
        try:
            link = SmppLink(smpp_address(), bind_as="receiver", deadline=time.monotonic() + _CONNECT_SECONDS)
        except GatewayUnavailable as error:
            log.warning("smpp_receiver_unavailable", reason=str(error))
            _rest(pause, until)
            pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
            continue
        log.info("smpp_receiver_bound")
        pause = 1.0
        try:
            _listen(link, keep_text, clock, until)
        except LineCut as cut:
            log.warning("smpp_receiver_cut", reason=str(cut))
        finally:
            link.close()


def _listen(link: SmppLink, keep_text: KeepText, clock: Callable[[], datetime], until: Callable[[], bool]) -> None:
    """:raises LineCut: the connection ended, or nobody answers on it any more."""
    asked = False
    while not until():
        pdu = link.receive(deadline=time.monotonic() + _LOOK_SECONDS)
        if pdu is not None:
            asked = False
            if pdu.command == "deliver_sm":
                link.answer(pdu, status=_take(pdu, keep_text, clock))
        elif time.monotonic() - link.last_heard > 2 * _QUIET_SECONDS:
            raise LineCut("no answer to an enquiry")
        elif time.monotonic() - link.last_heard > _QUIET_SECONDS and not asked:
            link.request(link.make("enquire_link"), deadline=time.monotonic() + _LOOK_SECONDS)
            asked = True


def _take(pdu: Pdu, keep_text: KeepText, clock: Callable[[], datetime]) -> int:
    """Keep what came and return the status to answer with."""
    try:
        came = read_deliver_sm(pdu)
    except ValueError as error:
        log.warning("smpp_delivery_unreadable", reason=str(error))
        # Sending it again would not help.
        return int(consts.SMPP_ESME_RX_R_APPN)
    close_old_connections()
    try:
        if isinstance(came, CustomerText):
            keep_text(source=came.source, to=came.to, words=came.words, message_id=came.message_id, now=clock())
        else:
            _record(came, clock())
    except Exception:
        log.exception("smpp_delivery_not_kept")
        return int(consts.SMPP_ESME_RX_T_APPN)
    return int(consts.SMPP_ESME_ROK)


def _record(receipt: Receipt, now: datetime) -> None:
    if receipt.delivered is None:
        return
    state = ReportState.DELIVERED if receipt.delivered else ReportState.UNDELIVERED
    report = DeliveryReport(SmppGateway.name, receipt.message_id, state, receipt.reason, receipt.reported_at)
    record_report(report=report, now=now)


def _rest(seconds: float, until: Callable[[], bool]) -> None:
    ends_at = time.monotonic() + seconds
    while time.monotonic() < ends_at and not until():
        time.sleep(0.1)
