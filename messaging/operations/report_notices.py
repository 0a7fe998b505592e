"""Delivery reports that the provider behind the HTTP gateway posts to us."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from kernel.errors import DomainError
from messaging.gateways.http import HttpGateway
from messaging.gateways.signing import SignatureWrong, verify
from messaging.models import ReportState
from messaging.operations.delivery_reports import DeliveryReport, record_report

_MOST_REPORTS = 1000
_STATES = {"delivered": ReportState.DELIVERED, "undelivered": ReportState.UNDELIVERED}


class ReportNotGenuine(DomainError):
    """It is not signed with the gateway's secret, or was not within the last minutes."""

    code = "REPORT_NOT_GENUINE"
    message = _("This report is not signed as agreed.")
    http_status = 401


class ReportUnreadable(DomainError):
    """It is signed, and says nothing that we understand; none of it was kept."""

    code = "REPORT_UNREADABLE"
    message = _("This report cannot be read.")
    http_status = 400


def accept_report_notice(*, body: bytes, headers: Mapping[str, str], now: datetime) -> int:
    """Keep the reports of a notice; each in a transaction of its own, so that a repeat finishes what was cut.

    :param body: the exact bytes that were signed.
    :return: how many reports there were.
    :raises ReportNotGenuine: whoever sent it does not know the secret.
    :raises ReportUnreadable: it is not what docs/how-to/sms-gateways.md describes.
    """
    try:
        verify(secret=settings.SMS_HTTP_SECRET, headers=headers, body=body, now=now)
    except SignatureWrong:
        raise ReportNotGenuine from None
    reports = _read(body)
    for report in reports:
        record_report(report=report, now=now)
    return len(reports)


def _read(body: bytes) -> list[DeliveryReport]:
    try:
        entries = json.loads(body)["reports"]
        if not isinstance(entries, list) or len(entries) > _MOST_REPORTS:
            raise ReportUnreadable
        return [_report(entry) for entry in entries]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ReportUnreadable from None


def _report(entry: Mapping[str, Any]) -> DeliveryReport:
    """:raises ValueError, KeyError, TypeError: it is no report."""
    message_id, reason, at = entry["id"], entry.get("reason") or "", entry.get("at")
    if not isinstance(message_id, str) or not isinstance(reason, str) or "\0" in message_id + reason:
        raise TypeError("not a report")
    reported_at = datetime.fromisoformat(at) if at else None
    if reported_at is not None and reported_at.tzinfo is None:
        raise ValueError("an instant without its time zone")
    return DeliveryReport(HttpGateway.name, message_id, _STATES[entry["state"]], reason, reported_at)
