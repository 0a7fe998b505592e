"""Door for the schedule."""

from celery import shared_task

from care.operations import ticket_desk
from kernel.clock import now

TICKETS_AT_ONCE = 500


@shared_task(name="care.close_solved_tickets")
def close_solved_tickets(**_future: object) -> None:
    """Close solved tickets that nobody objected to."""
    ticket_desk.close_solved_tickets(now=now(), limit=TICKETS_AT_ONCE)
