"""The sandbox's file of a day, as a provider would let it be downloaded."""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.conf import settings

from billing.gateways.base import Movement, PaymentOutcome
from billing.gateways.plain_statement import COLUMNS
from billing.models import SandboxPayment, SandboxRefund
from kernel.clock import SHANGHAI
from kernel.csv_export import Cell, csv_lines
from kernel.money import yuan_text


def list_sandbox_statement(*, starts_at: datetime, ends_at: datetime) -> Iterator[bytes]:
    """Yield the lines of the file about what was paid and given back at the sandbox within [starts_at, ends_at)."""
    return csv_lines(columns=COLUMNS, rows=_rows(starts_at, ends_at))


def _rows(starts_at: datetime, ends_at: datetime) -> Iterator[tuple[Cell, ...]]:
    paid = SandboxPayment.objects.filter(
        outcome=PaymentOutcome.PAID, decided_at__gte=starts_at, decided_at__lt=ends_at
    ).order_by("decided_at", "payment_number")
    refunds = SandboxRefund.objects.filter(refunded_at__gte=starts_at, refunded_at__lt=ends_at)
    columns = ("payment_number", "provider_payment_number", "amount_fen", "decided_at")
    for row in paid.values_list(*columns).iterator():
        yield _row(Movement.PAYMENT, *row)
    columns = ("refund_number", "provider_refund_number", "amount_fen", "refunded_at")
    for row in refunds.order_by("refunded_at", "refund_number").values_list(*columns).iterator():
        yield _row(Movement.REFUND, *row)


def _row(movement: Movement, number: str, provider_number: str, amount_fen: int, at: datetime) -> tuple[Cell, ...]:
    return (
        settings.PAYMENT_MERCHANT,
        movement.value,
        number,
        provider_number,
        Decimal(yuan_text(amount_fen)),
        f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S}",
    )
