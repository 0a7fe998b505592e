"""What is due from time to time."""

from typing import Any

from celery import shared_task

from kernel.clock import now
from partners.operations.record_call import forget_old_calls


@shared_task(name="partners.forget_old_calls")
def forget_old_calls_task(**_future: Any) -> None:
    """Delete calls that were kept long enough."""
    forget_old_calls(now=now())
