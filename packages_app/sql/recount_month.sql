-- Spends the buckets of months marked is_recounted from nothing, one stretch after the other; see spend_buckets.sql.
CREATE OR REPLACE FUNCTION packages_recount_month(p_period date, p_from timestamptz, p_to timestamptz) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    v_step integer := 1;
BEGIN
    INSERT INTO usage_bucket
        (pool, account_id, bucket_id, subscription_id, line_id, usage_kind, period_date, scope, scope_value, is_shared,
            is_carried, starts_at, ends_at, total_before, total, used_before, used, is_special)
    SELECT month.pool, bucket.account_id, bucket.id, bucket.subscription_id, bucket.line_id, bucket.usage_kind, p_period,
        bucket.scope, bucket.scope_value, false, bucket.carried_from_id IS NOT NULL, bucket.starts_at, bucket.ends_at,
        bucket.total, coalesce(carried.total, bucket.total), bucket.used, bucket.used, true
    FROM usage_month month
    JOIN packages_bucket bucket
        ON bucket.account_id = month.account_id
        AND bucket.line_id = month.line_id
        AND bucket.usage_kind = month.usage_kind
        AND bucket.ends_at > p_from
        AND bucket.starts_at < p_to
        AND NOT bucket.is_shared
    LEFT JOIN usage_carried carried ON carried.account_id = bucket.account_id AND carried.bucket_id = bucket.id
    WHERE month.period_date = p_period AND month.is_recounted
    ON CONFLICT DO NOTHING;

    INSERT INTO usage_stretch (pool, number, starts_at, ends_at)
    SELECT pool, row_number() OVER (PARTITION BY pool ORDER BY starts_at), starts_at, ends_at
    FROM (
        SELECT pool, boundary_at AS starts_at, lead(boundary_at) OVER (PARTITION BY pool ORDER BY boundary_at) AS ends_at
        FROM (
            SELECT pool, boundary_at
            FROM usage_month month
            CROSS JOIN LATERAL (
                SELECT p_from
                UNION ALL
                SELECT p_to
                UNION ALL
                SELECT starts_at FROM usage_bucket WHERE usage_bucket.pool = month.pool
                UNION ALL
                SELECT ends_at FROM usage_bucket WHERE usage_bucket.pool = month.pool
                UNION ALL
                SELECT unnest(ARRAY[subscription.started_at, subscription.ends_at])
                FROM packages_subscription subscription
                JOIN packages_offering offering ON offering.code = subscription.offering_id AND offering.kind = 'PLAN'
                WHERE subscription.account_id = month.account_id AND subscription.line_id = month.line_id
            ) boundary (boundary_at)
            WHERE month.period_date = p_period AND month.is_recounted AND boundary_at BETWEEN p_from AND p_to
            GROUP BY pool, boundary_at
        ) boundary
    ) stretch
    WHERE ends_at IS NOT NULL;

    -- What was used in a stretch, by line and by all that decides which buckets cover it.
    INSERT INTO usage_flow (pool, stretch, place, month, line_id, app, region, slots, is_home, rest)
    SELECT pool, stretch,
        row_number() OVER (
            PARTITION BY pool, stretch
            ORDER BY app <> '', region <> '', cardinality(slots), line_id, app, region, slots
        ),
        month, line_id, app, region, slots, region = '' OR region LIKE 'CN-%', rest
    FROM (
        SELECT month.pool, stretch.number AS stretch, month.number AS month, month.line_id, used.*
        FROM usage_month month
        JOIN usage_stretch stretch ON stretch.pool = month.pool
        JOIN accounts_account account ON account.id = month.account_id
        CROSS JOIN LATERAL (
            SELECT array_agg(scope_value) FILTER (WHERE scope = 'APP') AS apps,
                array_agg(scope_value) FILTER (WHERE scope = 'REGION') AS regions,
                array_agg(DISTINCT scope_value) FILTER (WHERE scope = 'TIME') AS times
            FROM usage_bucket
            WHERE usage_bucket.pool = month.pool
        ) scoped
        CROSS JOIN LATERAL (
            SELECT CASE WHEN record.app = ANY (scoped.apps) THEN record.app ELSE '' END AS app,
                CASE
                    WHEN record.region <> '' AND record.region NOT LIKE 'CN-%' THEN record.region
                    WHEN coalesce(nullif(record.region, ''), account.province) = ANY (scoped.regions)
                        THEN coalesce(nullif(record.region, ''), account.province)
                    ELSE ''
                END AS region,
                CASE
                    WHEN scoped.times IS NULL THEN '{}'
                    ELSE packages_times_covering(scoped.times, record.started_at)
                END AS slots,
                sum(record.amount) AS rest
            FROM packages_usage_record record
            WHERE record.account_id = month.account_id
                AND record.line_id = month.line_id
                AND record.usage_kind = month.usage_kind
                AND record.started_at >= stretch.starts_at
                AND record.started_at < stretch.ends_at
            GROUP BY 1, 2, 3
        ) used
        WHERE month.period_date = p_period AND month.is_recounted
    ) flow;

    INSERT INTO usage_turn (step, pool, stretch, bucket_id)
    SELECT row_number() OVER (
            PARTITION BY stretch.pool
            ORDER BY stretch.number, bucket.ends_at, NOT bucket.is_carried, bucket.scope = 'GENERAL', bucket.is_shared,
                bucket.starts_at, bucket.bucket_id
        ),
        stretch.pool, stretch.number, bucket.bucket_id
    FROM usage_stretch stretch
    JOIN usage_bucket bucket
        ON bucket.pool = stretch.pool
        AND bucket.starts_at <= stretch.starts_at
        AND bucket.ends_at > stretch.starts_at
    WHERE bucket.period_date = p_period
        AND EXISTS (SELECT FROM usage_flow WHERE usage_flow.pool = stretch.pool AND usage_flow.stretch = stretch.number);

    UPDATE usage_bucket bucket
    SET used = 0
    FROM usage_month month
    WHERE month.pool = bucket.pool AND month.period_date = p_period AND month.is_recounted;
    WHILE EXISTS (SELECT FROM usage_turn WHERE step = v_step) LOOP
        WITH share AS MATERIALIZED (
            SELECT flow.pool, flow.stretch, flow.place, bucket.bucket_id,
                least(flow.rest, bucket.total - bucket.used - (sum(flow.rest) OVER in_order - flow.rest)) AS amount
            FROM usage_turn turn
            JOIN usage_bucket bucket ON bucket.pool = turn.pool AND bucket.bucket_id = turn.bucket_id
            JOIN usage_flow flow ON flow.pool = turn.pool AND flow.stretch = turn.stretch
            WHERE turn.step = v_step
                AND flow.rest > 0
                AND (bucket.is_shared OR bucket.line_id = flow.line_id)
                AND CASE bucket.scope
                    WHEN 'GENERAL' THEN flow.is_home
                    WHEN 'APP' THEN flow.is_home AND flow.app = bucket.scope_value
                    WHEN 'REGION' THEN flow.region = bucket.scope_value
                    ELSE flow.is_home AND bucket.scope_value = ANY (flow.slots)
                END
            WINDOW in_order AS (PARTITION BY flow.pool ORDER BY flow.place)
        ), covered AS (
            UPDATE usage_flow flow
            SET rest = flow.rest - share.amount
            FROM share
            WHERE share.amount > 0
                AND flow.pool = share.pool
                AND flow.stretch = share.stretch
                AND flow.place = share.place
        )
        UPDATE usage_bucket bucket
        SET used = bucket.used + taken.amount
        FROM (SELECT pool, bucket_id, sum(amount) AS amount FROM share WHERE amount > 0 GROUP BY pool, bucket_id) taken
        WHERE bucket.pool = taken.pool AND bucket.bucket_id = taken.bucket_id;
        v_step := v_step + 1;
    END LOOP;

    INSERT INTO usage_left (month, plan_id, region, amount)
    SELECT flow.month, coalesce(plan.id, '00000000-0000-0000-0000-000000000000'),
        CASE WHEN flow.is_home THEN '' ELSE flow.region END, sum(flow.rest)
    FROM usage_flow flow
    JOIN usage_stretch stretch ON stretch.pool = flow.pool AND stretch.number = flow.stretch
    JOIN usage_month month ON month.number = flow.month
    LEFT JOIN LATERAL packages_plan_at(month.account_id, month.line_id, stretch.starts_at) plan ON true
    WHERE flow.rest > 0 AND month.period_date = p_period
    GROUP BY 1, 2, 3;
END $$;
