-- Lines around those that are measured: each with a wallet, a plan's data for the month, half a year of bills and twelve
-- movements. Parameters: first, last (line numbers), month_start, month_end, period (its first date).
INSERT INTO accounts_customer (id, name, created_at)
SELECT bench_id(71, number), '量度客户', '2020-01-01' FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO accounts_account (id, customer_id, province, created_at)
SELECT bench_id(72, number), bench_id(71, number), 'CN-GD', '2020-01-01'
  FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO accounts_line (account_id, id, msisdn, state, language, activated_at)
SELECT bench_id(72, number), bench_id(73, number), '+86196' || lpad(number::text, 8, '0'), 'ACTIVE', 'zh-hans', '2020-01-01'
  FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO billing_wallet (account_id, cash_fen, bonus_fen, overdraft_fen, version, updated_at)
SELECT bench_id(72, number), 1200, 0, 0, 12, now() FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO billing_ledger_entry (
    account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart, posting_key, request_hash, reason_kind,
    reason_id, posted_at
)
SELECT bench_id(72, number), version, 'CASH', 100, (version - 1) * 100, version * 100, 'OPENING', 'bench:' || version, '',
       'OPENING', bench_id(72, number), %(month_start)s::timestamptz - interval '15 days' * (12 - version)
  FROM generate_series(%(first)s, %(last)s) AS number, generate_series(1, 12) AS version;

INSERT INTO billing_bill (account_id, period_date, total_fen, issued_at)
SELECT bench_id(72, number), %(period)s::date - interval '1 month' * ago, 2000, now()
  FROM generate_series(1, 6) AS ago, generate_series(%(first)s, %(last)s) AS number;

INSERT INTO packages_subscription (
    account_id, id, line_id, offering_id, terms, first_month, state, started_at, ends_at, cancelled_at, cancelled_channel
)
SELECT bench_id(72, number), bench_id(74, number), bench_id(73, number), sold.offering_id, sold.terms, 'FULL', 'ACTIVE',
       %(month_start)s, NULL, NULL, ''
  FROM generate_series(%(first)s, %(last)s) AS number,
       (SELECT offering_id, terms FROM packages_subscription ORDER BY id LIMIT 1) AS sold;

INSERT INTO packages_bucket (
    account_id, id, line_id, subscription_id, usage_kind, allowance_number, scope, scope_value, is_shared, total, used,
    starts_at, ends_at
)
SELECT bench_id(72, number), bench_id(75, number), bench_id(73, number), bench_id(74, number), 'DATA', 1, 'GENERAL', '', false,
       10737418240, 1073741824, %(month_start)s, %(month_end)s
  FROM generate_series(%(first)s, %(last)s) AS number;
