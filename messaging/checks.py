"""System checks: the gateways that are named exist and know where to go, and leases outlast them."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from messaging.gateways import list_gateway_paths
from messaging.gateways.base import SmsGateway

_CURE = "Set HALL_SMS_GATEWAY to stub, http, smpp or a gateway's dotted path; several with commas."


@register()
def check_gateway(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a gateway that is none or lacks settings, and a lease that could end while texts are being sent."""
    paths = list_gateway_paths()
    if not paths:
        return [Error("SMS_GATEWAY names no gateway.", hint=_CURE, id="messaging.E001")]
    problems = [problem for path in paths for problem in _problems_of(path)]
    # A claim may hold one batch of secret texts and one of others, each with its own time-out.
    if settings.SMS_LEASE_SECONDS <= 2 * settings.SMS_SEND_TIMEOUT:
        problems.append(
            Error(
                "SMS_LEASE_SECONDS is not longer than twice SMS_SEND_TIMEOUT: texts could be sent twice.",
                hint="Set HALL_SMS_LEASE_SECONDS higher or HALL_SMS_SEND_TIMEOUT lower.",
                id="messaging.E003",
            )
        )
    return problems


def _problems_of(path: str) -> Iterator[CheckMessage]:
    try:
        gateway = import_string(path)
    except ImportError as error:
        yield Error(f"SMS_GATEWAY cannot be imported: {error}.", hint=_CURE, id="messaging.E001")
        return
    if not (isinstance(gateway, type) and issubclass(gateway, SmsGateway)):
        yield Error(f"SMS_GATEWAY {path} is no SmsGateway.", hint=_CURE, id="messaging.E002")
        return
    for name in settings.SMS_NEEDED_SETTINGS.get(gateway.name, ()):
        if not getattr(settings, name):
            yield Error(
                f"HALL_{name} is not set, and the {gateway.name} gateway needs it.", hint=_CURE, id="messaging.E004"
            )
