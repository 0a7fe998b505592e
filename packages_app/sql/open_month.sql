-- Opens what a month brings to the lines of some accounts: the allowances of what recurs, and what is carried into it.
-- Whatever is there already is left alone, so that it may be called by whoever comes first, and again.
--
-- Carried over is general data that is left of a plan's own bucket, for one month, while the line has a plan; and what is
-- left of anything paid once that is valid beyond the month. A bucket that was carried over follows its origin: late
-- records of the month before take from both.
--
-- p_month  first day of the month, in Asia/Shanghai.
-- returns  how many buckets were opened.
CREATE OR REPLACE FUNCTION packages_open_month(p_accounts uuid[], p_month date) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    v_starts_at timestamptz := p_month::timestamp AT TIME ZONE 'Asia/Shanghai';
    v_ends_at timestamptz := (p_month + interval '1 month') AT TIME ZONE 'Asia/Shanghai';
    v_renewed bigint;
    v_carried bigint;
BEGIN
    INSERT INTO packages_bucket (
        account_id, id, line_id, subscription_id, usage_kind, allowance_number, scope, scope_value, is_shared, total, used,
        starts_at, ends_at
    )
    SELECT subscription.account_id, md5(concat_ws('|', subscription.id, part ->> 'number', p_month))::uuid,
        subscription.line_id, subscription.id, part ->> 'usage_kind', (part ->> 'number')::smallint, part ->> 'scope',
        part ->> 'scope_value', (part ->> 'is_shared')::boolean, (part ->> 'amount')::bigint, 0, v_starts_at,
        least(subscription.ends_at, v_ends_at)
    FROM packages_subscription subscription
    JOIN accounts_line line
        ON line.account_id = subscription.account_id AND line.id = subscription.line_id AND line.state <> 'CLOSED'
    CROSS JOIN LATERAL jsonb_array_elements(subscription.terms -> 'allowances') part
    WHERE subscription.account_id = ANY (p_accounts)
        AND subscription.started_at <= v_starts_at
        AND (subscription.ends_at IS NULL OR subscription.ends_at > v_starts_at)
        AND subscription.terms ->> 'recurrence' = 'MONTHLY'
    ORDER BY subscription.account_id, subscription.id
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_renewed = ROW_COUNT;

    INSERT INTO packages_bucket (
        account_id, id, line_id, subscription_id, usage_kind, allowance_number, scope, scope_value, is_shared,
        carried_from_id, total, used, starts_at, ends_at
    )
    SELECT origin.account_id, md5('carried|' || origin.id)::uuid, origin.line_id, origin.subscription_id, origin.usage_kind,
        origin.allowance_number, origin.scope, origin.scope_value, origin.is_shared, origin.id, origin.total - origin.used,
        0, v_starts_at, least(CASE subscription.terms ->> 'recurrence' WHEN 'ONCE' THEN subscription.ends_at END, v_ends_at)
    FROM packages_bucket origin
    JOIN packages_subscription subscription
        ON subscription.account_id = origin.account_id AND subscription.id = origin.subscription_id
    JOIN accounts_line line
        ON line.account_id = origin.account_id AND line.id = origin.line_id AND line.state <> 'CLOSED'
    WHERE origin.account_id = ANY (p_accounts)
        AND origin.ends_at = v_starts_at
        AND origin.used < origin.total
        AND (
            subscription.terms ->> 'recurrence' = 'ONCE' AND subscription.ends_at > v_starts_at
            OR (subscription.terms ->> 'carries_over')::boolean
                AND origin.usage_kind = 'DATA'
                AND origin.scope = 'GENERAL'
                AND origin.carried_from_id IS NULL
                AND EXISTS (
                    SELECT FROM packages_subscription plan
                    JOIN packages_offering offering ON offering.code = plan.offering_id AND offering.kind = 'PLAN'
                    WHERE plan.account_id = origin.account_id
                        AND plan.line_id = origin.line_id
                        AND plan.started_at <= v_starts_at
                        AND (plan.ends_at IS NULL OR plan.ends_at > v_starts_at)
                )
        )
    ORDER BY origin.account_id, origin.id
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS v_carried = ROW_COUNT;
    RETURN v_renewed + v_carried;
END $$;
