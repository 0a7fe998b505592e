"""System checks: the gateway that is named exists, and leases outlast it; better met at the start than at night."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.utils.module_loading import import_string

from messaging.gateways.base import SmsGateway

_CURE = "Set HALL_SMS_GATEWAY to a gateway's dotted path, such as messaging.gateways.stub.StubGateway."


@register()
def check_gateway(app_configs: Sequence[AppConfig] | None = None, **_options: Any) -> list[CheckMessage]:
    """Report a gateway that is none, and a lease that could end while its texts are still being sent."""
    try:
        gateway = import_string(settings.SMS_GATEWAY)
    except ImportError as error:
        return [Error(f"SMS_GATEWAY cannot be imported: {error}.", hint=_CURE, id="messaging.E001")]
    if not (isinstance(gateway, type) and issubclass(gateway, SmsGateway)):
        return [Error(f"SMS_GATEWAY {settings.SMS_GATEWAY} is no SmsGateway.", hint=_CURE, id="messaging.E002")]
    # A claim may hold one batch of secret texts and one of others, each with its own time-out.
    if settings.SMS_LEASE_SECONDS <= 2 * settings.SMS_SEND_TIMEOUT:
        return [
            Error(
                "SMS_LEASE_SECONDS is not longer than twice SMS_SEND_TIMEOUT: texts could be sent twice.",
                hint="Set HALL_SMS_LEASE_SECONDS higher or HALL_SMS_SEND_TIMEOUT lower.",
                id="messaging.E003",
            )
        ]
    return []
