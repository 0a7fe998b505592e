"""What must hold between orders, their proof, what they charged and what they brought. Read by `manage.py audit_books`.

Orders brought in from another system (`operations.import_subscriptions`) have keys that begin with "import:". Their
confirmation texts and older charges stayed there, so only their consent is checked here.
"""

from kernel.audit import AuditCheck


def list_checks() -> list[AuditCheck]:
    """Return the invariants of orders and subscriptions."""
    return [*_CONSENT, *_MONEY, *_CARTS, *_SUBSCRIPTIONS]


_COUNT_ORDERS = "SELECT count(*) FROM packages_order"
_COUNT_COMPLETED = "SELECT count(*) FROM packages_order WHERE state = 'COMPLETED'"
_COUNT_EVIDENCE = "SELECT count(*) FROM packages_order_evidence"
_COUNT_SUBSCRIPTIONS = "SELECT count(*) FROM packages_subscription"

_CONSENT = [
    AuditCheck(
        name="order_completed_has_one_yes_in_time",
        promise="A completed order has exactly one confirmation, given before its time limit; no other order has one.",
        rows=_COUNT_COMPLETED,
        violations="""
            SELECT coalesce(ordered.account_id, yes.account_id) AS account_id,
                   coalesce(ordered.id, yes.order_id) AS order_id, ordered.state, yes.many
              FROM packages_order AS ordered
              FULL JOIN (
                  SELECT account_id, order_id, count(*) AS many, max(at) AS at
                    FROM packages_order_evidence
                   WHERE kind = 'CONFIRMED'
                   GROUP BY account_id, order_id
              ) AS yes ON yes.account_id = ordered.account_id AND yes.order_id = ordered.id
             WHERE ordered.id IS NULL
                OR CASE WHEN ordered.state = 'COMPLETED'
                        THEN coalesce(yes.many, 0) <> 1
                             OR yes.at <> ordered.confirmed_at OR yes.at >= ordered.expires_at
                        ELSE yes.many IS NOT NULL END
        """,
    ),
    AuditCheck(
        name="order_completed_has_its_proof",
        promise="Before the confirmation of an order stand the offer that was shown and the customer's exact reply.",
        rows=_COUNT_COMPLETED,
        violations="""
            SELECT ordered.account_id, ordered.id AS order_id
              FROM packages_order AS ordered
              JOIN packages_order_evidence AS yes
                ON yes.account_id = ordered.account_id AND yes.order_id = ordered.id AND yes.kind = 'CONFIRMED'
              LEFT JOIN packages_order_evidence AS step
                ON step.account_id = ordered.account_id AND step.order_id = ordered.id AND step.number < yes.number
             WHERE ordered.state = 'COMPLETED'
             GROUP BY ordered.account_id, ordered.id
            HAVING count(*) FILTER (
                       WHERE step.kind = 'OFFERED' AND step.detail -> 'terms' = ordered.terms
                         AND coalesce(step.detail -> 'quote', '{}') = ordered.quote
                   ) = 0
                OR count(*) FILTER (WHERE step.kind = 'REPLY') <> 1
        """,
    ),
    AuditCheck(
        name="order_text_is_what_was_sent",
        promise="Every order asked for its confirmation by text, and the words kept as proof are that text's.",
        rows=_COUNT_ORDERS,
        violations="""
            SELECT ordered.account_id, ordered.id AS order_id, step.number, text.id AS text_id
              FROM packages_order AS ordered
              LEFT JOIN packages_order_evidence AS step
                ON step.account_id = ordered.account_id AND step.order_id = ordered.id AND step.kind = 'TEXT_QUEUED'
              LEFT JOIN messaging_sms AS text
                ON text.account_id = step.account_id AND text.id = (step.detail ->> 'sms_id')::uuid
             WHERE ordered.request_key NOT LIKE 'import:%'
               AND (text.id IS NULL OR text.body <> step.detail ->> 'text')
        """,
    ),
    AuditCheck(
        name="evidence_without_gaps",
        promise="The steps of an order's proof are numbered from one, none missing, and in order of time.",
        rows=_COUNT_EVIDENCE,
        violations="""
            SELECT account_id, order_id, number
              FROM (
                  SELECT account_id, order_id, number, at,
                         row_number() OVER steps AS place, lag(at) OVER steps AS before
                    FROM packages_order_evidence
                  WINDOW steps AS (PARTITION BY account_id, order_id ORDER BY number)
              ) AS step
             WHERE number <> place OR at < before
        """,
    ),
]

_MONEY = [
    AuditCheck(
        name="order_for_points_took_them",
        promise="A completed order took the points that it costs, and nothing else was exchanged for data.",
        rows=_COUNT_COMPLETED,
        violations="""
            SELECT coalesce(ordered.account_id, taken.account_id) AS account_id,
                   coalesce(ordered.id, taken.reason_id) AS order_id, ordered.points, taken.points AS taken
              FROM (
                  SELECT account_id, id, (terms ->> 'points_price')::bigint AS points
                    FROM packages_order
                   WHERE state = 'COMPLETED' AND coalesce((terms ->> 'points_price')::bigint, 0) > 0
              ) AS ordered
              FULL JOIN (
                  SELECT account_id, reason_id, -sum(points) AS points
                    FROM billing_points_entry
                   WHERE counterpart = 'DATA'
                   GROUP BY account_id, reason_id
              ) AS taken ON taken.account_id = ordered.account_id AND taken.reason_id = ordered.id
             WHERE ordered.points IS DISTINCT FROM taken.points
        """,
    ),
    AuditCheck(
        name="order_completed_is_one_charge",
        promise="A completed order is one charge of the price that was confirmed; nothing, if that was nothing.",
        rows=_COUNT_COMPLETED,
        violations="""
            SELECT ordered.account_id, ordered.id AS order_id, ordered.price_fen, charged.many, charged.fen
              FROM packages_order AS ordered
              LEFT JOIN (
                  SELECT account_id, reason_id, count(*) AS many, sum(amount_fen) AS fen
                    FROM billing_charge
                   WHERE reason = 'ORDER'
                   GROUP BY account_id, reason_id
              ) AS charged ON charged.account_id = ordered.account_id AND charged.reason_id = ordered.id
             WHERE ordered.state = 'COMPLETED' AND ordered.request_key NOT LIKE 'import:%'
               AND (coalesce(charged.fen, 0) <> ordered.price_fen OR coalesce(charged.many, 0) > 1)
        """,
    ),
    AuditCheck(
        name="order_charge_leads_to_completed_order",
        promise="Every charge for an order leads to a completed order of that line and price; no other moved money.",
        rows="SELECT count(*) FROM billing_charge WHERE reason = 'ORDER'",
        violations="""
            SELECT charge.account_id, charge.id AS charge_id, charge.reason_id AS order_id, ordered.state
              FROM billing_charge AS charge
              LEFT JOIN packages_order AS ordered
                ON ordered.account_id = charge.account_id AND ordered.id = charge.reason_id
             WHERE charge.reason = 'ORDER'
               AND (ordered.state, ordered.line_id, ordered.price_fen)
                   IS DISTINCT FROM ('COMPLETED', charge.line_id, charge.amount_fen)
        """,
    ),
]

_CARTS = [
    AuditCheck(
        name="cart_has_one_outcome",
        promise="What is confirmed as one is of one line, ends as one, and shares one yes.",
        rows="SELECT count(*) FROM packages_order WHERE cart_id IS NOT NULL",
        violations="""
            SELECT account_id, cart_id, count(*) AS orders
              FROM packages_order
             WHERE cart_id IS NOT NULL
             GROUP BY account_id, cart_id
            HAVING count(*) < 2 OR count(DISTINCT line_id) > 1 OR count(DISTINCT expires_at) > 1
                OR count(DISTINCT confirmed_channel) > 1
                OR count(*) FILTER (WHERE state = 'COMPLETED') NOT IN (0, count(*))
                OR count(*) FILTER (WHERE state = 'REFUSED') NOT IN (0, count(*))
                OR count(*) FILTER (WHERE state = 'CANCELLED') NOT IN (0, count(*))
                OR count(*) FILTER (WHERE state = 'FAILED') NOT IN (0, count(*))
        """,
    ),
]

_SUBSCRIPTIONS = [
    AuditCheck(
        # Only a line's first plan may come without an order: with the contract that opened the line, signed in a shop.
        name="subscription_comes_from_completed_order",
        promise="What a line has comes from a completed order of that line, on the terms that were confirmed.",
        rows=_COUNT_SUBSCRIPTIONS,
        violations="""
            SELECT subscription.account_id, subscription.id AS subscription_id, ordered.state
              FROM packages_subscription AS subscription
              JOIN packages_offering AS offering ON offering.code = subscription.offering_id
              LEFT JOIN packages_order AS ordered
                ON ordered.account_id = subscription.account_id AND ordered.id = subscription.id
             WHERE NOT (offering.kind = 'PLAN' AND ordered.id IS NULL AND subscription.replaces_id IS NULL
                        AND NOT EXISTS (
                            SELECT FROM packages_subscription AS earlier
                              JOIN packages_offering AS other ON other.code = earlier.offering_id
                             WHERE other.kind = 'PLAN'
                               AND earlier.account_id = subscription.account_id
                               AND earlier.line_id = subscription.line_id
                               AND earlier.started_at < subscription.started_at
                        ))
               AND (ordered.state, ordered.line_id, ordered.offering_id, ordered.terms)
                   IS DISTINCT FROM
                   ('COMPLETED', subscription.line_id, subscription.offering_id, subscription.terms)
        """,
    ),
    AuditCheck(
        name="order_completed_brought_something",
        promise="A completed order brought the subscription that was ordered.",
        rows=_COUNT_COMPLETED,
        violations="""
            SELECT ordered.account_id, ordered.id AS order_id
              FROM packages_order AS ordered
              LEFT JOIN packages_subscription AS subscription
                ON subscription.account_id = ordered.account_id AND subscription.id = ordered.id
             WHERE ordered.state = 'COMPLETED' AND subscription.id IS NULL
        """,
    ),
    AuditCheck(
        name="subscription_has_its_allowances_once",
        promise="The allowances of a subscription in a month are those of its terms; of its first month, their share.",
        rows="SELECT count(*) FROM packages_bucket",
        violations="""
            SELECT bucket.account_id, bucket.id AS bucket_id, bucket.subscription_id
              FROM packages_bucket AS bucket
              LEFT JOIN packages_subscription AS subscription
                ON subscription.account_id = bucket.account_id AND subscription.id = bucket.subscription_id
             CROSS JOIN LATERAL (
                   SELECT subscription.started_at AT TIME ZONE 'Asia/Shanghai' AS begins,
                          date_trunc('month', subscription.started_at AT TIME ZONE 'Asia/Shanghai') AS month
                 ) AS first
             CROSS JOIN LATERAL (
                   SELECT extract(day FROM first.month + interval '1 month' - interval '1 day')::bigint AS days,
                          extract(day FROM first.begins)::bigint AS day
                 ) AS calendar
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN date_trunc('month', bucket.starts_at AT TIME ZONE 'Asia/Shanghai') <> first.month
                               THEN 1
                               WHEN subscription.first_month = 'BY_DAYS' THEN calendar.days - calendar.day + 1
                               ELSE 1 END AS part,
                          CASE WHEN date_trunc('month', bucket.starts_at AT TIME ZONE 'Asia/Shanghai') <> first.month
                               THEN 1
                               WHEN subscription.first_month = 'BY_DAYS' THEN calendar.days
                               WHEN subscription.first_month = 'HALF' AND calendar.day >= 16 THEN 2
                               ELSE 1 END AS whole
                 ) AS share
             WHERE bucket.carried_from_id IS NULL AND (
                bucket.line_id IS DISTINCT FROM subscription.line_id
                OR bucket.starts_at < subscription.started_at
                OR bucket.ends_at > subscription.ends_at
                OR bucket.total IS DISTINCT FROM (
                    SELECT (2 * (allowance ->> 'amount')::bigint * share.part + share.whole) / (2 * share.whole)
                      FROM jsonb_array_elements(subscription.terms -> 'allowances') AS allowance
                     WHERE (allowance ->> 'number')::integer = bucket.allowance_number
                       AND allowance ->> 'usage_kind' = bucket.usage_kind
                ))
        """,
    ),
    AuditCheck(
        name="line_has_one_plan_at_a_time",
        promise="At no instant does a line have two plans.",
        rows=_COUNT_SUBSCRIPTIONS,
        violations="""
            SELECT plan.account_id, plan.line_id, plan.id AS subscription_id, plan.begins_next
              FROM (
                  SELECT subscription.account_id, subscription.line_id, subscription.id, subscription.ends_at,
                         lead(subscription.started_at) OVER (
                             PARTITION BY subscription.account_id, subscription.line_id
                             ORDER BY subscription.started_at, subscription.id
                         ) AS begins_next
                    FROM packages_subscription AS subscription
                    JOIN packages_offering AS offering ON offering.code = subscription.offering_id
                   WHERE offering.kind = 'PLAN' AND subscription.state <> 'WITHDRAWN'
              ) AS plan
             WHERE plan.begins_next IS NOT NULL AND (plan.ends_at IS NULL OR plan.ends_at > plan.begins_next)
        """,
    ),
    AuditCheck(
        name="plan_replaces_without_a_gap",
        promise="A plan that replaces another begins at the instant at which that one ends, however it was withdrawn.",
        rows="SELECT count(*) FROM packages_subscription WHERE replaces_id IS NOT NULL",
        violations="""
            SELECT plan.account_id, plan.id AS subscription_id, plan.started_at, replaced.ends_at
              FROM packages_subscription AS plan
              JOIN packages_subscription AS replaced
                ON replaced.account_id = plan.account_id AND replaced.id = plan.replaces_id
             WHERE plan.state <> 'WITHDRAWN' AND replaced.ends_at IS DISTINCT FROM plan.started_at
                OR replaced.line_id <> plan.line_id
        """,
    ),
]
