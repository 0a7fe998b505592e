-- One batch of usage records; packages_app/operations/record_usage.py says what is promised and is the only caller.
--
-- A "month" below is what one line used of one kind in one calendar month. Its counter row is its lock: whoever holds it may
-- spend the buckets of that month. Records first, then counters are written in the order of their keys, so that batches
-- which share lines wait for each other and never deadlock.
--
-- What the buckets of a month hold in the end follows from the sums used in each stretch of time between their beginnings
-- and ends, not from the order in which records came: stretch after stretch spends the buckets valid in it, expiring first.
-- While all that is new lies in the latest stretch used so far it is enough to spend what is new. Any other month is
-- counted again from its records.
--
-- The planner knows nothing about the temporary tables. Sums are taken laterally, through an index, so that no plan for few
-- rows compares all with all when many come.

CREATE OR REPLACE FUNCTION packages_begin_usage_batch() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('pg_temp.usage_batch') IS NULL THEN
        CREATE TEMPORARY TABLE usage_batch (
            index integer, msisdn text, record_key text, started_at timestamptz, usage_kind text, amount numeric
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_rejected (index integer, reason text) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_month (
            number integer, account_id uuid, line_id uuid, usage_kind text, period_date date, records bigint, amount bigint,
            total bigint, beyond bigint, first_at timestamptz, latest_at timestamptz
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_bucket (
            month integer, account_id uuid, bucket_id uuid, starts_at timestamptz, ends_at timestamptz, total bigint,
            used_before bigint, used bigint, is_recounted boolean, PRIMARY KEY (month, bucket_id)
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_stretch (
            month integer, number integer, starts_at timestamptz, amount bigint, PRIMARY KEY (number, month)
        ) ON COMMIT DELETE ROWS;
    ELSE
        -- Only a second batch in the same transaction finds rows here.
        DELETE FROM usage_batch;
        DELETE FROM usage_rejected;
        DELETE FROM usage_month;
        DELETE FROM usage_bucket;
        DELETE FROM usage_stretch;
    END IF;
END $$;


-- Judges the staged records, keeps what is new and adds it to the counters, whose rows stay locked.
CREATE OR REPLACE FUNCTION packages_count_usage(
    p_now timestamptz, p_not_before timestamptz, p_not_after timestamptz,
    p_most_data bigint, p_most_voice bigint, p_most_sms bigint
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH judged AS MATERIALIZED (
        SELECT staged.*, directory.account_id, directory.line_id,
            CASE
                WHEN directory.line_id IS NULL THEN 'NUMBER_UNKNOWN'
                WHEN (length(record_key) BETWEEN 1 AND 64) IS NOT TRUE THEN 'KEY_INVALID'
                WHEN (usage_kind IN ('DATA', 'VOICE', 'SMS')) IS NOT TRUE THEN 'KIND_UNKNOWN'
                WHEN (amount > 0) IS NOT TRUE THEN 'AMOUNT_NOT_POSITIVE'
                WHEN amount > CASE usage_kind WHEN 'DATA' THEN p_most_data WHEN 'VOICE' THEN p_most_voice ELSE p_most_sms END
                    THEN 'AMOUNT_TOO_LARGE'
                WHEN (started_at <= p_not_after) IS NOT TRUE THEN 'STARTS_IN_FUTURE'
                WHEN started_at < p_not_before THEN 'TOO_OLD'
            END AS reason
        FROM usage_batch staged
        LEFT JOIN accounts_number_directory directory ON directory.msisdn = staged.msisdn
    ), rejected AS (
        INSERT INTO usage_rejected (index, reason) SELECT index, reason FROM judged WHERE reason IS NOT NULL
    ), recorded AS (
        INSERT INTO packages_usage_record (account_id, started_at, record_key, line_id, usage_kind, amount, recorded_at)
        SELECT account_id, started_at, record_key, line_id, usage_kind, amount, p_now
        FROM judged
        WHERE reason IS NULL
        ORDER BY account_id, started_at, record_key
        ON CONFLICT DO NOTHING
        RETURNING account_id, line_id, usage_kind, started_at, amount
    ), summed AS (
        SELECT account_id, line_id, usage_kind,
            date_trunc('month', started_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
            count(*) AS records, sum(amount) AS amount, min(started_at) AS first_at, max(started_at) AS last_at
        FROM recorded
        GROUP BY 1, 2, 3, 4
    ), counted AS (
        INSERT INTO packages_usage_counter AS counter
            (account_id, line_id, usage_kind, period_date, total, beyond, last_record_at)
        SELECT account_id, line_id, usage_kind, period_date, amount, 0, last_at
        FROM summed
        ORDER BY account_id, line_id, period_date, usage_kind
        ON CONFLICT (account_id, line_id, period_date, usage_kind) DO UPDATE
            SET total = counter.total + excluded.total,
                last_record_at = greatest(counter.last_record_at, excluded.last_record_at)
        RETURNING account_id, line_id, usage_kind, period_date, total, beyond, last_record_at
    )
    INSERT INTO usage_month
        (number, account_id, line_id, usage_kind, period_date, records, amount, total, beyond, first_at, latest_at)
    SELECT row_number() OVER (), account_id, line_id, usage_kind, period_date, records, amount, total, beyond, first_at,
        last_record_at
    FROM summed
    JOIN counted USING (account_id, line_id, usage_kind, period_date);
END $$;


-- Spends the buckets of the counted months and notes what they did not cover.
CREATE OR REPLACE FUNCTION packages_spend_buckets() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO usage_bucket
        (month, account_id, bucket_id, starts_at, ends_at, total, used_before, used, is_recounted)
    SELECT number, account_id, id, starts_at, ends_at, total, used,
        used + greatest(least(room, amount - (sum(room) OVER in_order - room)), 0),
        bool_or(parts_stretches) OVER (PARTITION BY number)
    FROM (
        SELECT month.number, month.amount, bucket.*,
            CASE
                WHEN bucket.starts_at <= month.first_at AND bucket.ends_at > month.first_at THEN bucket.total - bucket.used
                ELSE 0
            END AS room,
            bucket.starts_at > month.first_at AND bucket.starts_at <= month.latest_at
                OR bucket.ends_at > month.first_at AND bucket.ends_at <= month.latest_at AS parts_stretches
        FROM usage_month month
        JOIN packages_bucket bucket
            ON bucket.account_id = month.account_id
            AND bucket.line_id = month.line_id
            AND bucket.usage_kind = month.usage_kind
            AND bucket.ends_at > month.period_date::timestamp AT TIME ZONE 'Asia/Shanghai'
            AND bucket.starts_at < (month.period_date + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
    ) bucket_of_month
    WINDOW in_order AS (PARTITION BY number ORDER BY ends_at, starts_at, id);

    IF EXISTS (SELECT FROM usage_bucket WHERE is_recounted) THEN
        PERFORM packages_recount_buckets();
    END IF;

    UPDATE packages_bucket bucket
    SET used = spent.used
    FROM usage_bucket spent
    WHERE bucket.account_id = spent.account_id AND bucket.id = spent.bucket_id AND spent.used <> spent.used_before;

    UPDATE packages_usage_counter counter
    SET beyond = month.total - covered.amount
    FROM usage_month month
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(used), 0) AS amount FROM usage_bucket WHERE usage_bucket.month = month.number
    ) covered
    WHERE counter.account_id = month.account_id
        AND counter.line_id = month.line_id
        AND counter.period_date = month.period_date
        AND counter.usage_kind = month.usage_kind
        AND month.beyond <> month.total - covered.amount;
END $$;


-- Spends the buckets of months marked is_recounted from nothing, one stretch after the other.
CREATE OR REPLACE FUNCTION packages_recount_buckets() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_number integer := 1;
BEGIN
    INSERT INTO usage_stretch (month, number, starts_at, amount)
    SELECT stretch.month, row_number() OVER (PARTITION BY stretch.month ORDER BY stretch.starts_at), stretch.starts_at,
        used.amount
    FROM (
        SELECT month, boundary_at AS starts_at, lead(boundary_at) OVER (PARTITION BY month ORDER BY boundary_at) AS ends_at
        FROM (
            SELECT month, starts_at AS boundary_at FROM usage_bucket WHERE is_recounted
            UNION
            SELECT month, ends_at FROM usage_bucket WHERE is_recounted
        ) boundary
    ) stretch
    JOIN usage_month month ON month.number = stretch.month
    CROSS JOIN LATERAL (
        SELECT sum(record.amount) AS amount
        FROM packages_usage_record record
        WHERE record.account_id = month.account_id
            AND record.line_id = month.line_id
            AND record.usage_kind = month.usage_kind
            AND record.started_at >= stretch.starts_at
            AND record.started_at < stretch.ends_at
    ) used
    WHERE used.amount > 0;

    UPDATE usage_bucket SET used = 0 WHERE is_recounted;
    WHILE EXISTS (SELECT FROM usage_stretch WHERE number = v_number) LOOP
        UPDATE usage_bucket bucket
        SET used = bucket.used + share.amount
        FROM (
            SELECT month, bucket_id, least(room, needed - (sum(room) OVER in_order - room)) AS amount
            FROM (
                SELECT bucket.month, bucket.bucket_id, bucket.starts_at, bucket.ends_at,
                    bucket.total - bucket.used AS room, stretch.amount AS needed
                FROM usage_stretch stretch
                JOIN usage_bucket bucket
                    ON bucket.month = stretch.month
                    AND bucket.starts_at <= stretch.starts_at
                    AND bucket.ends_at > stretch.starts_at
                WHERE stretch.number = v_number
            ) valid
            WINDOW in_order AS (PARTITION BY month ORDER BY ends_at, starts_at, bucket_id)
        ) share
        WHERE bucket.month = share.month AND bucket.bucket_id = share.bucket_id AND share.amount > 0;
        v_number := v_number + 1;
    END LOOP;
END $$;


-- Notes thresholds passed in cycles that still run, and returns those that are to be told: of several passed at once on a
-- bucket the highest, and the first use of a month (threshold 0, nil bucket) only when nothing else is told. Without
-- p_remind none: they were told before.
CREATE OR REPLACE FUNCTION packages_note_thresholds(p_now timestamptz, p_thresholds integer[], p_remind boolean) RETURNS jsonb
LANGUAGE plpgsql AS $$
DECLARE
    v_told jsonb;
BEGIN
    WITH reached AS (
        SELECT month.number, month.account_id, month.line_id, spent.bucket_id, month.period_date, threshold.percent
        FROM usage_bucket spent
        JOIN usage_month month ON month.number = spent.month
        CROSS JOIN unnest(p_thresholds) AS threshold (percent)
        WHERE month.usage_kind = 'DATA'
            AND spent.ends_at > p_now
            AND spent.used_before * 100 < threshold.percent * spent.total
            AND spent.used * 100 >= threshold.percent * spent.total
        UNION ALL
        SELECT number, account_id, line_id, '00000000-0000-0000-0000-000000000000', period_date, 0
        FROM usage_month
        WHERE usage_kind = 'DATA'
            AND total = amount
            AND (period_date + interval '1 month') AT TIME ZONE 'Asia/Shanghai' > p_now
    ), noted AS (
        INSERT INTO packages_threshold_crossing
            (account_id, line_id, bucket_id, cycle_date, threshold_percent, crossed_at, superseded)
        SELECT account_id, line_id, bucket_id, period_date, percent, p_now,
            NOT p_remind OR CASE percent
                WHEN 0 THEN max(percent) OVER (PARTITION BY number) > 0
                ELSE percent < max(percent) OVER (PARTITION BY number, bucket_id)
            END
        FROM reached
        ON CONFLICT DO NOTHING
        RETURNING account_id, line_id, bucket_id, cycle_date, threshold_percent, superseded
    ), told AS (
        SELECT noted.account_id, noted.line_id, noted.bucket_id, noted.cycle_date, noted.threshold_percent, line.msisdn,
            line.language, month.latest_at AS as_of, coalesce(allowance.used, 0) AS used,
            coalesce(allowance.total, 0) AS total, subscription.terms
        FROM noted
        JOIN accounts_line line ON line.account_id = noted.account_id AND line.id = noted.line_id
        JOIN usage_month month
            ON month.account_id = noted.account_id
            AND month.line_id = noted.line_id
            AND month.period_date = noted.cycle_date
            AND month.usage_kind = 'DATA'
        LEFT JOIN packages_bucket bucket ON bucket.account_id = noted.account_id AND bucket.id = noted.bucket_id
        LEFT JOIN packages_subscription subscription
            ON subscription.account_id = bucket.account_id AND subscription.id = bucket.subscription_id
        CROSS JOIN LATERAL (
            SELECT sum(spent.used) AS used, sum(spent.total) AS total
            FROM usage_bucket spent
            WHERE spent.month = month.number
                AND (spent.bucket_id = noted.bucket_id
                    OR noted.threshold_percent = 0 AND spent.starts_at <= p_now AND spent.ends_at > p_now)
        ) allowance
        WHERE NOT noted.superseded
    )
    SELECT coalesce(jsonb_agg(to_jsonb(told)), '[]') INTO v_told FROM told;
    RETURN v_told;
END $$;


-- The whole of it, for the records that were copied into usage_batch.
CREATE OR REPLACE FUNCTION packages_record_usage(
    p_now timestamptz, p_not_before timestamptz, p_not_after timestamptz,
    p_most_data bigint, p_most_voice bigint, p_most_sms bigint, p_thresholds integer[], p_remind boolean,
    OUT recorded bigint, OUT rejected jsonb, OUT reminders jsonb
) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM packages_count_usage(p_now, p_not_before, p_not_after, p_most_data, p_most_voice, p_most_sms);
    PERFORM packages_spend_buckets();
    SELECT coalesce(sum(records), 0) INTO recorded FROM usage_month;
    SELECT coalesce(jsonb_agg(jsonb_build_array(index, reason) ORDER BY index), '[]') INTO rejected FROM usage_rejected;
    reminders := packages_note_thresholds(p_now, p_thresholds, p_remind);
END $$;
