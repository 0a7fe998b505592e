"""Ways out to the mobile network. `get_gateway` returns the one in use, `get_breaker` what guards it."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.breaker import Breaker
from messaging.gateways.base import SmsGateway


def get_gateway() -> SmsGateway:
    """Return this process's gateway of `settings.SMS_GATEWAY`, the same one each time."""
    return _make_gateway(settings.SMS_GATEWAY)


def get_breaker() -> Breaker:
    """Return this process's breaker of `settings.SMS_GATEWAY`."""
    return _make_breaker(settings.SMS_GATEWAY)


def forget_gateways() -> None:
    """Drop what this process has made: tests start with a fresh gateway and a closed breaker."""
    _make_gateway.cache_clear()
    _make_breaker.cache_clear()


@cache
def _make_gateway(path: str) -> SmsGateway:
    gateway: SmsGateway = import_string(path)()
    return gateway


@cache
def _make_breaker(_path: str) -> Breaker:
    return Breaker()
