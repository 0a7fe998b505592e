"""What must hold of bonus, of money set aside, and of corrections by staff. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

_COUNT_WALLETS = "SELECT count(*) FROM billing_wallet"
_COUNT_GIFTS = "SELECT count(*) FROM billing_bonus_grant"
_COUNT_HOLDS = "SELECT count(*) FROM billing_hold"
_COUNT_ADJUSTMENTS = "SELECT count(*) FROM billing_adjustment"

BONUSES = [
    AuditCheck(
        name="wallet_bonus_is_what_gifts_left",
        promise="A wallet's bonus is the sum of what is left of its gifts.",
        rows=_COUNT_WALLETS,
        violations="""
            SELECT coalesce(wallet.account_id, gifts.account_id) AS account_id, wallet.bonus_fen, gifts.left_fen
              FROM billing_wallet AS wallet
              FULL JOIN (
                  SELECT account_id, sum(left_fen) AS left_fen FROM billing_bonus_grant GROUP BY account_id
              ) AS gifts ON gifts.account_id = wallet.account_id
             WHERE coalesce(wallet.bonus_fen, 0) <> coalesce(gifts.left_fen, 0)
        """,
    ),
    AuditCheck(
        name="gift_is_one_credit",
        promise="A gift is the entry that gave it, and every credit of bonus is a gift.",
        rows=_COUNT_GIFTS,
        violations="""
            SELECT coalesce(gift.account_id, entry.account_id) AS account_id,
                   coalesce(gift.version, entry.version) AS version, gift.granted_fen, entry.amount_fen
              FROM billing_bonus_grant AS gift
              FULL JOIN (
                  SELECT account_id, version, amount_fen, reason_id
                    FROM billing_ledger_entry
                   WHERE bucket = 'BONUS' AND amount_fen > 0
              ) AS entry ON entry.account_id = gift.account_id AND entry.version = gift.version
             WHERE (gift.granted_fen, gift.reason_id) IS DISTINCT FROM (entry.amount_fen, entry.reason_id)
        """,
    ),
    AuditCheck(
        name="gift_expires_once_and_in_time",
        promise="What is left of a gift leaves once, not before it expires, and nothing else expires.",
        rows=_COUNT_GIFTS,
        violations="""
            SELECT gone.account_id, gone.version, gift.version AS gift, gift.left_fen, gone.amount_fen
              FROM (
                  SELECT account_id, version, amount_fen, posted_at, posting_key,
                         count(*) OVER (PARTITION BY account_id, posting_key) AS times
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'BONUS_EXPIRY'
              ) AS gone
              LEFT JOIN billing_bonus_grant AS gift
                ON gift.account_id = gone.account_id AND 'bonus-expiry:' || gift.version = gone.posting_key
             WHERE gift.version IS NULL OR gone.times > 1 OR gift.left_fen <> 0
                OR -gone.amount_fen NOT BETWEEN 1 AND gift.granted_fen
                OR gift.expires_at IS NULL OR gone.posted_at < gift.expires_at
        """,
    ),
    AuditCheck(
        name="top_up_bonus_is_one_gift",
        promise="A top-up that succeeded gave exactly the bonus it was promised, and no other gave any.",
        rows="SELECT count(*) FROM billing_top_up",
        violations="""
            SELECT coalesce(top_up.account_id, gift.account_id) AS account_id,
                   coalesce(top_up.id, gift.reason_id) AS top_up_id, top_up.bonus_fen, gift.many, gift.fen
              FROM (
                  SELECT account_id, id, bonus_fen FROM billing_top_up WHERE state = 'SUCCEEDED' AND bonus_fen > 0
              ) AS top_up
              FULL JOIN (
                  SELECT account_id, reason_id, count(*) AS many, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'TOP_UP_BONUS'
                   GROUP BY account_id, reason_id
              ) AS gift ON gift.account_id = top_up.account_id AND gift.reason_id = top_up.id
             WHERE gift.many IS DISTINCT FROM 1 OR gift.fen IS DISTINCT FROM top_up.bonus_fen
        """,
    ),
]

HOLDS = [
    AuditCheck(
        name="wallet_held_is_sum_of_holds",
        promise="What a wallet has set aside is the sum of its open holds.",
        rows=_COUNT_WALLETS,
        violations="""
            SELECT coalesce(wallet.account_id, holds.account_id) AS account_id, wallet.held_fen, holds.fen
              FROM billing_wallet AS wallet
              FULL JOIN (
                  SELECT account_id, sum(amount_fen) AS fen FROM billing_hold WHERE state = 'HELD' GROUP BY account_id
              ) AS holds ON holds.account_id = wallet.account_id
             WHERE coalesce(wallet.held_fen, 0) <> coalesce(holds.fen, 0)
        """,
    ),
    AuditCheck(
        name="wallet_covers_what_is_held",
        promise="What is set aside is there: balance and overdraft reach for it.",
        rows=_COUNT_WALLETS,
        violations="""
            SELECT account_id, cash_fen, bonus_fen, overdraft_fen, held_fen
              FROM billing_wallet
             WHERE held_fen < 0 OR cash_fen + bonus_fen + overdraft_fen < held_fen
        """,
    ),
    AuditCheck(
        name="capture_is_one_charge",
        promise="A captured hold is one charge of what was captured, no more than was held; no other hold is one.",
        rows=_COUNT_HOLDS,
        violations="""
            SELECT coalesce(hold.account_id, charge.account_id) AS account_id, hold.id AS hold_id, hold.state,
                   hold.captured_fen, charge.id AS charge_id, charge.amount_fen
              FROM billing_hold AS hold
              FULL JOIN (
                  SELECT account_id, id, charge_key, amount_fen FROM billing_charge WHERE charge_key LIKE 'hold:%'
              ) AS charge ON charge.account_id = hold.account_id AND charge.charge_key = 'hold:' || hold.id
             WHERE hold.id IS NULL OR hold.captured_fen > hold.amount_fen
                OR CASE WHEN hold.state = 'CAPTURED'
                        THEN charge.amount_fen IS DISTINCT FROM hold.captured_fen
                        ELSE charge.id IS NOT NULL OR hold.captured_fen <> 0 END
        """,
    ),
    AuditCheck(
        name="hold_has_its_steps",
        promise="The history of a hold begins with its setting aside and ends as it ended.",
        rows=_COUNT_HOLDS,
        violations="""
            SELECT coalesce(hold.account_id, steps.account_id) AS account_id,
                   coalesce(hold.id, steps.hold_id) AS hold_id, hold.state, steps.states
              FROM billing_hold AS hold
              FULL JOIN (
                  SELECT account_id, hold_id, string_agg(state, ',' ORDER BY number) AS states
                    FROM billing_hold_step
                   GROUP BY account_id, hold_id
              ) AS steps ON steps.account_id = hold.account_id AND steps.hold_id = hold.id
             WHERE steps.states IS DISTINCT FROM
                   CASE WHEN hold.state = 'HELD' THEN 'HELD' ELSE 'HELD,' || hold.state END
        """,
    ),
]

ADJUSTMENTS = [
    AuditCheck(
        name="adjustment_is_one_posting",
        promise="A posted adjustment is one posting of its amount, and no other moves money.",
        rows=_COUNT_ADJUSTMENTS,
        violations="""
            SELECT coalesce(adjustment.account_id, posted.account_id) AS account_id,
                   coalesce(adjustment.id, posted.reason_id) AS adjustment_id, adjustment.state, posted.fen
              FROM billing_adjustment AS adjustment
              FULL JOIN (
                  SELECT account_id, reason_id, count(DISTINCT posting_key) AS postings, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE counterpart = 'ADJUSTMENTS' AND reason_kind = 'ADJUSTMENT'
                   GROUP BY account_id, reason_id
              ) AS posted ON posted.account_id = adjustment.account_id AND posted.reason_id = adjustment.id
             WHERE adjustment.id IS NULL
                OR CASE WHEN adjustment.state = 'POSTED'
                        THEN posted.fen IS DISTINCT FROM adjustment.amount_fen OR posted.postings <> 1
                        ELSE posted.fen IS NOT NULL END
        """,
    ),
    AuditCheck(
        # As with charges: what was posted late on the newest bill's last day goes on the next one.
        name="adjustment_is_on_the_next_bill",
        promise="A posted adjustment is on the first bill that was issued after its month.",
        rows=_COUNT_ADJUSTMENTS,
        violations="""
            SELECT adjustment.account_id, adjustment.id AS adjustment_id
              FROM billing_adjustment AS adjustment
              JOIN (
                  SELECT account_id,
                         (max(period_date) + interval '1 month - 1 day') AT TIME ZONE 'Asia/Shanghai' AS last_day_at
                    FROM billing_bill
                   GROUP BY account_id
              ) AS billed ON billed.account_id = adjustment.account_id
              LEFT JOIN billing_bill_line AS line
                ON line.account_id = adjustment.account_id AND line.charge_id = adjustment.id
             WHERE adjustment.state = 'POSTED' AND adjustment.checked_at < billed.last_day_at
               AND line.charge_id IS NULL
        """,
    ),
    AuditCheck(
        name="adjustment_had_two_people",
        promise="Whoever decided an adjustment is not the one who proposed it.",
        rows=_COUNT_ADJUSTMENTS,
        violations="""
            SELECT account_id, id AS adjustment_id, state
              FROM billing_adjustment
             WHERE checked_by = proposed_by OR (state <> 'PROPOSED' AND checked_by IS NULL)
        """,
    ),
    AuditCheck(
        name="adjustment_has_one_text",
        promise="A posted adjustment is told by exactly one text, and no other is.",
        rows=_COUNT_ADJUSTMENTS,
        violations="""
            SELECT coalesce(adjustment.account_id, text.account_id) AS account_id,
                   adjustment.id AS adjustment_id, text.id AS text_id
              FROM (SELECT account_id, id FROM billing_adjustment WHERE state = 'POSTED') AS adjustment
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE kind = 'ADJUSTMENT'
              ) AS text
                ON text.account_id = adjustment.account_id AND text.dedup_key = 'adjustment:' || adjustment.id
             WHERE adjustment.id IS NULL OR text.id IS NULL
        """,
    ),
]
