-- Moves money into or out of one wallet: the only SQL in the house that writes wallets and entries.
--
-- amount      fen; positive comes in, to credit_bucket; negative leaves, bonus first, then cash down to the overdraft.
-- key, hash   one key, one posting: a key met again with the same hash answers with the first outcome.
-- returns     the wallet's balances and version right after the posting; repeated when it had been made before.
-- refusals    LG001 the key was used for other data; LG002 the balance does not reach; LG003 there is no wallet.
--             (SQLSTATE classes from I to Z are left to applications.)
--
-- The wallet is locked before the key is looked at, so that of many callers with one key the first posts and the others
-- see its entries. Every statement names the account: in a cluster all of them run on its shard.
CREATE OR REPLACE FUNCTION billing_post_entries(
    for_account uuid,
    key text,
    hash text,
    amount bigint,
    credit_bucket text,
    with_counterpart text,
    with_reason_kind text,
    with_reason_id uuid,
    at timestamptz
) RETURNS TABLE (cash_fen bigint, bonus_fen bigint, version bigint, repeated boolean)
LANGUAGE plpgsql
AS $$
DECLARE
    cash bigint;
    bonus bigint;
    overdraft bigint;
    last_version bigint;
    bonus_move bigint;
    cash_move bigint;
    earlier record;
BEGIN
    SELECT wallet.cash_fen, wallet.bonus_fen, wallet.overdraft_fen, wallet.version
      INTO cash, bonus, overdraft, last_version
      FROM billing_wallet AS wallet
     WHERE wallet.account_id = for_account
       FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the account has no wallet' USING ERRCODE = 'LG003';
    END IF;

    SELECT entry.version, entry.request_hash
      INTO earlier
      FROM billing_ledger_entry AS entry
     WHERE entry.account_id = for_account AND entry.posting_key = key
     ORDER BY entry.version DESC
     LIMIT 1;
    IF FOUND THEN
        IF earlier.request_hash <> hash THEN
            RAISE EXCEPTION 'the posting key was used for other data' USING ERRCODE = 'LG001';
        END IF;
        RETURN QUERY SELECT
            coalesce((SELECT entry.after_fen FROM billing_ledger_entry AS entry
                       WHERE entry.account_id = for_account AND entry.bucket = 'CASH' AND entry.version <= earlier.version
                       ORDER BY entry.version DESC LIMIT 1), 0),
            coalesce((SELECT entry.after_fen FROM billing_ledger_entry AS entry
                       WHERE entry.account_id = for_account AND entry.bucket = 'BONUS' AND entry.version <= earlier.version
                       ORDER BY entry.version DESC LIMIT 1), 0),
            earlier.version,
            true;
        RETURN;
    END IF;

    IF amount >= 0 THEN
        bonus_move := CASE credit_bucket WHEN 'BONUS' THEN amount ELSE 0 END;
    ELSE
        bonus_move := -least(bonus, -amount);
    END IF;
    cash_move := amount - bonus_move;
    IF cash_move < 0 AND cash + cash_move < -overdraft THEN
        RAISE EXCEPTION 'the balance does not reach' USING ERRCODE = 'LG002';
    END IF;

    IF bonus_move <> 0 THEN
        last_version := last_version + 1;
        INSERT INTO billing_ledger_entry (
            account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart,
            posting_key, request_hash, reason_kind, reason_id, posted_at
        ) VALUES (
            for_account, last_version, 'BONUS', bonus_move, bonus, bonus + bonus_move, with_counterpart,
            key, hash, with_reason_kind, with_reason_id, at
        );
    END IF;
    IF cash_move <> 0 THEN
        last_version := last_version + 1;
        INSERT INTO billing_ledger_entry (
            account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart,
            posting_key, request_hash, reason_kind, reason_id, posted_at
        ) VALUES (
            for_account, last_version, 'CASH', cash_move, cash, cash + cash_move, with_counterpart,
            key, hash, with_reason_kind, with_reason_id, at
        );
    END IF;

    UPDATE billing_wallet AS wallet
       SET cash_fen = cash + cash_move, bonus_fen = bonus + bonus_move, version = last_version, updated_at = at
     WHERE wallet.account_id = for_account;
    RETURN QUERY SELECT cash + cash_move, bonus + bonus_move, last_version, false;
END;
$$;
