"""What must hold of points. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

_COUNT_PURSES = "SELECT count(*) FROM billing_points_purse"
_COUNT_POINTS_ENTRIES = "SELECT count(*) FROM billing_points_entry"

POINTS = [
    AuditCheck(
        name="points_are_sum_of_entries",
        promise="An account's points are the sum of its movements and of what is left of its months, never below zero.",
        rows=_COUNT_PURSES,
        violations="""
            SELECT coalesce(purse.account_id, moved.account_id, lots.account_id) AS account_id,
                   purse.points, moved.points AS entries_points, lots.points AS lots_points
              FROM billing_points_purse AS purse
              FULL JOIN (
                  SELECT account_id, sum(points) AS points FROM billing_points_entry GROUP BY account_id
              ) AS moved ON moved.account_id = purse.account_id
              FULL JOIN (
                  SELECT account_id, sum(left_points) AS points FROM billing_points_lot GROUP BY account_id
              ) AS lots ON lots.account_id = coalesce(purse.account_id, moved.account_id)
             WHERE purse.account_id IS NULL
                OR purse.points < 0
                OR purse.points <> coalesce(moved.points, 0)
                OR purse.points <> coalesce(lots.points, 0)
        """,
    ),
    AuditCheck(
        name="points_follow_each_other",
        promise="An account's movements of points are numbered without gaps, and each begins where the last one ended.",
        rows=_COUNT_POINTS_ENTRIES,
        violations="""
            SELECT entry.account_id, entry.version
              FROM (
                  SELECT account_id, version, points, after_points,
                         lag(after_points, 1, 0::bigint) OVER in_order AS left_points,
                         row_number() OVER in_order AS place,
                         count(*) OVER (PARTITION BY account_id) AS many
                    FROM billing_points_entry
                  WINDOW in_order AS (PARTITION BY account_id ORDER BY version)
              ) AS entry
              LEFT JOIN billing_points_purse AS purse ON purse.account_id = entry.account_id
             WHERE entry.version <> entry.place
                OR entry.after_points <> entry.left_points + entry.points
                OR purse.version IS DISTINCT FROM entry.many
        """,
    ),
    AuditCheck(
        name="points_earned_by_what_was_paid",
        promise="Points were earned for a charge that is paid, as many as its amount, the rule and the star give.",
        rows=_COUNT_POINTS_ENTRIES,
        violations="""
            SELECT entry.account_id, entry.version
              FROM billing_points_entry AS entry
              LEFT JOIN (
                  SELECT account_id, id, amount_fen FROM billing_charge WHERE settled_at IS NOT NULL
                  UNION ALL
                  SELECT account_id, id, -amount_fen FROM billing_adjustment WHERE state = 'POSTED'
              ) AS paid ON paid.account_id = entry.account_id AND paid.id = entry.reason_id
             WHERE entry.counterpart IN ('SPENDING', 'CORRECTION')
               AND (entry.base_fen IS DISTINCT FROM paid.amount_fen
                    OR CASE entry.counterpart
                       WHEN 'SPENDING'
                       THEN entry.points <> entry.base_fen * entry.points_per_yuan * entry.percent / 10000
                       ELSE entry.points < entry.base_fen * entry.points_per_yuan * entry.percent / 10000 END)
        """,
    ),
    AuditCheck(
        # What was paid before the account's first points may be older than the programme.
        name="paid_charge_earned_or_waits",
        promise="A charge of a yuan or more that was paid here has earned its points or waits for them.",
        rows="SELECT count(*) FROM billing_charge",
        violations="""
            SELECT charge.account_id, charge.id AS charge_id
              FROM billing_charge AS charge
              JOIN (
                  SELECT account_id, min(posted_at) AS since
                    FROM billing_points_entry
                   WHERE counterpart = 'SPENDING'
                   GROUP BY account_id
              ) AS points ON points.account_id = charge.account_id
             WHERE charge.settled_at > points.since AND charge.amount_fen >= 100
               AND charge.head <> 'THIRD_PARTY' AND charge.reason <> 'LATE_FEE'
               AND charge.charge_key NOT LIKE 'import:%'
               AND NOT EXISTS (
                   SELECT FROM billing_points_due AS due
                    WHERE due.account_id = charge.account_id AND due.reason_id = charge.id
               )
               AND NOT EXISTS (
                   SELECT FROM billing_points_entry AS entry
                    WHERE entry.account_id = charge.account_id AND entry.posting_key = 'spending:' || charge.id
               )
        """,
    ),
    AuditCheck(
        name="points_exchanged_are_one_bonus",
        promise="Points that were exchanged for bonus left once, and the bonus came once; neither came otherwise.",
        rows=_COUNT_PURSES,
        violations="""
            SELECT coalesce(exchange.account_id, gone.account_id, given.account_id) AS account_id,
                   coalesce(exchange.id, gone.reason_id, given.reason_id) AS exchange_id, gone.points, given.fen
              FROM billing_points_exchange AS exchange
              FULL JOIN (
                  SELECT account_id, reason_id, sum(points) AS points
                    FROM billing_points_entry
                   WHERE counterpart = 'BONUS'
                   GROUP BY account_id, reason_id
              ) AS gone ON gone.account_id = exchange.account_id AND gone.reason_id = exchange.id
              FULL JOIN (
                  SELECT account_id, reason_id, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE counterpart = 'POINTS'
                   GROUP BY account_id, reason_id
              ) AS given ON given.account_id = exchange.account_id AND given.reason_id = exchange.id
             WHERE exchange.id IS NULL
                OR gone.points IS DISTINCT FROM -exchange.points
                OR given.fen IS DISTINCT FROM exchange.bonus_fen
        """,
    ),
]
