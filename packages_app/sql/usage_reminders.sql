-- Notes thresholds passed in cycles that still run, and returns those that are to be told: of several passed at once on a
-- bucket, or on the money cap of a month, the highest; the first use of a month (threshold 0, nil bucket) only when nothing
-- else is told. Without p_remind none: they were told before.
--
-- The thresholds of a bucket are its terms', or the house's; the line's own; and its end. A shared bucket is told to the line
-- it belongs to. The money cap has a bucket of its own for each time it was lifted.
CREATE OR REPLACE FUNCTION packages_note_thresholds(
    p_now timestamptz, p_thresholds integer[], p_house_cap_fen bigint, p_remind boolean
) RETURNS jsonb LANGUAGE plpgsql AS $$
DECLARE
    v_period date := date_trunc('month', p_now AT TIME ZONE 'Asia/Shanghai');
    v_told jsonb;
BEGIN
    -- Only what has grown by a whole per cent can have passed one.
    WITH grown AS MATERIALIZED (
        SELECT *
        FROM usage_bucket
        WHERE usage_kind = 'DATA'
            AND ends_at > p_now
            AND total > 0
            AND used * 100 / total > coalesce(used_before * 100 / nullif(total_before, 0), 0)
    ), reached AS (
        SELECT spent.account_id, spent.line_id, spent.bucket_id, spent.period_date, threshold.percent
        FROM grown spent
        JOIN packages_subscription subscription
            ON subscription.account_id = spent.account_id AND subscription.id = spent.subscription_id
        LEFT JOIN packages_reminder_choice choice
            ON choice.account_id = spent.account_id AND choice.line_id = spent.line_id
        CROSS JOIN LATERAL unnest(
            CASE
                WHEN subscription.terms -> 'thresholds_percent' = '[]' THEN p_thresholds
                ELSE ARRAY(SELECT jsonb_array_elements_text(subscription.terms -> 'thresholds_percent')::integer)
            END || ARRAY[choice.percent, 100]
        ) AS threshold (percent)
        WHERE spent.used_before * 100 < threshold.percent * greatest(spent.total_before, 1)
            AND spent.used * 100 >= threshold.percent * spent.total
        UNION ALL
        SELECT account_id, line_id, '00000000-0000-0000-0000-000000000000', period_date, 0
        FROM usage_month
        WHERE usage_kind = 'DATA'
            AND records > 0
            AND total = amount
            AND (period_date + interval '1 month') AT TIME ZONE 'Asia/Shanghai' > p_now
        UNION ALL
        SELECT fee.account_id, fee.line_id,
            ('00000000-0000-0000-0000-' || lpad(to_hex(49152 + cap.lifts), 12, '0'))::uuid, v_period, threshold.percent
        FROM (
            SELECT DISTINCT month.account_id, month.line_id
            FROM usage_left
            JOIN usage_month month ON month.number = usage_left.month
            WHERE month.period_date = v_period
        ) used_beyond
        CROSS JOIN LATERAL (
            SELECT account_id, line_id, sum(fee_fen) AS fee_fen
            FROM packages_priced_usage
            WHERE account_id = used_beyond.account_id AND line_id = used_beyond.line_id AND period_date = v_period
            GROUP BY account_id, line_id
        ) fee
        CROSS JOIN LATERAL packages_cap_of(fee.account_id, fee.line_id, v_period, p_house_cap_fen) cap
        CROSS JOIN unnest('{80,100}'::integer[]) AS threshold (percent)
        WHERE fee.fee_fen > 0 AND fee.fee_fen * 100 >= threshold.percent * cap.cap_fen
    ), noted AS (
        INSERT INTO packages_threshold_crossing
            (account_id, line_id, bucket_id, cycle_date, threshold_percent, crossed_at, superseded)
        SELECT account_id, line_id, bucket_id, period_date, percent, p_now,
            NOT p_remind OR CASE percent
                WHEN 0 THEN max(percent) OVER (PARTITION BY account_id, line_id, period_date) > 0
                ELSE percent < max(percent) OVER (PARTITION BY account_id, line_id, period_date, bucket_id)
            END
        FROM reached
        ON CONFLICT DO NOTHING
        RETURNING account_id, line_id, bucket_id, cycle_date, threshold_percent, superseded
    ), told AS (
        SELECT noted.account_id, noted.line_id, noted.bucket_id, noted.cycle_date, noted.threshold_percent, line.msisdn,
            line.language, coalesce(counter.last_record_at, p_now) AS as_of, coalesce(bucket.used, allowance.used, 0) AS used,
            coalesce(bucket.total, allowance.total, 0) AS total, subscription.terms, cap.cap_fen, cap.next_cap_fen, fee.fee_fen,
            noted.bucket_id::text LIKE '00000000-0000-0000-0000-00000000c___' AS is_cap,
            (
                SELECT price
                FROM jsonb_array_elements(plan.terms -> 'unit_prices') AS price
                WHERE price ->> 'usage_kind' = 'DATA' AND price ->> 'region' = ''
            ) AS price
        FROM noted
        JOIN accounts_line line ON line.account_id = noted.account_id AND line.id = noted.line_id
        LEFT JOIN packages_usage_counter counter
            ON counter.account_id = noted.account_id
            AND counter.line_id = noted.line_id
            AND counter.period_date = noted.cycle_date
            AND counter.usage_kind = 'DATA'
        LEFT JOIN packages_bucket bucket ON bucket.account_id = noted.account_id AND bucket.id = noted.bucket_id
        LEFT JOIN packages_subscription subscription
            ON subscription.account_id = bucket.account_id AND subscription.id = bucket.subscription_id
        LEFT JOIN LATERAL packages_plan_at(noted.account_id, noted.line_id, p_now) plan ON true
        CROSS JOIN LATERAL packages_cap_of(noted.account_id, noted.line_id, noted.cycle_date, p_house_cap_fen) cap
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(fee_fen), 0) AS fee_fen
            FROM packages_priced_usage
            WHERE account_id = noted.account_id AND line_id = noted.line_id AND period_date = noted.cycle_date
        ) fee
        CROSS JOIN LATERAL (
            SELECT sum(valid.used) AS used, sum(valid.total) AS total
            FROM packages_bucket valid
            WHERE noted.threshold_percent = 0
                AND valid.account_id = noted.account_id
                AND (valid.line_id = noted.line_id OR valid.is_shared)
                AND valid.usage_kind = 'DATA'
                AND valid.scope = 'GENERAL'
                AND valid.starts_at <= p_now
                AND valid.ends_at > p_now
        ) allowance
        WHERE NOT noted.superseded
    )
    SELECT coalesce(jsonb_agg(to_jsonb(told)), '[]') INTO v_told FROM told;
    RETURN v_told;
END $$;
