"""What must hold for the trial balance to close. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

TRIAL_BALANCE = [
    AuditCheck(
        name="trial_balance_closes",
        promise="What counterparts gave and took day by day is what the wallets hold, in cash and in bonus.",
        rows="SELECT count(*) FROM billing_ledger_entry",
        violations="""
            SELECT bucket, counterpart, held.fen AS wallets_fen, moved.fen AS entries_fen
              FROM (
                  SELECT bucket, coalesce(sum(fen), 0) AS fen,
                         max(counterpart) FILTER (
                             WHERE counterpart NOT IN ('PAYMENTS', 'REVENUE', 'GIFTS', 'POINTS', 'ADJUSTMENTS',
                                                       'OPENING')
                         ) AS counterpart
                    FROM (
                        SELECT (posted_at AT TIME ZONE 'Asia/Shanghai')::date AS day, counterpart, bucket,
                               sum(amount_fen) AS fen
                          FROM billing_ledger_entry
                         GROUP BY 1, 2, 3
                    ) AS day
                   GROUP BY bucket
              ) AS moved
              FULL JOIN (
                  SELECT 'CASH' AS bucket, coalesce(sum(cash_fen), 0) AS fen FROM billing_wallet
                   UNION ALL
                  SELECT 'BONUS', coalesce(sum(bonus_fen), 0) FROM billing_wallet
              ) AS held USING (bucket)
             WHERE coalesce(held.fen, 0) <> coalesce(moved.fen, 0) OR counterpart IS NOT NULL
        """,
    ),
]
