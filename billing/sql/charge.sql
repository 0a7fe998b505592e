-- Charges: one function makes a charge, whether it comes alone or in a batch, and one settles what is owed. Their money
-- moves through billing_post_entries, as everywhere.
--
-- The wallet's row is the lock of an account's charges: it is taken before they are looked at.

-- What can be spent of a wallet, whose row stays locked. Expired bonus has left it first.
--
-- returns  balance with the overdraft, without what is set aside, and the balance alone; no row: there is no wallet.
CREATE OR REPLACE FUNCTION billing_lock_spendable(for_account uuid, at timestamptz)
RETURNS TABLE (spendable_fen bigint, balance_fen bigint)
LANGUAGE plpgsql
AS $$
BEGIN
    PERFORM FROM billing_wallet AS wallet WHERE wallet.account_id = for_account FOR NO KEY UPDATE;
    PERFORM billing_expire_bonuses(ARRAY[for_account], at)
       FROM billing_wallet AS wallet
      WHERE wallet.account_id = for_account AND wallet.bonus_fen > 0;
    RETURN QUERY
    SELECT wallet.cash_fen + wallet.bonus_fen + wallet.overdraft_fen - wallet.held_fen,
           wallet.cash_fen + wallet.bonus_fen
      FROM billing_wallet AS wallet
     WHERE wallet.account_id = for_account;
END;
$$;

-- Takes a charge's money from the wallet; the request's hash is made as billing.operations.ledger makes it. What was
-- spent waits for its points (billing.operations.earn_points).
--
-- held     fen that were set aside for it, and are not any more.
-- returns  the balance after it.
CREATE OR REPLACE FUNCTION billing_post_charge(
    for_account uuid, charge_id uuid, amount bigint, at timestamptz, held bigint DEFAULT 0
) RETURNS bigint
LANGUAGE plpgsql
AS $$
BEGIN
    INSERT INTO billing_points_due (account_id, reason_id, kind, spent_fen, settled_at)
    VALUES (for_account, charge_id, 'CHARGE', amount, at);
    RETURN (
        SELECT posting.cash_fen + posting.bonus_fen
          FROM billing_post_entries(
              for_account,
              'charge:' || charge_id,
              encode(sha256(convert_to(concat_ws('|', -amount, 'CASH', 'REVENUE', 'CHARGE', charge_id), 'UTF8')), 'hex'),
              -amount, 'CASH', 'REVENUE', 'CHARGE', charge_id, at, NULL, -held
          ) AS posting
    );
END;
$$;

-- Charges one wallet, once per key.
--
-- may_owe  what the wallet does not reach for is owed instead of refused.
-- held     fen that were set aside for it: they are set free, all of them, with the charge.
-- returns  outcome: SETTLED, DUE (it is owed), or, when nothing was done, REPEATED (charged before), CONFLICT (the key was
--          charged before with other data), SHORT (the wallet does not reach), NO_WALLET; the balance after it; and what
--          the account owes in all when it is DUE.
CREATE OR REPLACE FUNCTION billing_charge_wallet(
    for_account uuid,
    with_id uuid,
    for_line uuid,
    with_msisdn text,
    on_head text,
    with_name text,
    with_provider text,
    amount bigint,
    with_reason text,
    with_reason_id uuid,
    key text,
    at timestamptz,
    may_owe boolean,
    held bigint DEFAULT 0,
    OUT outcome text,
    OUT balance_fen bigint,
    OUT owed_fen bigint
)
LANGUAGE plpgsql
AS $$
DECLARE
    spendable bigint;
    earlier record;
BEGIN
    SELECT wallet.spendable_fen, wallet.balance_fen
      INTO spendable, balance_fen
      FROM billing_lock_spendable(for_account, at) AS wallet;
    IF NOT FOUND THEN
        outcome := 'NO_WALLET';
        RETURN;
    END IF;

    SELECT (charge.line_id, charge.head, charge.name, charge.provider_name, charge.amount_fen, charge.reason,
            charge.reason_id)
           IS NOT DISTINCT FROM
           (for_line, on_head, with_name, with_provider, amount, with_reason, with_reason_id) AS is_same
      INTO earlier
      FROM billing_charge AS charge
     WHERE charge.account_id = for_account AND charge.id = with_id;
    IF FOUND THEN
        outcome := CASE WHEN earlier.is_same THEN 'REPEATED' ELSE 'CONFLICT' END;
        RETURN;
    END IF;

    IF amount <= spendable + held THEN
        outcome := 'SETTLED';
        balance_fen := billing_post_charge(for_account, with_id, amount, at, held);
    ELSIF may_owe THEN
        outcome := 'DUE';
    ELSE
        outcome := 'SHORT';
        RETURN;
    END IF;
    INSERT INTO billing_charge (
        account_id, id, line_id, msisdn, head, name, provider_name, amount_fen, reason, reason_id, charge_key,
        charged_at, settled_at
    ) VALUES (
        for_account, with_id, for_line, with_msisdn, on_head, with_name, with_provider, amount, with_reason,
        with_reason_id, key, at, CASE outcome WHEN 'SETTLED' THEN at END
    );
    IF outcome = 'DUE' THEN
        SELECT sum(charge.amount_fen)
          INTO owed_fen
          FROM billing_charge AS charge
         WHERE charge.account_id = for_account AND charge.settled_at IS NULL;
    END IF;
END;
$$;

-- The charges that were copied into charge_request, wallet after wallet in the order of accounts, so that batches wait
-- for each other and never deadlock.
CREATE OR REPLACE FUNCTION billing_charge_accounts(at timestamptz)
RETURNS TABLE (number integer, outcome text, balance_fen bigint, owed_fen bigint)
LANGUAGE plpgsql
AS $$
DECLARE
    request record;
BEGIN
    FOR request IN SELECT * FROM charge_request AS staged ORDER BY staged.account_id, staged.number LOOP
        RETURN QUERY
        SELECT request.number, charged.outcome, charged.balance_fen, charged.owed_fen
          FROM billing_charge_wallet(
              request.account_id, request.id, request.line_id, request.msisdn, request.head, request.name,
              request.provider_name, request.amount_fen, request.reason, request.reason_id, request.charge_key, at,
              request.may_owe
          ) AS charged;
    END LOOP;
END;
$$;

-- Pays what an account owes, oldest first, as far as the wallet reaches: it stops at the first charge that is too large.
--
-- returns  how many charges were paid and their sum, the last of them, the balance after them, and what is owed still.
CREATE OR REPLACE FUNCTION billing_settle_dues(
    for_account uuid,
    at timestamptz,
    OUT paid_charges integer,
    OUT paid_fen bigint,
    OUT last_charge_id uuid,
    OUT balance_fen bigint,
    OUT owed_fen bigint
)
LANGUAGE plpgsql
AS $$
DECLARE
    spendable bigint;
    due record;
BEGIN
    paid_charges := 0;
    paid_fen := 0;
    SELECT wallet.spendable_fen, wallet.balance_fen
      INTO spendable, balance_fen
      FROM billing_lock_spendable(for_account, at) AS wallet;

    FOR due IN
        SELECT charge.id, charge.amount_fen
          FROM billing_charge AS charge
         WHERE charge.account_id = for_account AND charge.settled_at IS NULL
         ORDER BY charge.charged_at, charge.id
    LOOP
        EXIT WHEN due.amount_fen > spendable - paid_fen;
        balance_fen := billing_post_charge(for_account, due.id, due.amount_fen, at);
        UPDATE billing_charge AS charge
           SET settled_at = greatest(at, charge.charged_at)
         WHERE charge.account_id = for_account AND charge.id = due.id AND charge.settled_at IS NULL;
        paid_charges := paid_charges + 1;
        paid_fen := paid_fen + due.amount_fen;
        last_charge_id := due.id;
    END LOOP;

    SELECT coalesce(sum(charge.amount_fen), 0)
      INTO owed_fen
      FROM billing_charge AS charge
     WHERE charge.account_id = for_account AND charge.settled_at IS NULL;
END;
$$;
