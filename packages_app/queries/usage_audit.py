"""What must hold between usage records, counters, buckets and reminders. Read by `manage.py audit_books`."""

from django.conf import settings

from kernel.audit import AuditCheck


def list_checks() -> list[AuditCheck]:
    """Return the invariants of usage."""
    return [*_USAGE, *_list_fee_checks(), *_REMINDERS]


_COUNT_COUNTERS = "SELECT count(*) FROM packages_usage_counter"
_COUNT_BUCKETS = "SELECT count(*) FROM packages_bucket"

_USAGE = [
    AuditCheck(
        name="usage_counter_is_sum_of_records",
        promise="What a line's month counts of a kind is the sum of its records, each counted once.",
        rows=_COUNT_COUNTERS,
        violations="""
            SELECT coalesce(counter.account_id, records.account_id) AS account_id,
                   coalesce(counter.line_id, records.line_id) AS line_id,
                   coalesce(counter.period_date, records.period_date) AS period_date,
                   coalesce(counter.usage_kind, records.usage_kind) AS usage_kind, counter.total, records.amount
              FROM packages_usage_counter AS counter
              FULL JOIN (
                  SELECT account_id, line_id, usage_kind,
                         date_trunc('month', started_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
                         sum(amount) AS amount, max(started_at) AS last_at
                    FROM packages_usage_record
                   GROUP BY 1, 2, 3, 4
              ) AS records
                ON records.account_id = counter.account_id AND records.line_id = counter.line_id
               AND records.period_date = counter.period_date AND records.usage_kind = counter.usage_kind
             WHERE counter.total IS DISTINCT FROM records.amount OR counter.last_record_at <> records.last_at
        """,
    ),
    AuditCheck(
        # By account, since lines may share buckets.
        name="usage_is_in_buckets_or_beyond",
        promise="What an account used in a month stands in that month's buckets, or is counted as beyond them.",
        rows=_COUNT_COUNTERS,
        violations="""
            SELECT coalesce(counters.account_id, buckets.account_id) AS account_id,
                   coalesce(counters.period_date, buckets.period_date) AS period_date,
                   coalesce(counters.usage_kind, buckets.usage_kind) AS usage_kind,
                   counters.total, buckets.used, counters.beyond
              FROM (
                  SELECT account_id, usage_kind, period_date, sum(total) AS total, sum(beyond) AS beyond
                    FROM packages_usage_counter
                   GROUP BY 1, 2, 3
              ) AS counters
              FULL JOIN (
                  SELECT account_id, usage_kind,
                         date_trunc('month', starts_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
                         sum(used) AS used
                    FROM packages_bucket
                   GROUP BY 1, 2, 3
              ) AS buckets
                ON buckets.account_id = counters.account_id AND buckets.period_date = counters.period_date
               AND buckets.usage_kind = counters.usage_kind
             WHERE coalesce(counters.total, 0) <> coalesce(buckets.used, 0) + coalesce(counters.beyond, 0)
        """,
    ),
    AuditCheck(
        name="own_bucket_holds_own_usage",
        promise="Of a line's own allowances no more is used than the line used.",
        rows=_COUNT_BUCKETS,
        violations="""
            SELECT buckets.account_id, buckets.line_id, buckets.period_date, buckets.usage_kind, buckets.used,
                   counter.total, counter.beyond
              FROM (
                  SELECT account_id, line_id, usage_kind,
                         date_trunc('month', starts_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
                         sum(used) AS used
                    FROM packages_bucket
                   WHERE NOT is_shared
                   GROUP BY 1, 2, 3, 4
              ) AS buckets
              LEFT JOIN packages_usage_counter AS counter
                ON counter.account_id = buckets.account_id AND counter.line_id = buckets.line_id
               AND counter.period_date = buckets.period_date AND counter.usage_kind = buckets.usage_kind
             WHERE buckets.used > coalesce(counter.total - counter.beyond, 0)
        """,
    ),
    AuditCheck(
        name="usage_beyond_is_sum_of_its_parts",
        promise="What is beyond a line's allowances in a month is the sum of its parts, by plan and region.",
        rows="SELECT count(*) FROM packages_usage_beyond",
        violations="""
            SELECT coalesce(counter.account_id, parts.account_id) AS account_id,
                   coalesce(counter.line_id, parts.line_id) AS line_id,
                   coalesce(counter.period_date, parts.period_date) AS period_date, counter.beyond, parts.amount
              FROM packages_usage_counter AS counter
              FULL JOIN (
                  SELECT account_id, line_id, period_date, usage_kind, sum(amount) AS amount
                    FROM packages_usage_beyond
                   GROUP BY 1, 2, 3, 4
              ) AS parts
                ON parts.account_id = counter.account_id AND parts.line_id = counter.line_id
               AND parts.period_date = counter.period_date AND parts.usage_kind = counter.usage_kind
             WHERE coalesce(counter.beyond, 0) <> coalesce(parts.amount, 0)
        """,
    ),
    AuditCheck(
        name="bucket_carried_over_holds_what_was_left",
        promise="An allowance that was carried over holds what is left of the one it came from, of the month before.",
        rows="SELECT count(*) FROM packages_bucket WHERE carried_from_id IS NOT NULL",
        violations="""
            SELECT bucket.account_id, bucket.id AS bucket_id, bucket.total, origin.total - origin.used AS was_left
              FROM packages_bucket AS bucket
              LEFT JOIN packages_bucket AS origin
                ON origin.account_id = bucket.account_id AND origin.id = bucket.carried_from_id
             WHERE bucket.carried_from_id IS NOT NULL
               AND ((bucket.total, bucket.line_id, bucket.usage_kind, bucket.is_shared)
                        IS DISTINCT FROM
                        (origin.total - origin.used, origin.line_id, origin.usage_kind, origin.is_shared)
                    OR origin.ends_at > bucket.starts_at)
        """,
    ),
    AuditCheck(
        name="bucket_not_overspent",
        promise="No more is spent from an allowance than it holds.",
        rows=_COUNT_BUCKETS,
        violations="""
            SELECT account_id, id AS bucket_id, used, total
              FROM packages_bucket
             WHERE used < 0 OR used > total
        """,
    ),
]


def _list_fee_checks() -> list[AuditCheck]:
    return [
        AuditCheck(
            name="usage_fee_is_its_charges",
            promise="What counts as charged for use beyond a plan is the sum of its charges, each leading back to it.",
            rows="SELECT count(*) FROM packages_usage_fee",
            violations="""
                SELECT coalesce(fee.account_id, charges.account_id) AS account_id,
                       coalesce(fee.id, charges.reason_id) AS fee_id, fee.charged_fen, charges.fen
                  FROM packages_usage_fee AS fee
                  FULL JOIN (
                      SELECT account_id, reason_id, sum(amount_fen) AS fen
                        FROM billing_charge
                       WHERE reason = 'USAGE' AND charge_key LIKE 'usage:%'
                       GROUP BY account_id, reason_id
                  ) AS charges ON charges.account_id = fee.account_id AND charges.reason_id = fee.id
                 WHERE coalesce(fee.charged_fen, 0) <> coalesce(charges.fen, 0)
            """,
        ),
        AuditCheck(
            name="usage_fee_within_price",
            promise="No more is charged for use beyond a plan than its price.",
            rows="SELECT count(*) FROM packages_usage_fee",
            violations="""
                SELECT fee.account_id, fee.id AS fee_id, fee.charged_fen, priced.fee_fen
                  FROM packages_usage_fee AS fee
                  LEFT JOIN packages_priced_usage AS priced
                    ON priced.account_id = fee.account_id AND priced.line_id = fee.line_id
                   AND priced.period_date = fee.period_date AND priced.usage_kind = fee.usage_kind
                 WHERE fee.charged_fen > coalesce(priced.fee_fen, 0)
            """,
        ),
        AuditCheck(
            name="usage_fees_within_cap",
            promise="No more is charged for a line's use beyond its plan in a month than the cap that held at last.",
            rows="SELECT count(*) FROM packages_usage_fee",
            violations="""
                SELECT fees.account_id, fees.line_id, fees.period_date, fees.fen, cap.cap_fen
                  FROM (
                      SELECT account_id, line_id, period_date, sum(charged_fen) AS fen
                        FROM packages_usage_fee
                       GROUP BY account_id, line_id, period_date
                  ) AS fees
                 CROSS JOIN LATERAL packages_cap_of(
                     fees.account_id, fees.line_id, fees.period_date, house_cap
                 ) AS cap
                 WHERE fees.fen > cap.cap_fen
            """.replace("house_cap", str(int(settings.USAGE_CAP_FEN))),
        ),
    ]


_REMINDERS = [
    AuditCheck(
        name="threshold_told_is_one_text",
        promise="A threshold that was passed and is to be told is exactly one text, and no other reminder left.",
        rows="SELECT count(*) FROM packages_threshold_crossing WHERE NOT superseded",
        violations="""
            SELECT coalesce(passed.account_id, text.account_id) AS account_id, passed.bucket_id,
                   passed.threshold_percent, text.id AS text_id
              FROM (SELECT * FROM packages_threshold_crossing WHERE NOT superseded) AS passed
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE dedup_key LIKE 'data-reminder:%'
              ) AS text
                ON text.account_id = passed.account_id
               AND text.dedup_key = concat_ws(
                   ':', 'data-reminder', passed.line_id, passed.bucket_id, passed.cycle_date, passed.threshold_percent
               )
             WHERE passed.account_id IS NULL OR text.id IS NULL
        """,
    ),
]
