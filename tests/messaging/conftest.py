from collections.abc import Iterator

import pytest
from pytest_django import Settings

from messaging.gateways import forget_gateways, get_gateway
from messaging.gateways.memory import MemoryGateway


@pytest.fixture
def gateway(settings: Settings) -> Iterator[MemoryGateway]:
    """A fresh memory gateway in use, behind a closed breaker."""
    settings.SMS_GATEWAY = "messaging.gateways.memory.MemoryGateway"
    forget_gateways()
    in_use = get_gateway()
    assert isinstance(in_use, MemoryGateway)
    yield in_use
    forget_gateways()
