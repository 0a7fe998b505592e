"""Door for workers."""

from celery import shared_task

from accounts.operations.forget_expired import forget_expired as forget_expired_rows
from kernel.clock import now


@shared_task(name="accounts.forget_expired")
def forget_expired(**_future: object) -> None:
    """Delete budgets, codes, sessions, tokens and kept answers that mean nothing any more."""
    forget_expired_rows(now=now())
