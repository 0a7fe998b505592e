from collections.abc import Iterator

import pytest

from billing.gateways.bank_registry import forget_banks


@pytest.fixture(autouse=True)
def _banks_that_did_not_fail() -> Iterator[None]:
    """A bank that was silent in one test is not left alone in the next."""
    yield
    forget_banks()
