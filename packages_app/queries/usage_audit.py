"""What must hold between usage records, counters, buckets and reminders. Read by `manage.py audit_books`."""

from kernel.audit import AuditCheck


def list_checks() -> list[AuditCheck]:
    """Return the invariants of usage."""
    return [*_USAGE, *_REMINDERS]


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
        name="usage_is_in_buckets_or_beyond",
        promise="What a line used in a month stands in that month's buckets, or is counted as beyond them.",
        rows=_COUNT_COUNTERS,
        violations="""
            SELECT coalesce(counter.account_id, buckets.account_id) AS account_id,
                   coalesce(counter.line_id, buckets.line_id) AS line_id,
                   coalesce(counter.period_date, buckets.period_date) AS period_date,
                   coalesce(counter.usage_kind, buckets.usage_kind) AS usage_kind,
                   counter.total, buckets.used, counter.beyond
              FROM packages_usage_counter AS counter
              FULL JOIN (
                  SELECT account_id, line_id, usage_kind,
                         date_trunc('month', starts_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
                         sum(used) AS used
                    FROM packages_bucket
                   GROUP BY 1, 2, 3, 4
              ) AS buckets
                ON buckets.account_id = counter.account_id AND buckets.line_id = counter.line_id
               AND buckets.period_date = counter.period_date AND buckets.usage_kind = counter.usage_kind
             WHERE coalesce(counter.total, 0) <> coalesce(buckets.used, 0) + coalesce(counter.beyond, 0)
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
