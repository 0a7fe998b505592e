"""The way to a provider over the network: one that hangs or fails is left alone, and asked again a little later."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException

import structlog
from requests import RequestException

from billing.gateways.base import ProviderUnavailable
from kernel.breaker import Breaker, BreakerOpen

log = structlog.get_logger(__name__)


class AnswerUnusable(Exception):
    """The provider answered, but not in its own name or not in its own language."""


class Wire:
    """Guards the calls of one provider in this process; every failure becomes ProviderUnavailable."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.breaker = Breaker()

    @contextmanager
    def call(self) -> Iterator[None]:
        """Run one call.

        :raises ProviderUnavailable: it was not made, or had no usable answer.
        """
        try:
            # OSError is what sockets and urllib raise, ValueError what a body that is cut in the middle leads to.
            with self.breaker.guard(OSError, HTTPException, RequestException, ValueError, AnswerUnusable):
                yield
        except BreakerOpen:
            raise ProviderUnavailable from None
        except (OSError, HTTPException, RequestException, ValueError, AnswerUnusable) as error:
            log.warning("payment_provider_unavailable", provider=self.name, error=type(error).__name__)
            raise ProviderUnavailable from error
