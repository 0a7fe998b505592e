-- Accounts with a line each, a plan's data for the month and a pack that began within it. Parameters: accounts, month_start,
-- month_end.
INSERT INTO accounts_customer (id, name, created_at)
SELECT bench_id(31, number), '量度客户', '2020-01-01' FROM generate_series(1, %(accounts)s) AS number;

INSERT INTO accounts_account (id, customer_id, province, created_at)
SELECT bench_id(32, number), bench_id(31, number), 'CN-GD', '2020-01-01' FROM generate_series(1, %(accounts)s) AS number;

INSERT INTO accounts_line (account_id, id, msisdn, state, language, activated_at)
SELECT bench_id(32, number), bench_id(33, number), '+86198' || lpad(number::text, 8, '0'), 'ACTIVE', 'zh-hans', '2020-01-01'
  FROM generate_series(1, %(accounts)s) AS number;

INSERT INTO accounts_number_directory (msisdn, account_id, line_id)
SELECT '+86198' || lpad(number::text, 8, '0'), bench_id(32, number), bench_id(33, number)
  FROM generate_series(1, %(accounts)s) AS number;

INSERT INTO packages_subscription (
    account_id, id, line_id, offering_id, terms, first_month, state, started_at, ends_at, cancelled_at, cancelled_channel
)
SELECT bench_id(32, number), bench_id(33 + place, number), bench_id(33, number), 'BENCH-' || place, %(terms)s, 'FULL', 'ACTIVE',
       %(month_start)s, NULL, NULL, ''
  FROM generate_series(1, %(accounts)s) AS number, generate_series(1, 2) AS place;

-- From 500 MB to 10 GB, so that some thresholds are passed in every batch.
INSERT INTO packages_bucket (
    account_id, id, line_id, subscription_id, usage_kind, allowance_number, scope, scope_value, is_shared, total, used,
    starts_at, ends_at
)
SELECT bench_id(32, number), bench_id(35 + place, number), bench_id(33, number), bench_id(33 + place, number), 'DATA', 1,
       'GENERAL', '', false, (500 + number * 37 %% 9500) * 1048576::bigint, 0, %(month_start)s, %(month_end)s
  FROM generate_series(1, %(accounts)s) AS number, generate_series(1, 2) AS place;

-- The month is under way: nobody uses data for the first time.
INSERT INTO packages_usage_counter (account_id, line_id, usage_kind, period_date, total, abroad, beyond, last_record_at)
SELECT bench_id(32, number), bench_id(33, number), 'DATA', %(period)s, 0, 0, 0, %(month_start)s
  FROM generate_series(1, %(accounts)s) AS number;
