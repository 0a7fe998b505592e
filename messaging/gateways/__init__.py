"""Ways out to the mobile network: those that `settings.SMS_GATEWAY` names, in the order in which they are preferred."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from kernel.breaker import Breaker
from messaging.gateways.base import SmsGateway

BUILT_IN = {
    "stub": "messaging.gateways.stub.StubGateway",
    "memory": "messaging.gateways.memory.MemoryGateway",
    "http": "messaging.gateways.http.HttpGateway",
    "smpp": "messaging.gateways.smpp.SmppGateway",
}


def list_gateway_paths() -> list[str]:
    """Return the dotted paths of the gateways in use, the preferred one first."""
    names = (name.strip() for name in settings.SMS_GATEWAY.split(","))
    return [BUILT_IN.get(name, name) for name in names if name]


def get_gateway(path: str = "") -> SmsGateway:
    """Return this process's gateway of a path, the same one each time; without a path, the preferred one."""
    return _make_gateway(path or list_gateway_paths()[0])


def get_breaker(path: str = "") -> Breaker:
    """Return this process's breaker of a gateway; without a path, of the preferred one."""
    return _make_breaker(path or list_gateway_paths()[0])


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
