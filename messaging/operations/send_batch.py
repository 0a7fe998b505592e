"""Hands a claimed batch to the gateway so that one bad text, or a dead gateway, does not take the others with it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings

from messaging.gateways import get_breaker, get_gateway
from messaging.gateways.base import GatewayUnavailable, Outcome, OutgoingSms, SendResult

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class SentBatch:
    """One result for each text, in order, and whether the gateway was there."""

    results: list[SendResult]
    gateway_available: bool


def send_batch(*, path: str, messages: Sequence[OutgoingSms], repeat_on_defect: bool, now: datetime) -> SentBatch:
    """Send texts within `settings.SMS_SEND_TIMEOUT` seconds in all, and tell the breaker how the gateway did.

    :param path: of the gateway.
    :param repeat_on_defect: on a defect (any exception but GatewayUnavailable) send the batch again in halves until the
        text at fault is alone. False leaves the whole batch unknown: for secret texts.
    """
    sending = _Sending(path, repeat_on_defect, now)
    results = sending.send(messages)
    breaker = get_breaker(path)
    if sending.gateway_available:
        breaker.record_success()
    else:
        breaker.record_failure()
    return SentBatch(results, sending.gateway_available)


class _Sending:
    """One batch on its way, with the time that is left for it."""

    def __init__(self, path: str, repeat_on_defect: bool, now: datetime) -> None:
        self.path = path
        self.repeat_on_defect = repeat_on_defect
        self.now = now
        self.deadline = time.monotonic() + settings.SMS_SEND_TIMEOUT
        self.gateway_available = True

    def send(self, messages: Sequence[OutgoingSms]) -> list[SendResult]:
        seconds_left = self.deadline - time.monotonic()
        if not self.gateway_available or seconds_left <= 0:
            return self._unavailable(messages, Outcome.NOT_TRIED, "no time left")
        try:
            results = get_gateway(self.path).send(messages, now=self.now, timeout_seconds=seconds_left)
        except GatewayUnavailable as error:
            return self._unavailable(messages, Outcome.NOT_TRIED, str(error) or "gateway unavailable")
        except SoftTimeLimitExceeded:
            return self._unavailable(messages, Outcome.UNKNOWN, "gateway did not answer in time")
        except Exception as error:
            return self._after_defect(messages, error)
        outcomes = [result.outcome for result in results]
        # A gateway that leaves texts untried was cut off, or asked for a pause.
        if Outcome.NOT_TRIED in outcomes or all(outcome is Outcome.UNKNOWN for outcome in outcomes):
            self.gateway_available = False
        return results

    def _after_defect(self, messages: Sequence[OutgoingSms], error: Exception) -> list[SendResult]:
        if len(messages) == 1 or not self.repeat_on_defect:
            log.error("sms_defect", sms_ids=[str(message.message_id) for message in messages], exc_info=error)
            return [SendResult(Outcome.UNKNOWN, reason=repr(error))] * len(messages)
        middle = len(messages) // 2
        return self.send(messages[:middle]) + self.send(messages[middle:])

    def _unavailable(self, messages: Sequence[OutgoingSms], outcome: Outcome, reason: str) -> list[SendResult]:
        if self.gateway_available:
            log.warning("sms_gateway_unavailable", reason=reason)
        self.gateway_available = False
        return [SendResult(outcome, reason=reason)] * len(messages)
