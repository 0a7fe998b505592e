-- Moves money into or out of one wallet, and sets money of it aside: the only SQL in the house that writes wallets,
-- entries and gifts of bonus.
--
-- amount            fen; positive comes in, to credit_bucket; negative leaves: bonus first, of it what expires first,
--                   then cash down to the overdraft. With credit_bucket CASH_ONLY it leaves the cash that is there:
--                   neither bonus nor overdraft. 0 with a held_change moves nothing and writes no entry.
-- key, hash         one key, one posting: a key met again with the same hash answers with the first outcome.
-- bonus_expires_at  until when a credit to BONUS may be spent; null: for ever.
-- held_change       fen set aside (positive) or set free; what is set aside cannot be spent.
-- returns           the wallet's balances and version right after the posting; repeated when it had been made before.
-- refusals          LG001 the key was used for other data; LG002 the balance does not reach; LG003 there is no wallet.
--                   (SQLSTATE classes from I to Z are left to applications.)
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
    at timestamptz,
    bonus_expires_at timestamptz DEFAULT NULL,
    held_change bigint DEFAULT 0
) RETURNS TABLE (cash_fen bigint, bonus_fen bigint, version bigint, repeated boolean)
LANGUAGE plpgsql
AS $$
DECLARE
    cash bigint;
    bonus bigint;
    held bigint;
    overdraft bigint;
    last_version bigint;
    bonus_move bigint;
    cash_move bigint;
    earlier record;
BEGIN
    SELECT wallet.cash_fen, wallet.bonus_fen, wallet.held_fen, wallet.overdraft_fen, wallet.version
      INTO cash, bonus, held, overdraft, last_version
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

    -- What has expired is gone before anything is spent, whether the sweeper has been here or not.
    IF bonus > 0 AND billing_expire_bonuses(ARRAY[for_account], at) > 0 THEN
        SELECT wallet.bonus_fen, wallet.version
          INTO bonus, last_version
          FROM billing_wallet AS wallet
         WHERE wallet.account_id = for_account;
    END IF;

    IF amount >= 0 THEN
        bonus_move := CASE credit_bucket WHEN 'BONUS' THEN amount ELSE 0 END;
    ELSIF credit_bucket = 'CASH_ONLY' THEN
        bonus_move := 0;
    ELSE
        bonus_move := -least(bonus, -amount);
    END IF;
    cash_move := amount - bonus_move;
    IF amount < held_change AND cash + bonus + amount - held - held_change < -overdraft
        OR credit_bucket = 'CASH_ONLY' AND amount < 0 AND cash + amount < 0
    THEN
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
    IF bonus_move > 0 THEN
        INSERT INTO billing_bonus_grant (
            account_id, version, granted_fen, left_fen, reason_kind, reason_id, granted_at, expires_at
        ) VALUES (
            for_account, last_version, bonus_move, bonus_move, with_reason_kind, with_reason_id, at, bonus_expires_at
        );
    ELSIF bonus_move < 0 THEN
        UPDATE billing_bonus_grant AS gift
           SET left_fen = gift.left_fen - least(gift.left_fen, -bonus_move - queued.before_fen)
          FROM (
              SELECT waiting.version,
                     sum(waiting.left_fen) OVER (ORDER BY waiting.expires_at NULLS LAST, waiting.version)
                     - waiting.left_fen AS before_fen
                FROM billing_bonus_grant AS waiting
               WHERE waiting.account_id = for_account AND waiting.left_fen > 0
          ) AS queued
         WHERE gift.account_id = for_account AND gift.version = queued.version AND queued.before_fen < -bonus_move;
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
       SET cash_fen = cash + cash_move, bonus_fen = bonus + bonus_move, held_fen = held + held_change,
           version = last_version, updated_at = at
     WHERE wallet.account_id = for_account;
    RETURN QUERY SELECT cash + cash_move, bonus + bonus_move, last_version, false;
END;
$$;

-- Takes what is left of gifts that have expired out of wallets, each gift once, all in one statement.
--
-- Money that is held leans on bonus first, on what expires first. A gift that a hold leans on waits, whole, until the
-- hold has ended: what was set aside in time can be captured.
--
-- returns  how many gifts have gone.
CREATE OR REPLACE FUNCTION billing_expire_bonuses(for_accounts uuid[], at timestamptz) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    gifts bigint;
BEGIN
    PERFORM
       FROM billing_wallet AS wallet
      WHERE wallet.account_id = ANY (for_accounts)
      ORDER BY wallet.account_id
        FOR NO KEY UPDATE;

    WITH due AS (
        SELECT gift.account_id, gift.version, gift.left_fen, gift.expires_at, gift.reason_id, wallet.held_fen,
               sum(gift.left_fen) OVER (PARTITION BY gift.account_id ORDER BY gift.expires_at, gift.version)
               - gift.left_fen AS before_fen
          FROM billing_bonus_grant AS gift
          JOIN billing_wallet AS wallet ON wallet.account_id = gift.account_id
         WHERE gift.account_id = ANY (for_accounts) AND gift.left_fen > 0 AND gift.expires_at <= at
    ), gone AS (
        SELECT due.*,
               row_number() OVER in_order AS place,
               sum(due.left_fen) OVER in_order AS taken_fen
          FROM due
         WHERE due.before_fen >= due.held_fen
        WINDOW in_order AS (PARTITION BY due.account_id ORDER BY due.expires_at, due.version)
    ), emptied AS (
        UPDATE billing_bonus_grant AS gift
           SET left_fen = 0
          FROM gone
         WHERE gift.account_id = gone.account_id AND gift.version = gone.version
    ), posted AS (
        INSERT INTO billing_ledger_entry (
            account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart,
            posting_key, request_hash, reason_kind, reason_id, posted_at
        )
        SELECT gone.account_id, wallet.version + gone.place, 'BONUS', -gone.left_fen,
               wallet.bonus_fen - gone.taken_fen + gone.left_fen, wallet.bonus_fen - gone.taken_fen, 'GIFTS',
               'bonus-expiry:' || gone.version, '', 'BONUS_EXPIRY', gone.reason_id, at
          FROM gone
          JOIN billing_wallet AS wallet ON wallet.account_id = gone.account_id
    ), lowered AS (
        UPDATE billing_wallet AS wallet
           SET bonus_fen = wallet.bonus_fen - total.fen, version = wallet.version + total.gifts, updated_at = at
          FROM (
              SELECT gone.account_id, sum(gone.left_fen) AS fen, count(*) AS gifts FROM gone GROUP BY gone.account_id
          ) AS total
         WHERE wallet.account_id = total.account_id
    )
    SELECT count(*) INTO gifts FROM gone;
    RETURN gifts;
END;
$$;

-- Takes back, once per key, what is left of the gift that came with a top-up: its money went back to who paid it.
--
-- most     fen at most. What the wallet's holds lean on stays as well.
-- returns  how much was taken; 0: the gift was spent, has expired, or there was none, or the key is known.
CREATE OR REPLACE FUNCTION billing_take_back_bonus(
    for_account uuid, of_top_up uuid, most bigint, key text, with_reason_id uuid, at timestamptz
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    purse record;
    gift record;
    taken bigint;
BEGIN
    SELECT wallet.bonus_fen, wallet.version + 1 AS next_version,
           greatest(wallet.cash_fen + wallet.bonus_fen + wallet.overdraft_fen - wallet.held_fen, 0) AS free_fen
      INTO purse
      FROM billing_wallet AS wallet
     WHERE wallet.account_id = for_account
       FOR NO KEY UPDATE;
    SELECT waiting.version, waiting.left_fen
      INTO gift
      FROM billing_bonus_grant AS waiting
     WHERE waiting.account_id = for_account AND waiting.reason_kind = 'TOP_UP_BONUS' AND waiting.reason_id = of_top_up
       AND (waiting.expires_at IS NULL OR waiting.expires_at > at);
    taken := least(gift.left_fen, most, purse.free_fen);
    IF coalesce(taken, 0) <= 0 OR EXISTS (
        SELECT FROM billing_ledger_entry AS entry
         WHERE entry.account_id = for_account AND entry.posting_key = key
    ) THEN
        RETURN 0;
    END IF;
    UPDATE billing_bonus_grant AS waiting
       SET left_fen = waiting.left_fen - taken
     WHERE waiting.account_id = for_account AND waiting.version = gift.version;
    INSERT INTO billing_ledger_entry (
        account_id, version, bucket, amount_fen, before_fen, after_fen, counterpart,
        posting_key, request_hash, reason_kind, reason_id, posted_at
    ) VALUES (
        for_account, purse.next_version, 'BONUS', -taken, purse.bonus_fen, purse.bonus_fen - taken, 'GIFTS',
        key, '', 'BONUS_TAKEN_BACK', with_reason_id, at
    );
    UPDATE billing_wallet AS wallet
       SET bonus_fen = purse.bonus_fen - taken, version = purse.next_version, updated_at = at
     WHERE wallet.account_id = for_account;
    RETURN taken;
END;
$$;
