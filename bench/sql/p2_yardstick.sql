-- The leanest set-based statement that does the same to the same tables: records, counters, buckets in order, thresholds, texts.
-- It trusts its input, knows one scope of bucket and never counts again.
WITH judged AS MATERIALIZED (
    SELECT staged.*, directory.account_id, directory.line_id
    FROM bench_usage staged
    JOIN accounts_number_directory directory ON directory.msisdn = staged.msisdn
), recorded AS (
    INSERT INTO packages_usage_record
        (account_id, started_at, record_key, line_id, usage_kind, amount, app, region, other_party, recorded_at)
    SELECT account_id, started_at, record_key, line_id, usage_kind, amount, '', '', '', %(now)s
    FROM judged
    ORDER BY account_id, started_at, record_key
    ON CONFLICT DO NOTHING
    RETURNING account_id, line_id, usage_kind, started_at, amount
), summed AS (
    SELECT account_id, line_id, usage_kind, date_trunc('month', started_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
        sum(amount) AS amount, max(started_at) AS last_at
    FROM recorded
    GROUP BY 1, 2, 3, 4
), counted AS (
    INSERT INTO packages_usage_counter AS counter
        (account_id, line_id, usage_kind, period_date, total, abroad, beyond, last_record_at)
    SELECT account_id, line_id, usage_kind, period_date, amount, 0, 0, last_at
    FROM summed
    ORDER BY account_id, line_id, period_date, usage_kind
    ON CONFLICT (account_id, line_id, period_date, usage_kind) DO UPDATE
        SET total = counter.total + excluded.total, last_record_at = greatest(counter.last_record_at, excluded.last_record_at)
    RETURNING account_id, line_id, usage_kind
), spent AS (
    UPDATE packages_bucket bucket
    SET used = bucket.used + share.amount
    FROM (
        SELECT bucket.account_id, bucket.id,
            least(bucket.total - bucket.used, summed.amount
                - (sum(bucket.total - bucket.used) OVER in_order - (bucket.total - bucket.used))) AS amount
        FROM summed
        JOIN packages_bucket bucket
            ON bucket.account_id = summed.account_id AND bucket.line_id = summed.line_id
            AND bucket.usage_kind = summed.usage_kind
            AND bucket.starts_at <= summed.last_at AND bucket.ends_at > summed.last_at
        WINDOW in_order AS (PARTITION BY bucket.account_id, bucket.line_id ORDER BY bucket.ends_at, bucket.starts_at, bucket.id)
    ) share
    WHERE bucket.account_id = share.account_id AND bucket.id = share.id AND share.amount > 0
    RETURNING bucket.account_id, bucket.line_id, bucket.id, bucket.total, bucket.used, bucket.used - share.amount AS used_before
), noted AS (
    INSERT INTO packages_threshold_crossing
        (account_id, line_id, bucket_id, cycle_date, threshold_percent, crossed_at, superseded)
    SELECT account_id, line_id, id, date_trunc('month', %(now)s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date, percent,
        %(now)s, false
    FROM spent
    CROSS JOIN unnest('{80,100}'::integer[]) AS threshold (percent)
    WHERE used_before * 100 < percent * total AND used * 100 >= percent * total
    ON CONFLICT DO NOTHING
    RETURNING account_id, line_id, bucket_id, threshold_percent
)
INSERT INTO messaging_sms (
    account_id, id, msisdn, kind, body, dedup_key, urgent, secret, state, attempts, queued_at, due_at, expires_at,
    gateway_message_id, last_error
)
SELECT noted.account_id, gen_random_uuid(), line.msisdn, 'DATA_THRESHOLD_PASSED',
    '【和风通信】截至11月22日14时32分，您的畅享套餐59元流量已用8 GB（80%%），剩余2 GB，共10 GB。用完后套餐外流量不会自动扣费。',
    concat_ws(':', 'data-reminder', noted.line_id, noted.bucket_id, threshold_percent), false, false, 'QUEUED', 0, %(now)s,
    %(now)s, %(now)s + interval '1 day', '', ''
FROM noted
JOIN accounts_line line ON line.account_id = noted.account_id AND line.id = noted.line_id
ON CONFLICT DO NOTHING
