-- Accounts with a line each, four charges in the month, spread over it and over the table as they fall due,
-- and the bills of the three months before. Parameters: first and last (account numbers), period (its first date).
INSERT INTO accounts_customer (id, name, created_at)
SELECT bench_id(1, number), '量度客户', '2020-01-01' FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO accounts_account (id, customer_id, province, created_at)
SELECT bench_id(2, number), bench_id(1, number), 'CN-GD', '2020-01-01' FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO accounts_line (account_id, id, msisdn, state, language, activated_at)
SELECT bench_id(2, number), bench_id(3, number), '+86197' || lpad(number::text, 8, '0'), 'ACTIVE', 'zh-hans', '2020-01-01'
  FROM generate_series(%(first)s, %(last)s) AS number;

INSERT INTO billing_charge (
    account_id, id, line_id, msisdn, head, name, provider_name, amount_fen, reason, reason_id, charge_key, charged_at,
    settled_at
)
SELECT bench_id(2, number), bench_id(3 + place, number), bench_id(3, number),
       '+86197' || lpad(number::text, 8, '0'), head, '套餐外' || head, '', 100 + (number * place) %% 900, reason,
       bench_id(2, number), 'bench:' || place, charged.at, charged.at
  FROM (VALUES ('PLAN', 'SUBSCRIPTION', 1), ('VOICE', 'USAGE', 2), ('DATA', 'USAGE', 3), ('MESSAGES', 'USAGE', 4))
       AS due (head, reason, place),
       generate_series(%(first)s, %(last)s) AS number,
       (SELECT %(period)s::timestamp AT TIME ZONE 'Asia/Shanghai' AS starts_at) AS month,
       LATERAL (SELECT starts_at + interval '5 days' * place + interval '1 millisecond' * number AS at) AS charged
 ORDER BY place, number;

INSERT INTO billing_bill (account_id, period_date, total_fen, issued_at)
SELECT bench_id(2, number), %(period)s::date - interval '1 month' * ago, 2000, now()
  FROM generate_series(3, 1, -1) AS ago, generate_series(%(first)s, %(last)s) AS number;
