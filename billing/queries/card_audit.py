"""What must hold of linked bank cards and automatic top-ups."""

from kernel.audit import AuditCheck

_COUNT_PAYMENTS = "SELECT count(*) FROM billing_card_payment"

CARDS = [
    AuditCheck(
        name="card_payment_is_one_top_up",
        promise="A payment by card is one top-up of its amount with its outcome, and no top-up is paid so without.",
        rows=_COUNT_PAYMENTS,
        violations="""
            SELECT coalesce(payment.account_id, top_up.account_id) AS account_id,
                   coalesce(payment.id, top_up.id) AS top_up_id, payment.state, top_up.state AS top_up_state
              FROM billing_card_payment AS payment
              FULL JOIN (SELECT * FROM billing_top_up WHERE provider = 'BANK_CARD') AS top_up
                ON top_up.account_id = payment.credited_account_id AND top_up.id = payment.id
             WHERE payment.id IS NULL OR top_up.id IS NULL OR payment.amount_fen <> top_up.amount_fen
                OR coalesce(top_up.payer_account_id, top_up.account_id) <> payment.account_id
                OR replace(payment.state, 'UNKNOWN', 'PENDING') <> replace(top_up.state, 'UNKNOWN', 'PENDING')
        """,
    ),
    AuditCheck(
        name="card_payment_paid_is_one_credit",
        promise="A card that paid is one credit of that amount, and one that did not is none.",
        rows=_COUNT_PAYMENTS,
        violations="""
            SELECT payment.account_id, payment.id AS top_up_id, payment.state, credit.many, credit.fen
              FROM billing_card_payment AS payment
              LEFT JOIN (
                  SELECT account_id, reason_id, count(*) AS many, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'TOP_UP'
                   GROUP BY account_id, reason_id
              ) AS credit ON credit.account_id = payment.credited_account_id AND credit.reason_id = payment.id
             WHERE CASE WHEN payment.state = 'SUCCEEDED'
                        THEN coalesce(credit.many, 0) <> 1 OR credit.fen <> payment.amount_fen
                        ELSE credit.many IS NOT NULL END
        """,
    ),
    AuditCheck(
        name="automatic_top_ups_keep_the_monthly_limit",
        promise="In no month did automatic top-ups take more than the limit that held when each was made.",
        rows=_COUNT_PAYMENTS,
        violations="""
            SELECT account_id, id AS top_up_id, taken_fen, limit_fen
              FROM (
                  SELECT account_id, id, limit_fen,
                         sum(amount_fen) OVER (
                             PARTITION BY account_id, date_trunc('month', requested_at AT TIME ZONE 'Asia/Shanghai')
                             ORDER BY requested_at, id
                         ) AS taken_fen
                    FROM billing_card_payment
                   WHERE automatic AND state <> 'FAILED'
              ) AS payment
             WHERE taken_fen > limit_fen
        """,
    ),
    AuditCheck(
        name="bank_account_is_linked_once",
        promise="The account behind a linked card leads to that card, and to no other.",
        rows="SELECT count(*) FROM billing_bank_card",
        violations="""
            SELECT coalesce(card.account_id, bound.account_id) AS account_id,
                   coalesce(card.id, bound.card_id) AS card_id, card.state
              FROM (SELECT * FROM billing_bank_card WHERE state = 'ACTIVE') AS card
              FULL JOIN billing_bound_bank_account AS bound ON bound.key = card.bank || ':' || card.account_reference
             WHERE CASE WHEN card.id IS NOT NULL
                        THEN bound.card_id IS DISTINCT FROM card.id OR bound.account_id <> card.account_id
                        ELSE NOT EXISTS (
                            SELECT 1 FROM billing_bank_card AS ending
                             WHERE ending.account_id = bound.account_id AND ending.id = bound.card_id
                               AND ending.state = 'UNBINDING'
                        ) END
        """,
    ),
]
