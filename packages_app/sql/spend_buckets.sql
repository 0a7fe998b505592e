-- Spends buckets for the months that packages_count_usage has put into usage_month.
--
-- What the buckets of a month hold in the end follows from the sums used in each stretch of time between their beginnings
-- and ends, not from the order in which records came. Stretch after stretch spends the buckets valid in it: expiring first,
-- then what was carried over, then those for one application, region or time of day, then the line's own before shared ones.
-- Within a stretch a bucket takes first what is used without an application, at home, at any time, since other buckets
-- may cover the rest; of several lines the oldest first.
--
-- While all that is new lies in the latest stretch used so far, in buckets for any use at home of one line, it is enough to
-- spend what is new. Any other month is counted again from its records.
--
-- A month is counted before the next one, since what is left of it may have been carried over.

-- The plan of a line at an instant: the one that began last.
CREATE OR REPLACE FUNCTION packages_plan_at(p_account uuid, p_line uuid, p_at timestamptz)
RETURNS TABLE (id uuid, terms jsonb) LANGUAGE sql STABLE AS $$
    SELECT subscription.id, subscription.terms
    FROM packages_subscription subscription
    JOIN packages_offering offering ON offering.code = subscription.offering_id AND offering.kind = 'PLAN'
    WHERE subscription.account_id = p_account
        AND subscription.line_id = p_line
        AND subscription.started_at <= p_at
        AND (subscription.ends_at > p_at OR subscription.ends_at IS NULL)
    ORDER BY subscription.started_at DESC, subscription.id DESC
    LIMIT 1
$$;


-- Which of some times of day, such as "23:00-07:00", an instant lies in: half-open, in Asia/Shanghai, over midnight too.
CREATE OR REPLACE FUNCTION packages_times_covering(p_times text[], p_at timestamptz) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(array_agg(slot.name ORDER BY slot.name), '{}')
    FROM unnest(p_times) AS slot (name)
    WHERE CASE
        WHEN slot.name !~ '^([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$' THEN false
        WHEN left(slot.name, 5)::time < right(slot.name, 5)::time THEN
            (p_at AT TIME ZONE 'Asia/Shanghai')::time >= left(slot.name, 5)::time
            AND (p_at AT TIME ZONE 'Asia/Shanghai')::time < right(slot.name, 5)::time
        ELSE
            (p_at AT TIME ZONE 'Asia/Shanghai')::time >= left(slot.name, 5)::time
            OR (p_at AT TIME ZONE 'Asia/Shanghai')::time < right(slot.name, 5)::time
    END
$$;


CREATE OR REPLACE FUNCTION packages_spend_buckets() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_period date := (SELECT min(period_date) FROM usage_month);
BEGIN
    WHILE v_period IS NOT NULL LOOP
        PERFORM packages_spend_month(
            v_period,
            v_period::timestamp AT TIME ZONE 'Asia/Shanghai',
            (v_period + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
        );
        v_period := (SELECT min(period_date) FROM usage_month WHERE period_date > v_period);
    END LOOP;
END $$;


-- Spends one calendar month of all lines in the batch, and keeps what came out.
CREATE OR REPLACE FUNCTION packages_spend_month(p_period date, p_from timestamptz, p_to timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM packages_pool_months(p_period, p_from, p_to);

    -- Buckets that are not spent are left out, unless they make their month one to be counted again.
    INSERT INTO usage_bucket
        (pool, account_id, bucket_id, subscription_id, line_id, usage_kind, period_date, scope, scope_value, is_shared,
            is_carried, starts_at, ends_at, total_before, total, used_before, used, is_special)
    SELECT pool, account_id, id, subscription_id, line_id, usage_kind, p_period, scope, scope_value, is_shared,
        carried_from_id IS NOT NULL, starts_at, ends_at, total, total, used, used + share, is_special
    FROM (
        SELECT bucket_of_month.*, greatest(least(room, amount - (sum(room) OVER in_order - room)), 0) AS share,
            bool_or(parts_stretches) OVER (PARTITION BY pool) AS is_special
        FROM (
            SELECT month.pool, month.amount, bucket.*,
                CASE
                    WHEN bucket.starts_at <= month.first_at AND bucket.ends_at > month.first_at
                        THEN bucket.total - bucket.used
                    ELSE 0
                END AS room,
                bucket.scope <> 'GENERAL'
                    OR bucket.starts_at > month.first_at AND bucket.starts_at <= month.latest_at
                    OR bucket.ends_at > month.first_at AND bucket.ends_at <= month.latest_at AS parts_stretches
            FROM usage_month month
            JOIN packages_bucket bucket
                ON bucket.account_id = month.account_id
                AND bucket.line_id = month.line_id
                AND bucket.usage_kind = month.usage_kind
                AND bucket.ends_at > p_from
                AND bucket.starts_at < p_to
                AND NOT bucket.is_shared
            WHERE month.period_date = p_period AND NOT month.is_recounted
        ) bucket_of_month
        WINDOW in_order AS (PARTITION BY pool ORDER BY ends_at, carried_from_id IS NULL, starts_at, id)
    ) shared_out
    WHERE share > 0 OR is_special;

    UPDATE usage_month month
    SET is_recounted = true
    FROM (SELECT DISTINCT pool FROM usage_bucket WHERE period_date = p_period AND is_special) special
    WHERE month.pool = special.pool AND NOT month.is_recounted;

    -- What is new and was not covered goes to the plan then in force; if another came or went since, the month is recounted.
    WITH uncovered AS MATERIALIZED (
        SELECT month.*, month.amount - covered.amount AS uncovered
        FROM usage_month month
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(used - used_before), 0) AS amount FROM usage_bucket WHERE usage_bucket.pool = month.pool
        ) covered
        WHERE month.period_date = p_period AND NOT month.is_recounted AND month.amount > covered.amount
    )
    INSERT INTO usage_left (month, plan_id, region, amount)
    SELECT uncovered.number, coalesce(plan.id, '00000000-0000-0000-0000-000000000000'), '', uncovered.uncovered
    FROM uncovered
    LEFT JOIN LATERAL packages_plan_at(uncovered.account_id, uncovered.line_id, uncovered.first_at) plan ON true;
    IF FOUND THEN
        WITH parted AS (
            UPDATE usage_month month
            SET is_recounted = true
            FROM usage_left
            WHERE usage_left.month = month.number
                AND month.period_date = p_period
                AND EXISTS (
                    SELECT
                    FROM packages_subscription subscription
                    JOIN packages_offering offering ON offering.code = subscription.offering_id AND offering.kind = 'PLAN'
                    WHERE subscription.account_id = month.account_id
                        AND subscription.line_id = month.line_id
                        AND (subscription.started_at > month.first_at AND subscription.started_at <= month.latest_at
                            OR subscription.ends_at > month.first_at AND subscription.ends_at <= month.latest_at)
                )
            RETURNING month.number
        )
        DELETE FROM usage_left USING parted WHERE usage_left.month = parted.number;
    END IF;

    IF EXISTS (SELECT FROM usage_month WHERE period_date = p_period AND is_recounted) THEN
        PERFORM packages_recount_month(p_period, p_from, p_to);
    END IF;
    PERFORM packages_keep_spending(p_period);
END $$;


-- Makes one pool of the lines whose account shares buckets, with those of its lines that are not in the batch.
CREATE OR REPLACE FUNCTION packages_pool_months(p_period date, p_from timestamptz, p_to timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT
        FROM packages_bucket
        WHERE is_shared AND ends_at > p_from AND starts_at < p_to
            AND account_id IN (SELECT account_id FROM usage_month WHERE period_date = p_period)
    ) THEN
        RETURN;
    END IF;
    WITH sharing AS (
        SELECT DISTINCT month.account_id, month.usage_kind
        FROM usage_month month
        WHERE month.period_date = p_period
            AND EXISTS (
                SELECT
                FROM packages_bucket bucket
                WHERE bucket.account_id = month.account_id
                    AND bucket.usage_kind = month.usage_kind
                    AND bucket.is_shared
                    AND bucket.ends_at > p_from
                    AND bucket.starts_at < p_to
            )
    ), others AS (
        INSERT INTO usage_month
            (number, account_id, line_id, usage_kind, period_date, records, amount, total, abroad, beyond, first_at,
                latest_at, is_recounted)
        SELECT (SELECT max(number) FROM usage_month) + row_number() OVER (), counter.account_id, counter.line_id,
            counter.usage_kind, p_period, 0, 0, counter.total, counter.abroad, counter.beyond, counter.last_record_at,
            counter.last_record_at, true
        FROM sharing
        JOIN packages_usage_counter counter
            ON counter.account_id = sharing.account_id
            AND counter.usage_kind = sharing.usage_kind
            AND counter.period_date = p_period
        WHERE NOT EXISTS (
            SELECT
            FROM usage_month month
            WHERE month.account_id = counter.account_id
                AND month.line_id = counter.line_id
                AND month.usage_kind = counter.usage_kind
                AND month.period_date = p_period
        )
    )
    UPDATE usage_month month SET is_recounted = true, pool = NULL
    FROM sharing
    WHERE month.account_id = sharing.account_id
        AND month.usage_kind = sharing.usage_kind
        AND month.period_date = p_period;
    UPDATE usage_month month
    SET pool = shared.pool
    FROM (
        SELECT account_id, usage_kind, min(number) AS pool
        FROM usage_month
        WHERE period_date = p_period AND pool IS NULL
        GROUP BY account_id, usage_kind
    ) shared
    WHERE month.pool IS NULL AND month.account_id = shared.account_id AND month.usage_kind = shared.usage_kind;

    INSERT INTO usage_bucket
        (pool, account_id, bucket_id, subscription_id, line_id, usage_kind, period_date, scope, scope_value, is_shared,
            is_carried, starts_at, ends_at, total_before, total, used_before, used, is_special)
    SELECT shared.pool, bucket.account_id, bucket.id, bucket.subscription_id, bucket.line_id, bucket.usage_kind, p_period,
        bucket.scope, bucket.scope_value, true, bucket.carried_from_id IS NOT NULL, bucket.starts_at, bucket.ends_at, bucket.total,
        coalesce(carried.total, bucket.total), bucket.used, bucket.used, true
    FROM (SELECT DISTINCT pool, account_id, usage_kind FROM usage_month WHERE period_date = p_period AND is_recounted) shared
    JOIN packages_bucket bucket
        ON bucket.account_id = shared.account_id
        AND bucket.usage_kind = shared.usage_kind
        AND bucket.is_shared
        AND bucket.ends_at > p_from
        AND bucket.starts_at < p_to
    LEFT JOIN usage_carried carried ON carried.account_id = bucket.account_id AND carried.bucket_id = bucket.id;
END $$;


-- Keeps what the months of a period spent, and marks the months into which their buckets were carried over.
CREATE OR REPLACE FUNCTION packages_keep_spending(p_period date) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE packages_bucket bucket
    SET used = spent.used, total = spent.total
    FROM usage_bucket spent
    WHERE bucket.account_id = spent.account_id
        AND bucket.id = spent.bucket_id
        AND spent.period_date = p_period
        AND (spent.used <> spent.used_before OR spent.total <> spent.total_before);

    DELETE FROM packages_usage_beyond beyond
    USING usage_month month
    WHERE month.period_date = p_period
        AND month.is_recounted
        AND month.beyond > 0
        AND beyond.account_id = month.account_id
        AND beyond.line_id = month.line_id
        AND beyond.period_date = month.period_date
        AND beyond.usage_kind = month.usage_kind;
    INSERT INTO packages_usage_beyond AS beyond (account_id, line_id, period_date, usage_kind, plan_id, region, amount)
    SELECT month.account_id, month.line_id, p_period, month.usage_kind, usage_left.plan_id, usage_left.region,
        usage_left.amount
    FROM usage_left
    JOIN usage_month month ON month.number = usage_left.month AND month.period_date = p_period
    ON CONFLICT (account_id, line_id, period_date, usage_kind, plan_id, region) DO UPDATE
        SET amount = beyond.amount + excluded.amount;

    UPDATE packages_usage_counter counter
    SET beyond = now_beyond.amount
    FROM (
        SELECT month.account_id, month.line_id, month.usage_kind, month.beyond AS before,
            CASE WHEN month.is_recounted THEN 0 ELSE month.beyond END + parts.amount AS amount
        FROM (
            SELECT *
            FROM usage_month
            WHERE period_date = p_period AND (is_recounted OR number IN (SELECT usage_left.month FROM usage_left))
            OFFSET 0
        ) month
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(usage_left.amount), 0) AS amount FROM usage_left WHERE usage_left.month = month.number
        ) parts
    ) now_beyond
    WHERE counter.account_id = now_beyond.account_id
        AND counter.line_id = now_beyond.line_id
        AND counter.period_date = p_period
        AND counter.usage_kind = now_beyond.usage_kind
        AND now_beyond.amount <> now_beyond.before;

    INSERT INTO usage_carried (account_id, bucket_id, total)
    SELECT bucket.account_id, bucket.id, spent.total - spent.used
    FROM usage_bucket spent
    JOIN packages_bucket bucket ON bucket.account_id = spent.account_id AND bucket.carried_from_id = spent.bucket_id
    WHERE spent.period_date = p_period AND bucket.total <> spent.total - spent.used;
    IF FOUND THEN
        PERFORM packages_mark_carried_months(p_period);
    END IF;
END $$;


CREATE OR REPLACE FUNCTION packages_mark_carried_months(p_period date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_next date := (p_period + interval '1 month')::date;
BEGIN
    WITH carried AS (
        SELECT DISTINCT bucket.account_id, bucket.line_id, bucket.usage_kind
        FROM usage_carried
        JOIN packages_bucket bucket ON bucket.account_id = usage_carried.account_id AND bucket.id = usage_carried.bucket_id
        WHERE bucket.starts_at < (v_next + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
            AND bucket.ends_at > v_next::timestamp AT TIME ZONE 'Asia/Shanghai'
    ), marked AS (
        UPDATE usage_month month
        SET is_recounted = true
        FROM carried
        WHERE month.account_id = carried.account_id
            AND month.line_id = carried.line_id
            AND month.usage_kind = carried.usage_kind
            AND month.period_date = v_next
        RETURNING month.account_id, month.line_id, month.usage_kind
    )
    INSERT INTO usage_month
        (number, pool, account_id, line_id, usage_kind, period_date, records, amount, total, abroad, beyond, first_at,
            latest_at, is_recounted)
    SELECT highest.number + row_number() OVER (), highest.number + row_number() OVER (), carried.account_id,
        carried.line_id, carried.usage_kind, v_next, 0, 0, coalesce(counter.total, 0), coalesce(counter.abroad, 0),
        coalesce(counter.beyond, 0), coalesce(counter.last_record_at, '-infinity'),
        coalesce(counter.last_record_at, '-infinity'), true
    FROM carried
    CROSS JOIN (SELECT max(number) AS number FROM usage_month) highest
    LEFT JOIN packages_usage_counter counter
        ON counter.account_id = carried.account_id
        AND counter.line_id = carried.line_id
        AND counter.usage_kind = carried.usage_kind
        AND counter.period_date = v_next
    WHERE NOT EXISTS (
        SELECT
        FROM marked
        WHERE marked.account_id = carried.account_id
            AND marked.line_id = carried.line_id
            AND marked.usage_kind = carried.usage_kind
    );
END $$;
