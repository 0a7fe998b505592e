"""Which payment provider is spoken to: the one named by PAYMENT_PROVIDER, and no other."""

import functools

from django.conf import settings

from billing.gateways.base import PaymentProvider
from billing.gateways.memory import MemoryProvider
from billing.gateways.sandbox import SandboxProvider
from kernel.errors import NotFound

PROVIDERS: dict[str, type[PaymentProvider]] = {
    provider.name: provider for provider in (SandboxProvider, MemoryProvider)
}


def get_provider(name: str) -> PaymentProvider:
    """Return the provider of a name.

    :raises NotFound: it is not the one that is in use.
    """
    if name != settings.PAYMENT_PROVIDER or name not in PROVIDERS:
        raise NotFound
    return _provider(name)


@functools.cache
def _provider(name: str) -> PaymentProvider:
    return PROVIDERS[name]()
