"""What must hold among tickets. Read by `manage.py audit_books`."""

from kernel.audit import AuditCheck


def list_checks() -> list[AuditCheck]:
    """Return the invariants of customer care."""
    return [
        AuditCheck(
            name="ticket_is_as_its_last_entry",
            promise="A ticket is in the state of its last entry, and its entries are numbered without a gap.",
            rows="SELECT count(*) FROM care_ticket",
            violations="""
                SELECT ticket.account_id, ticket.id AS ticket_id, ticket.state, last.state AS last_state
                  FROM care_ticket AS ticket
                  LEFT JOIN LATERAL (
                      SELECT entry.state, entry.number, count(*) OVER () AS entries
                        FROM care_ticket_entry AS entry
                       WHERE entry.account_id = ticket.account_id AND entry.ticket_id = ticket.id
                       ORDER BY entry.number DESC
                       LIMIT 1
                  ) AS last ON true
                 WHERE last.state IS DISTINCT FROM ticket.state OR last.number <> last.entries
            """,
        ),
        AuditCheck(
            name="ticket_number_leads_to_its_ticket",
            promise="Every ticket's number leads to that ticket, and every number leads to a ticket.",
            rows="SELECT count(*) FROM care_ticket",
            violations="""
                SELECT ticket.account_id, ticket.id AS ticket_id, directory.account_id AS leads_to_account_id,
                       directory.ticket_id AS leads_to_ticket_id
                  FROM care_ticket AS ticket
                  FULL JOIN care_ticket_directory AS directory ON directory.number = ticket.number
                 WHERE (ticket.account_id, ticket.id) IS DISTINCT FROM (directory.account_id, directory.ticket_id)
            """,
        ),
    ]
