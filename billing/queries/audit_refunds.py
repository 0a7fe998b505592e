"""What must hold in the books of refunds."""

from kernel.audit import AuditCheck

_COUNT_REFUNDS = "SELECT count(*) FROM billing_refund"

REFUND_CHECKS = [
    AuditCheck(
        name="refund_is_one_debit",
        promise="An approved refund took its amount from the cash once, a failed one brought it back, no other moved.",
        rows=_COUNT_REFUNDS,
        violations="""
            SELECT coalesce(refund.account_id, moved.account_id) AS account_id,
                   coalesce(refund.id, moved.reason_id) AS refund_id, refund.state, moved.taken_fen, moved.returned_fen
              FROM billing_refund AS refund
              FULL JOIN (
                  SELECT account_id, reason_id,
                         sum(amount_fen) FILTER (WHERE posting_key = 'refund:' || reason_id) AS taken_fen,
                         sum(amount_fen) FILTER (WHERE posting_key = 'refund-returned:' || reason_id) AS returned_fen,
                         count(*) AS many, bool_and(bucket = 'CASH' AND counterpart = 'PAYMENTS') AS cash
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'REFUND'
                   GROUP BY account_id, reason_id
              ) AS moved ON moved.account_id = refund.account_id AND moved.reason_id = refund.id
             WHERE refund.id IS NULL
                OR CASE WHEN refund.state IN ('REQUESTED', 'REJECTED') THEN moved.many IS NOT NULL
                        ELSE moved.cash IS NOT TRUE
                             OR moved.taken_fen IS DISTINCT FROM -refund.amount_fen
                             OR moved.returned_fen IS DISTINCT FROM
                                CASE WHEN refund.state = 'FAILED' THEN refund.amount_fen END
                             OR moved.many <> CASE WHEN refund.state = 'FAILED' THEN 2 ELSE 1 END END
        """,
    ),
    AuditCheck(
        name="refund_not_beyond_payment",
        promise="What was given back of a top-up, or is on its way, is never more than was paid.",
        rows=_COUNT_REFUNDS,
        violations="""
            SELECT refund.account_id, refund.top_up_id, refund.fen, top_up.state, top_up.amount_fen
              FROM (
                  SELECT account_id, top_up_id, sum(amount_fen) AS fen
                    FROM billing_refund
                   WHERE state NOT IN ('REJECTED', 'FAILED')
                   GROUP BY account_id, top_up_id
              ) AS refund
              LEFT JOIN billing_top_up AS top_up
                ON top_up.account_id = refund.account_id AND top_up.id = refund.top_up_id
             WHERE top_up.state IS DISTINCT FROM 'SUCCEEDED' OR refund.fen > top_up.amount_fen
        """,
    ),
    AuditCheck(
        name="refund_has_two_people",
        promise="Who approved a refund is not who asked for it.",
        rows=_COUNT_REFUNDS,
        violations="""
            SELECT account_id, id AS refund_id, requested_by_id, approved_by_id
              FROM billing_refund
             WHERE approved_by_id = requested_by_id
                OR (state NOT IN ('REQUESTED', 'REJECTED') AND approved_by_id IS NULL)
        """,
    ),
    AuditCheck(
        name="refund_takes_back_bonus_once",
        promise="Bonus is taken back only with a refund that was carried out, once, and no more than its part of it.",
        rows=_COUNT_REFUNDS,
        violations="""
            SELECT back.account_id, back.reason_id AS refund_id, back.amount_fen, top_up.bonus_fen
              FROM (
                  SELECT *, count(*) OVER (PARTITION BY account_id, reason_id) AS times
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'BONUS_TAKEN_BACK'
              ) AS back
              LEFT JOIN billing_refund AS refund
                ON refund.account_id = back.account_id AND refund.id = back.reason_id AND refund.state = 'SUCCEEDED'
              LEFT JOIN billing_top_up AS top_up
                ON top_up.account_id = refund.account_id AND top_up.id = refund.top_up_id
             WHERE back.times > 1 OR back.bucket <> 'BONUS' OR back.counterpart <> 'GIFTS'
                OR (-back.amount_fen BETWEEN 1 AND top_up.bonus_fen * refund.amount_fen / top_up.amount_fen) IS NOT TRUE
        """,
    ),
    AuditCheck(
        name="refund_done_has_one_text",
        promise="A refund that was carried out is told by exactly one text, and no other is.",
        rows=_COUNT_REFUNDS,
        violations="""
            SELECT coalesce(refund.account_id, text.account_id) AS account_id,
                   refund.id AS refund_id, text.id AS text_id
              FROM (SELECT account_id, id FROM billing_refund WHERE state = 'SUCCEEDED') AS refund
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE kind = 'TOP_UP_REFUNDED'
              ) AS text ON text.account_id = refund.account_id AND text.dedup_key = 'refund:' || refund.id
             WHERE refund.id IS NULL OR text.id IS NULL
        """,
    ),
]
