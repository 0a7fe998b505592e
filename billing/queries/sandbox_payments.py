"""Reads the sandbox cashier's books."""

from billing.models import SandboxPayment
from kernel.errors import NotFound


def get_sandbox_payment(payment_number: str) -> SandboxPayment:
    """Return a payment of the sandbox.

    :raises NotFound: the cashier has none of that number.
    """
    row = SandboxPayment.objects.filter(payment_number=payment_number).first()
    if row is None:
        raise NotFound
    return row
