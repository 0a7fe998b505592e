"""What must hold between stars and wallets. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

OVERDRAFTS = [
    AuditCheck(
        name="overdraft_is_that_of_the_star",
        promise="A rated account's wallet goes as far below zero as its newest star allows, or waits to go less far.",
        rows="SELECT count(DISTINCT account_id) FROM accounts_star_rating",
        violations="""
            SELECT rating.account_id, rating.period_date, rating.overdraft_fen AS star_overdraft_fen,
                   wallet.overdraft_fen
              FROM (
                  SELECT DISTINCT ON (account_id) account_id, period_date, overdraft_fen
                    FROM accounts_star_rating
                   ORDER BY account_id, period_date DESC
              ) AS rating
              JOIN billing_wallet AS wallet ON wallet.account_id = rating.account_id
              LEFT JOIN billing_overdraft_lowering AS lowering ON lowering.account_id = rating.account_id
             WHERE wallet.overdraft_fen < rating.overdraft_fen
                OR wallet.overdraft_fen > rating.overdraft_fen
                   AND lowering.overdraft_fen IS DISTINCT FROM rating.overdraft_fen
        """,
    ),
]
