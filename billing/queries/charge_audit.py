"""What must hold of charges that are or were owed, of one-off and of late fees. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

DUES = [
    AuditCheck(
        name="charge_paid_when_its_money_moved",
        promise="A charge that is paid is paid at the instant of its posting, and not before it was charged.",
        rows="SELECT count(*) FROM billing_charge WHERE settled_at IS NOT NULL",
        violations="""
            SELECT charge.account_id, charge.id AS charge_id, charge.charged_at, charge.settled_at, entry.posted_at
              FROM billing_charge AS charge
              JOIN billing_ledger_entry AS entry
                ON entry.account_id = charge.account_id AND entry.reason_kind = 'CHARGE'
               AND entry.reason_id = charge.id
             WHERE charge.settled_at <> greatest(entry.posted_at, charge.charged_at)
        """,
    ),
    AuditCheck(
        # Two payments of an account in one instant have one text each, so that an instant has one at least.
        name="paid_dues_have_a_text",
        promise="What was owed and is paid is told by a text, and no text tells of a payment that was not made.",
        rows="SELECT count(*) FROM billing_charge WHERE settled_at IS NOT NULL",
        violations="""
            SELECT coalesce(paid.account_id, text.account_id) AS account_id, paid.settled_at, text.id AS text_id
              FROM (
                  SELECT charge.account_id, charge.settled_at
                    FROM billing_charge AS charge
                    JOIN messaging_sms AS notice
                      ON notice.account_id = charge.account_id AND notice.kind = 'CHARGE_DUE'
                     AND notice.dedup_key = 'charge:' || charge.id
                   WHERE charge.settled_at IS NOT NULL
                     AND EXISTS (
                         SELECT FROM accounts_line AS line
                          WHERE line.account_id = charge.account_id AND line.state <> 'CLOSED'
                            AND line.activated_at <= charge.settled_at
                     )
                   GROUP BY charge.account_id, charge.settled_at
              ) AS paid
              FULL JOIN (
                  SELECT text.account_id, text.id, charge.settled_at
                    FROM messaging_sms AS text
                    LEFT JOIN billing_charge AS charge
                      ON charge.account_id = text.account_id AND text.dedup_key = 'dues:' || charge.id
                   WHERE text.kind = 'DUES_PAID'
              ) AS text ON text.account_id = paid.account_id AND text.settled_at = paid.settled_at
             WHERE paid.account_id IS NULL AND text.settled_at IS NULL OR text.id IS NULL
        """,
    ),
]

ONE_OFF_FEES = [
    AuditCheck(
        name="one_off_fee_is_one_charge",
        promise="A one-off fee that two people decided is one charge of its amount; no other is one.",
        rows="SELECT count(*) FROM billing_one_off_fee",
        violations="""
            SELECT coalesce(fee.account_id, charge.account_id) AS account_id, fee.id AS fee_id, fee.state,
                   charge.id AS charge_id, charge.amount_fen
              FROM billing_one_off_fee AS fee
              FULL JOIN (
                  SELECT account_id, id, reason_id, amount_fen FROM billing_charge WHERE charge_key LIKE 'one-off:%'
              ) AS charge ON charge.account_id = fee.account_id AND charge.reason_id = fee.id
             WHERE fee.id IS NULL OR fee.checked_by = fee.proposed_by
                OR CASE WHEN fee.state = 'CHARGED'
                        THEN charge.amount_fen IS DISTINCT FROM fee.amount_fen
                        ELSE charge.id IS NOT NULL END
        """,
    ),
]

LATE_FEES = [
    AuditCheck(
        # Days are counted from the day of the charge, whatever the operator grants, so that a changed setting changes
        # nothing.
        name="late_fee_within_the_law",
        promise="A month's late fee is at most 0.3 % a day of what was owed in it, and nothing for late fees.",
        rows="SELECT count(*) FROM billing_charge",
        violations="""
            SELECT fee.account_id, fee.id AS charge_id, fee.charge_key, fee.amount_fen, owed.fen_days
              FROM billing_charge AS fee
              CROSS JOIN LATERAL (SELECT to_date(substr(fee.charge_key, 10), 'YYYY-MM') AS first_date) AS month
              CROSS JOIN LATERAL (
                  SELECT coalesce(sum(
                             charge.amount_fen * greatest(
                                 least(
                                     coalesce((charge.settled_at AT TIME ZONE 'Asia/Shanghai')::date, 'infinity'),
                                     (month.first_date + interval '1 month')::date
                                 ) - greatest((charge.charged_at AT TIME ZONE 'Asia/Shanghai')::date, month.first_date),
                                 0
                             )
                         ), 0) AS fen_days
                    FROM billing_charge AS charge
                   WHERE charge.account_id = fee.account_id AND charge.reason <> 'LATE_FEE'
              ) AS owed
             WHERE fee.reason = 'LATE_FEE' AND fee.charge_key LIKE 'late-fee:%'
               AND fee.amount_fen > round(owed.fen_days * 0.003)
        """,
    ),
]
