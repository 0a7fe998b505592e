-- The leanest way to write what issue_bills writes: bills, lines and texts by one bare INSERT … SELECT … GROUP BY with
-- the same joins; without chunks, without turns, without a guard against running twice.
WITH line AS (
    INSERT INTO billing_bill_line (
        account_id, period_date, number, head, name, provider_name, amount_fen, line_id, msisdn, charge_id
    )
    SELECT account_id, %(period)s,
           row_number() OVER (
               PARTITION BY account_id ORDER BY array_position(%(heads)s::text[], head::text), charged_at, id
           ),
           head, name, provider_name, amount_fen, line_id, msisdn, id
      FROM billing_charge
     WHERE charged_at >= %(starts_at)s AND charged_at < %(ends_at)s
    RETURNING account_id, amount_fen
), bill AS (
    INSERT INTO billing_bill (account_id, period_date, total_fen, issued_at)
    SELECT account_id, %(period)s, sum(amount_fen), now() FROM line GROUP BY account_id
    RETURNING account_id, total_fen
)
INSERT INTO messaging_sms (
    account_id, id, msisdn, kind, body, dedup_key, urgent, secret, state, attempts, queued_at, due_at, expires_at,
    gateway_message_id, last_error
)
SELECT bill.account_id, md5(bill.account_id || %(told_as)s)::uuid, told.msisdn,
       CASE WHEN bill.total_fen > 5 * before.average THEN 'BILL_UNUSUAL' ELSE 'BILL_READY' END,
       format(%(words)s, bill.total_fen / 100, lpad((bill.total_fen %% 100)::text, 2, '0')), %(told_as)s, false, false,
       'QUEUED', 0, now(), now(), now() + interval '7 days', '', ''
  FROM bill
  JOIN accounts_line AS told ON told.account_id = bill.account_id AND told.state <> 'CLOSED'
  JOIN (
      SELECT account_id, avg(total_fen) AS average FROM billing_bill
       WHERE period_date < %(period)s AND period_date >= %(period)s::date - interval '3 months'
       GROUP BY account_id
  ) AS before ON before.account_id = bill.account_id
