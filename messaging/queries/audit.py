"""What must hold for every text, whatever its gateway did. Read by `manage.py audit_books`."""

from kernel.audit import AuditCheck

_COUNT_TEXTS = "SELECT count(*) FROM messaging_sms"
_COUNT_SENT = "SELECT count(*) FROM messaging_sms WHERE state IN ('SENT', 'DELIVERED', 'UNDELIVERED')"


def list_checks() -> list[AuditCheck]:
    """Return the invariants of the outbox."""
    return [
        AuditCheck(
            name="text_sent_knows_when",
            promise="A text that was sent was claimed and says when it left; no other text does.",
            rows=_COUNT_TEXTS,
            violations="""
                SELECT account_id, id AS sms_id, state, attempts
                  FROM messaging_sms
                 WHERE (state IN ('SENT', 'DELIVERED', 'UNDELIVERED')) <> (sent_at IS NOT NULL)
                    OR (sent_at IS NOT NULL AND attempts = 0)
            """,
        ),
        AuditCheck(
            name="text_sent_in_time",
            promise="No text left before it was due or after it was useless.",
            rows=_COUNT_SENT,
            violations="""
                SELECT account_id, id AS sms_id, due_at, sent_at, expires_at
                  FROM messaging_sms
                 WHERE sent_at IS NOT NULL AND (sent_at < due_at OR sent_at >= expires_at)
            """,
        ),
        AuditCheck(
            name="text_secret_is_wiped",
            promise="Nothing is kept of a secret text that is sent, set aside or too late.",
            rows="SELECT count(*) FROM messaging_sms WHERE secret",
            violations="""
                SELECT account_id, id AS sms_id, state
                  FROM messaging_sms
                 WHERE secret AND state NOT IN ('QUEUED', 'SENDING') AND body <> ''
            """,
        ),
        AuditCheck(
            name="text_claimed_has_a_lease",
            promise="A text that is being sent is held by a lease, and only such a text is.",
            rows=_COUNT_TEXTS,
            violations="""
                SELECT account_id, id AS sms_id, state
                  FROM messaging_sms
                 WHERE (state = 'SENDING') <> (lease_until IS NOT NULL)
            """,
        ),
    ]
