-- What use beyond the plan costs, and how much of that may be charged.

-- The fee of a line's month and kind: each part at the price of the plan that was in force then, rounded half up once.
-- Use without a price costs nothing.
CREATE OR REPLACE VIEW packages_priced_usage AS
SELECT beyond.account_id, beyond.line_id, beyond.period_date, beyond.usage_kind,
    round(round(sum(beyond.amount::numeric * (price.part ->> 'price_li')::bigint / (price.part ->> 'per_amount')::bigint), 6)
        / 10)::bigint AS fee_fen
FROM packages_usage_beyond beyond
JOIN packages_subscription plan ON plan.account_id = beyond.account_id AND plan.id = beyond.plan_id
JOIN LATERAL jsonb_array_elements(plan.terms -> 'unit_prices') price (part)
    ON price.part ->> 'usage_kind' = beyond.usage_kind AND price.part ->> 'region' = beyond.region
GROUP BY beyond.account_id, beyond.line_id, beyond.period_date, beyond.usage_kind;


-- How many times the customer has let a month's cap rise, and the cap as it is now: the last lift's, else the highest of the
-- plans of that month, where one without a cap has the house's. The step by which it rises is the cap it began with, or the
-- house's if that was nothing.
CREATE OR REPLACE FUNCTION packages_cap_of(p_account uuid, p_line uuid, p_period date, p_house_cap_fen bigint)
RETURNS TABLE (lifts integer, cap_fen bigint, next_cap_fen bigint) LANGUAGE sql STABLE AS $$
    SELECT coalesce(lift.number, 0), coalesce(lift.cap_fen, plans.cap_fen, p_house_cap_fen),
        coalesce(lift.cap_fen, plans.cap_fen, p_house_cap_fen) + coalesce(nullif(plans.cap_fen, 0), p_house_cap_fen)
    FROM (
        SELECT max(coalesce((subscription.terms ->> 'cap_fen')::bigint, p_house_cap_fen)) AS cap_fen
        FROM packages_subscription subscription
        JOIN packages_offering offering ON offering.code = subscription.offering_id AND offering.kind = 'PLAN'
        WHERE subscription.account_id = p_account
            AND subscription.line_id = p_line
            AND subscription.started_at < (p_period + interval '1 month') AT TIME ZONE 'Asia/Shanghai'
            AND (subscription.ends_at > p_period::timestamp AT TIME ZONE 'Asia/Shanghai' OR subscription.ends_at IS NULL)
    ) plans
    LEFT JOIN LATERAL (
        SELECT number::integer, cap_lift.cap_fen
        FROM packages_cap_lift cap_lift
        WHERE account_id = p_account AND line_id = p_line AND period_date = p_period
        ORDER BY number DESC
        LIMIT 1
    ) lift ON true
$$;
