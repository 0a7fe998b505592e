"""What must hold in the books of money. Read by `manage.py audit_books`."""

from billing.queries.audit_refunds import REFUND_CHECKS
from billing.queries.card_audit import CARDS
from billing.queries.charge_audit import DUES, LATE_FEES, ONE_OFF_FEES
from billing.queries.dunning_audit import DUNNING
from billing.queries.e_invoice_audit import E_INVOICES
from billing.queries.ledger_audit import ADJUSTMENTS, BONUSES, HOLDS
from billing.queries.overdraft_audit import OVERDRAFTS
from billing.queries.points_audit import POINTS
from billing.queries.trial_balance_audit import TRIAL_BALANCE
from billing.queries.voucher_audit import VOUCHERS
from kernel.audit import AuditCheck


def list_checks() -> list[AuditCheck]:
    """Return the invariants of billing."""
    top_ups = [*_TOP_UPS, *REFUND_CHECKS, *VOUCHERS, *CARDS]
    charges = [*_CHARGES, *DUES, *ONE_OFF_FEES, *LATE_FEES, *ADJUSTMENTS, *DUNNING]
    wallets = [*_WALLETS, *OVERDRAFTS, *BONUSES, *HOLDS]
    return [*wallets, *top_ups, *charges, *POINTS, *_BILLS, *E_INVOICES, *TRIAL_BALANCE]


_COUNT_WALLETS = "SELECT count(*) FROM billing_wallet"
_COUNT_ENTRIES = "SELECT count(*) FROM billing_ledger_entry"
_COUNT_TOP_UPS = "SELECT count(*) FROM billing_top_up"
_COUNT_CHARGES = "SELECT count(*) FROM billing_charge"
_COUNT_BILLS = "SELECT count(*) FROM billing_bill"
_COUNT_BILL_LINES = "SELECT count(*) FROM billing_bill_line"

_WALLETS = [
    AuditCheck(
        name="account_has_wallet",
        promise="Every account has a wallet, and every wallet its account.",
        rows="SELECT count(*) FROM accounts_account",
        violations="""
            SELECT account.id AS account_id, wallet.account_id AS wallet_of
              FROM accounts_account AS account
              FULL JOIN billing_wallet AS wallet ON wallet.account_id = account.id
             WHERE account.id IS NULL OR wallet.account_id IS NULL
        """,
    ),
    AuditCheck(
        name="wallet_is_sum_of_entries",
        promise="A wallet holds exactly what its entries add up to, cash and bonus each.",
        rows=_COUNT_WALLETS,
        violations="""
            SELECT coalesce(wallet.account_id, entries.account_id) AS account_id,
                   wallet.cash_fen, entries.cash_fen AS entries_cash_fen,
                   wallet.bonus_fen, entries.bonus_fen AS entries_bonus_fen
              FROM billing_wallet AS wallet
              FULL JOIN (
                  SELECT account_id,
                         coalesce(sum(amount_fen) FILTER (WHERE bucket = 'CASH'), 0) AS cash_fen,
                         coalesce(sum(amount_fen) FILTER (WHERE bucket = 'BONUS'), 0) AS bonus_fen
                    FROM billing_ledger_entry
                   GROUP BY account_id
              ) AS entries ON entries.account_id = wallet.account_id
             WHERE wallet.account_id IS NULL
                OR wallet.cash_fen <> coalesce(entries.cash_fen, 0)
                OR wallet.bonus_fen <> coalesce(entries.bonus_fen, 0)
        """,
    ),
    AuditCheck(
        name="wallet_not_below_floor",
        promise="Cash is never below minus the overdraft, bonus never below zero.",
        rows=_COUNT_WALLETS,
        violations="""
            SELECT account_id, cash_fen, bonus_fen, overdraft_fen
              FROM billing_wallet
             WHERE cash_fen < -overdraft_fen OR bonus_fen < 0 OR overdraft_fen < 0
        """,
    ),
    AuditCheck(
        name="versions_without_gaps",
        promise="A wallet's entries are numbered from one to its version, none missing.",
        rows=_COUNT_ENTRIES,
        violations="""
            SELECT coalesce(wallet.account_id, entries.account_id) AS account_id,
                   wallet.version, entries.last, entries.many
              FROM billing_wallet AS wallet
              FULL JOIN (
                  SELECT account_id, max(version) AS last, count(*) AS many
                    FROM billing_ledger_entry
                   GROUP BY account_id
              ) AS entries ON entries.account_id = wallet.account_id
             WHERE wallet.version IS DISTINCT FROM coalesce(entries.last, 0)
                OR coalesce(entries.last, 0) <> coalesce(entries.many, 0)
        """,
    ),
    AuditCheck(
        name="entries_follow_each_other",
        promise="Each entry begins with what the one before it left, and ends with its amount more or less.",
        rows=_COUNT_ENTRIES,
        violations="""
            SELECT account_id, version, bucket
              FROM (
                  SELECT account_id, version, bucket, amount_fen, before_fen, after_fen,
                         lag(after_fen, 1, 0::bigint) OVER one_bucket AS left_fen
                    FROM billing_ledger_entry
                  WINDOW one_bucket AS (PARTITION BY account_id, bucket ORDER BY version)
              ) AS entry
             WHERE before_fen <> left_fen OR after_fen <> before_fen + amount_fen OR amount_fen = 0
        """,
    ),
    AuditCheck(
        name="counterparts_sum_to_zero",
        promise="What all counterparts gave and took is what all wallets hold.",
        rows=_COUNT_WALLETS,
        violations="""
            SELECT held.fen AS wallets_fen, moved.fen AS entries_fen
              FROM (SELECT coalesce(sum(cash_fen + bonus_fen), 0) AS fen FROM billing_wallet) AS held,
                   (SELECT coalesce(sum(amount_fen), 0) AS fen FROM billing_ledger_entry
                     WHERE counterpart IN ('PAYMENTS', 'REVENUE', 'GIFTS', 'POINTS', 'ADJUSTMENTS', 'OPENING')) AS moved
             WHERE held.fen <> moved.fen
        """,
    ),
]

_TOP_UPS = [
    AuditCheck(
        name="top_up_succeeded_is_one_credit",
        promise="A top-up that succeeded is one credit of its amount, and no other top-up is credited.",
        rows=_COUNT_TOP_UPS,
        violations="""
            SELECT coalesce(top_up.account_id, credit.account_id) AS account_id,
                   coalesce(top_up.id, credit.reason_id) AS top_up_id, top_up.state, credit.many, credit.fen
              FROM billing_top_up AS top_up
              FULL JOIN (
                  SELECT account_id, reason_id, count(*) AS many, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'TOP_UP'
                   GROUP BY account_id, reason_id
              ) AS credit ON credit.account_id = top_up.account_id AND credit.reason_id = top_up.id
             WHERE top_up.id IS NULL
                OR CASE WHEN top_up.state = 'SUCCEEDED'
                        THEN coalesce(credit.many, 0) <> 1 OR credit.fen <> top_up.amount_fen
                        ELSE credit.many IS NOT NULL END
        """,
    ),
    AuditCheck(
        name="top_up_succeeded_has_one_text",
        # What was brought in from another system was told by that system.
        promise="A top-up that succeeded here is told by exactly one text, and no other is.",
        rows=_COUNT_TOP_UPS,
        violations="""
            SELECT coalesce(top_up.account_id, text.account_id) AS account_id,
                   top_up.id AS top_up_id, text.id AS text_id
              FROM (
                  SELECT account_id, id FROM billing_top_up
                   WHERE state = 'SUCCEEDED' AND idempotency_key NOT LIKE 'import:%'
              ) AS top_up
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE kind = 'TOP_UP_RECEIVED'
              ) AS text ON text.account_id = top_up.account_id AND text.dedup_key = 'top-up:' || top_up.id
             WHERE top_up.id IS NULL OR text.id IS NULL
        """,
    ),
    AuditCheck(
        name="payment_number_leads_to_top_up",
        promise="Every payment number leads to its top-up, and every top-up is found by its number.",
        rows="SELECT count(*) FROM billing_payment_number",
        violations="""
            SELECT top_up.account_id, top_up.id AS top_up_id, number.top_up_id AS number_leads_to
              FROM billing_top_up AS top_up
              FULL JOIN billing_payment_number AS number ON number.payment_number = top_up.payment_number
             WHERE (number.account_id, number.top_up_id) IS DISTINCT FROM (top_up.account_id, top_up.id)
        """,
    ),
]

_CHARGES = [
    AuditCheck(
        name="charge_is_one_debit",
        promise="A charge that is paid is one posting of its amount; one that is owed, and anything else, is none.",
        rows=_COUNT_CHARGES,
        violations="""
            SELECT coalesce(charge.account_id, debit.account_id) AS account_id,
                   coalesce(charge.id, debit.reason_id) AS charge_id, charge.amount_fen, debit.fen, debit.postings
              FROM billing_charge AS charge
              FULL JOIN (
                  SELECT account_id, reason_id, count(DISTINCT posting_key) AS postings, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'CHARGE'
                   GROUP BY account_id, reason_id
              ) AS debit ON debit.account_id = charge.account_id AND debit.reason_id = charge.id
             WHERE charge.id IS NULL
                OR CASE WHEN charge.settled_at IS NULL
                        THEN debit.postings IS NOT NULL
                        ELSE debit.fen IS DISTINCT FROM -charge.amount_fen OR debit.postings <> 1 END
        """,
    ),
    AuditCheck(
        name="charge_has_one_notice",
        promise="A charge made here is told by exactly one text, and no text tells of a charge that was not made.",
        rows=_COUNT_CHARGES,
        violations="""
            SELECT coalesce(charge.account_id, text.account_id) AS account_id,
                   charge.id AS charge_id, text.id AS text_id
              FROM (
                  SELECT account_id, id FROM billing_charge WHERE charge_key NOT LIKE 'import:%'
              ) AS charge
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE kind IN ('CHARGE_NOTICE', 'CHARGE_DUE')
              ) AS text ON text.account_id = charge.account_id AND text.dedup_key = 'charge:' || charge.id
             WHERE charge.id IS NULL OR text.id IS NULL
        """,
    ),
]

_BILLS = [
    AuditCheck(
        name="bill_is_sum_of_lines",
        promise="A bill's total is the sum of its lines, and no line is without its bill.",
        rows=_COUNT_BILLS,
        violations="""
            SELECT coalesce(bill.account_id, lines.account_id) AS account_id,
                   coalesce(bill.period_date, lines.period_date) AS period_date, bill.total_fen, lines.fen
              FROM billing_bill AS bill
              FULL JOIN (
                  SELECT account_id, period_date, sum(amount_fen) AS fen
                    FROM billing_bill_line
                   GROUP BY account_id, period_date
              ) AS lines ON lines.account_id = bill.account_id AND lines.period_date = bill.period_date
             WHERE bill.account_id IS NULL OR bill.total_fen <> coalesce(lines.fen, 0)
        """,
    ),
    AuditCheck(
        name="bill_once_per_account_and_month",
        promise="A bill is for a whole month, one for an account.",
        rows=_COUNT_BILLS,
        violations="""
            SELECT account_id, date_trunc('month', period_date::timestamp)::date AS month
              FROM billing_bill
             GROUP BY account_id, date_trunc('month', period_date::timestamp)::date
            HAVING count(*) > 1 OR min(period_date) <> date_trunc('month', min(period_date)::timestamp)::date
        """,
    ),
    AuditCheck(
        name="bill_line_is_its_charge",
        promise="A line of a bill says what its charge or correction says, and each is on one line at most.",
        rows=_COUNT_BILL_LINES,
        violations="""
            SELECT line.account_id, line.period_date, line.number, line.charge_id
              FROM (
                  SELECT *, count(*) OVER (PARTITION BY account_id, charge_id) AS times FROM billing_bill_line
              ) AS line
              LEFT JOIN (
                  SELECT account_id, id, amount_fen, head, name, provider_name, line_id, msisdn FROM billing_charge
                  UNION ALL
                  SELECT account_id, id, -amount_fen, 'OTHER', left(words, 120), '', line_id, msisdn
                    FROM billing_adjustment
                   WHERE state = 'POSTED'
              ) AS charge ON charge.account_id = line.account_id AND charge.id = line.charge_id
             WHERE line.times > 1
                OR (line.amount_fen, line.head, line.name, line.provider_name, line.line_id, line.msisdn)
                   IS DISTINCT FROM
                   (charge.amount_fen, charge.head, charge.name, charge.provider_name, charge.line_id, charge.msisdn)
        """,
    ),
    AuditCheck(
        # The last day of the newest bill is left out: a charge committed late on it goes on the next one.
        name="charge_of_billed_month_is_on_a_bill",
        promise="A charge of a month whose bill was issued is on a bill.",
        rows=_COUNT_CHARGES,
        violations="""
            SELECT charge.account_id, charge.id AS charge_id
              FROM billing_charge AS charge
              JOIN (
                  SELECT account_id, min(period_date)::timestamp AT TIME ZONE 'Asia/Shanghai' AS starts_at,
                         (max(period_date) + interval '1 month - 1 day') AT TIME ZONE 'Asia/Shanghai' AS last_day_at
                    FROM billing_bill
                   GROUP BY account_id
              ) AS billed ON billed.account_id = charge.account_id
              LEFT JOIN billing_bill_line AS line ON line.account_id = charge.account_id AND line.charge_id = charge.id
             WHERE charge.charged_at >= billed.starts_at AND charge.charged_at < billed.last_day_at
               AND line.charge_id IS NULL
        """,
    ),
    AuditCheck(
        # A line that began after the bill was issued could not be told.
        name="bill_has_one_text",
        promise="A bill that is told here is told by exactly one text, and no text tells of one that was not issued.",
        rows=_COUNT_BILLS,
        violations="""
            SELECT coalesce(bill.account_id, text.account_id) AS account_id, bill.period_date, text.id AS text_id
              FROM (
                  SELECT account_id, period_date, issued_at, 'bill:' || to_char(period_date, 'YYYY-MM') AS told_as
                    FROM billing_bill
                    JOIN billing_bill_run USING (period_date)
                   WHERE tells_customers
              ) AS bill
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE kind IN ('BILL_READY', 'BILL_UNUSUAL')
              ) AS text ON text.account_id = bill.account_id AND text.dedup_key = bill.told_as
             WHERE bill.account_id IS NULL
                OR text.id IS NULL AND EXISTS (
                    SELECT 1 FROM accounts_line AS line
                     WHERE line.account_id = bill.account_id AND line.state <> 'CLOSED'
                       AND line.activated_at <= bill.issued_at
                )
        """,
    ),
]
