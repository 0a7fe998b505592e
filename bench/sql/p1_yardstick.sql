-- The leanest way to write what confirm_top_up writes: the top-up, the wallet, its entry and the text, guarded by the
-- state of the top-up and the unique keys of the tables.
CREATE OR REPLACE FUNCTION bench_confirm_top_up(
    for_account uuid, top_up uuid, amount bigint, provider_number text, key text, words text, at timestamptz
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    balance bigint;
    wallet_version bigint;
    number text;
BEGIN
    UPDATE billing_top_up
       SET state = 'SUCCEEDED', provider_payment_number = provider_number, finished_at = at
     WHERE account_id = for_account AND id = top_up AND amount_fen = amount AND state <> 'SUCCEEDED'
    RETURNING msisdn INTO number;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE billing_wallet
       SET cash_fen = cash_fen + amount, version = version + 1, updated_at = at
     WHERE account_id = for_account
    RETURNING cash_fen, version INTO balance, wallet_version;
    INSERT INTO billing_ledger_entry (
        account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart,
        posting_key, request_hash, reason_kind, reason_id, posted_at
    ) VALUES (
        for_account, wallet_version, 'CASH', amount, balance - amount, balance, 'PAYMENTS',
        key, md5(key), 'TOP_UP', top_up, at
    );
    INSERT INTO messaging_sms (
        account_id, id, msisdn, kind, body, dedup_key, urgent, secret, state, attempts,
        queued_at, due_at, expires_at, gateway_message_id, last_error
    ) VALUES (
        for_account, top_up, number, 'TOP_UP_RECEIVED', words, key, true, false, 'QUEUED', 0,
        at, at, at + interval '3 days', '', ''
    );
    RETURN balance;
END;
$$;
