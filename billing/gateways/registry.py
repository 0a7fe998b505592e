"""Which payment provider is spoken to: the one named by PAYMENT_PROVIDER, and no other."""

import functools

from django.conf import settings

from billing.gateways.alipay import AlipayProvider
from billing.gateways.base import PaymentProvider
from billing.gateways.memory import MemoryProvider
from billing.gateways.sandbox import SandboxProvider
from billing.gateways.wechatpay import WechatpayProvider
from kernel.errors import NotFound

PROVIDERS: dict[str, type[PaymentProvider]] = {
    provider.name: provider for provider in (SandboxProvider, MemoryProvider, AlipayProvider, WechatpayProvider)
}


def get_provider(name: str) -> PaymentProvider:
    """Return this process's provider of a name, the same one each time.

    :raises NotFound: it is not the one that is in use.
    """
    if not is_in_use(name):
        raise NotFound
    return _provider(name)


def is_in_use(name: str) -> bool:
    """Tell whether a provider of this name is the one spoken to."""
    return name == settings.PAYMENT_PROVIDER and name in PROVIDERS


def forget_providers() -> None:
    """Drop what this process has made: tests start with fresh providers and closed breakers."""
    _provider.cache_clear()


@functools.cache
def _provider(name: str) -> PaymentProvider:
    return PROVIDERS[name]()
