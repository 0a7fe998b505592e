-- One batch of usage records; packages_app/operations/record_usage.py says what is promised and is the only caller.
--
-- A "month" below is what one line used of one kind in one calendar month. Its counter row is its lock: whoever holds it may
-- spend the buckets of that month. A bucket that serves several lines or was carried over is its own lock, taken first.
-- Buckets, records, counters: each is locked in the order of its keys, so that batches which share lines wait for each other
-- and never deadlock. spend_buckets.sql spends, usage_reminders.sql reminds.
--
-- The planner knows nothing about the temporary tables. Sums are taken laterally, through an index, so that no plan for few
-- rows compares all with all when many come.

CREATE OR REPLACE FUNCTION packages_begin_usage_batch() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF to_regclass('pg_temp.usage_batch') IS NULL THEN
        CREATE TEMPORARY TABLE usage_batch (
            index integer, msisdn text, record_key text, started_at timestamptz, usage_kind text, amount numeric, app text,
            region text, other_party text
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_rejected (index integer, reason text) ON COMMIT DELETE ROWS;
        -- The months of lines that share buckets are one pool; any other month is a pool of its own, with its number.
        CREATE TEMPORARY TABLE usage_month (
            number integer, pool integer, account_id uuid, line_id uuid, usage_kind text, period_date date, records bigint,
            amount bigint, total bigint, abroad bigint, beyond bigint, first_at timestamptz, latest_at timestamptz,
            is_recounted boolean
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_bucket (
            pool integer, account_id uuid, bucket_id uuid, subscription_id uuid, line_id uuid, usage_kind text,
            period_date date, scope text, scope_value text, is_shared boolean, is_carried boolean, starts_at timestamptz, ends_at timestamptz,
            total_before bigint, total bigint, used_before bigint, used bigint, is_special boolean,
            PRIMARY KEY (pool, bucket_id)
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_carried (account_id uuid, bucket_id uuid, total bigint) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_stretch (
            pool integer, number integer, starts_at timestamptz, ends_at timestamptz, PRIMARY KEY (pool, number)
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_flow (
            pool integer, stretch integer, place integer, month integer, line_id uuid, app text, region text, slots text[],
            is_home boolean, rest bigint, PRIMARY KEY (pool, stretch, place)
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_turn (
            step integer, pool integer, stretch integer, bucket_id uuid, PRIMARY KEY (step, pool)
        ) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE usage_left (
            month integer, plan_id uuid, region text, amount bigint, PRIMARY KEY (month, plan_id, region)
        ) ON COMMIT DELETE ROWS;
    ELSE
        -- Only a second batch in the same transaction finds rows here.
        TRUNCATE usage_batch, usage_rejected, usage_month, usage_bucket, usage_carried, usage_stretch, usage_flow, usage_turn,
            usage_left;
    END IF;
END $$;


-- Locks the buckets that several lines or months share, of all accounts in the batch, and returns how many there are.
CREATE OR REPLACE FUNCTION packages_lock_shared_buckets(p_not_before timestamptz) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_locked bigint;
BEGIN
    PERFORM
    FROM packages_bucket bucket
    WHERE (bucket.is_shared OR bucket.carried_from_id IS NOT NULL)
        AND bucket.ends_at > p_not_before
        AND bucket.account_id IN (
            SELECT directory.account_id
            FROM usage_batch staged
            JOIN accounts_number_directory directory ON directory.msisdn = staged.msisdn
        )
    ORDER BY bucket.account_id, bucket.id
    FOR NO KEY UPDATE OF bucket;
    GET DIAGNOSTICS v_locked = ROW_COUNT;
    RETURN v_locked;
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
                WHEN length(app) > 40 THEN 'APP_INVALID'
                WHEN region <> '' AND region !~ '^[A-Z]{2}(-[A-Z]{2})?$' THEN 'REGION_INVALID'
                WHEN length(other_party) > 32 THEN 'PARTY_INVALID'
            END AS reason
        FROM usage_batch staged
        LEFT JOIN accounts_number_directory directory ON directory.msisdn = staged.msisdn
    ), rejected AS (
        INSERT INTO usage_rejected (index, reason) SELECT index, reason FROM judged WHERE reason IS NOT NULL
    ), recorded AS (
        INSERT INTO packages_usage_record
            (account_id, started_at, record_key, line_id, usage_kind, amount, app, region, other_party, recorded_at)
        SELECT account_id, started_at, record_key, line_id, usage_kind, amount, app, region, other_party, p_now
        FROM judged
        WHERE reason IS NULL
        ORDER BY account_id, started_at, record_key
        ON CONFLICT DO NOTHING
        RETURNING account_id, line_id, usage_kind, started_at, amount, region
    ), summed AS (
        SELECT account_id, line_id, usage_kind,
            date_trunc('month', started_at AT TIME ZONE 'Asia/Shanghai')::date AS period_date,
            count(*) AS records, sum(amount) AS amount,
            coalesce(sum(amount) FILTER (WHERE region <> '' AND region NOT LIKE 'CN-%'), 0) AS abroad,
            min(started_at) AS first_at, max(started_at) AS last_at
        FROM recorded
        GROUP BY 1, 2, 3, 4
    ), counted AS (
        INSERT INTO packages_usage_counter AS counter
            (account_id, line_id, usage_kind, period_date, total, abroad, beyond, last_record_at)
        SELECT account_id, line_id, usage_kind, period_date, amount, abroad, 0, last_at
        FROM summed
        ORDER BY account_id, line_id, period_date, usage_kind
        ON CONFLICT (account_id, line_id, period_date, usage_kind) DO UPDATE
            SET total = counter.total + excluded.total,
                abroad = counter.abroad + excluded.abroad,
                last_record_at = greatest(counter.last_record_at, excluded.last_record_at)
        RETURNING account_id, line_id, usage_kind, period_date, total, abroad, beyond, last_record_at
    )
    INSERT INTO usage_month
        (number, pool, account_id, line_id, usage_kind, period_date, records, amount, total, abroad, beyond, first_at,
            latest_at, is_recounted)
    SELECT row_number() OVER (), row_number() OVER (), account_id, line_id, usage_kind, period_date, records, amount, total,
        counted.abroad, beyond, first_at, last_record_at, counted.abroad > 0
    FROM summed
    JOIN counted USING (account_id, line_id, usage_kind, period_date);
END $$;


-- The whole of it, for the records that were copied into usage_batch.
CREATE OR REPLACE FUNCTION packages_record_usage(
    p_now timestamptz, p_not_before timestamptz, p_not_after timestamptz,
    p_most_data bigint, p_most_voice bigint, p_most_sms bigint, p_thresholds integer[], p_house_cap_fen bigint,
    p_remind boolean,
    OUT recorded bigint, OUT rejected jsonb, OUT reminders jsonb
) LANGUAGE plpgsql AS $$
DECLARE
    v_shared bigint := packages_lock_shared_buckets(p_not_before);
BEGIN
    PERFORM packages_count_usage(p_now, p_not_before, p_not_after, p_most_data, p_most_voice, p_most_sms);
    -- While it waited for a month, buckets may have come that are to be locked before it: begin again.
    IF v_shared <> (
        SELECT count(*)
        FROM packages_bucket bucket
        WHERE (bucket.is_shared OR bucket.carried_from_id IS NOT NULL)
            AND bucket.ends_at > p_not_before
            AND bucket.account_id IN (
                SELECT directory.account_id
                FROM usage_batch staged
                JOIN accounts_number_directory directory ON directory.msisdn = staged.msisdn
            )
    ) THEN
        RAISE EXCEPTION 'shared buckets have come meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    PERFORM packages_spend_buckets();
    SELECT coalesce(sum(records), 0) INTO recorded FROM usage_month;
    SELECT coalesce(jsonb_agg(jsonb_build_array(index, reason) ORDER BY index), '[]') INTO rejected FROM usage_rejected;
    reminders := packages_note_thresholds(p_now, p_thresholds, p_house_cap_fen, p_remind);
END $$;


-- Locks the usage of some months of accounts, as a batch of records does, until the transaction ends.
CREATE OR REPLACE FUNCTION packages_lock_usage(p_accounts uuid[], p_periods date[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM
    FROM packages_bucket
    WHERE (is_shared OR carried_from_id IS NOT NULL) AND account_id = ANY (p_accounts)
    ORDER BY account_id, id
    FOR NO KEY UPDATE;
    PERFORM
    FROM packages_usage_counter
    WHERE account_id = ANY (p_accounts) AND period_date = ANY (p_periods)
    ORDER BY account_id, line_id, period_date, usage_kind
    FOR NO KEY UPDATE;
END $$;


-- Counts the month of some accounts again, after their allowances or plans changed for a time that has been counted.
CREATE OR REPLACE FUNCTION packages_recount_usage(
    p_accounts uuid[], p_period date, p_now timestamptz, p_thresholds integer[], p_house_cap_fen bigint
) RETURNS jsonb LANGUAGE plpgsql AS $$
BEGIN
    PERFORM packages_lock_usage(p_accounts, ARRAY[p_period]);
    INSERT INTO usage_month
        (number, pool, account_id, line_id, usage_kind, period_date, records, amount, total, abroad, beyond, first_at,
            latest_at, is_recounted)
    SELECT row_number() OVER (), row_number() OVER (), account_id, line_id, usage_kind, period_date, 0, 0, total, abroad,
        beyond, last_record_at, last_record_at, true
    FROM packages_usage_counter
    WHERE account_id = ANY (p_accounts) AND period_date = p_period;
    PERFORM packages_spend_buckets();
    RETURN packages_note_thresholds(p_now, p_thresholds, p_house_cap_fen, true);
END $$;
