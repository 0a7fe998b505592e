-- Marks a top-up as paid, credits it and gives the bonus its campaign promised, in one round trip. The money moves through
-- billing_post_entries, as everywhere.
--
-- Lock, re-check and write are one guarded update: of many callers one gets the row, the others find it done. Money that
-- arrives after a top-up was given up is still the customer's, so every state but SUCCEEDED lets it in.
--
-- returns   the top-up, the wallet's whole balance after it, and whether the account owes something that can be paid from
--           it; no row when there was nothing to credit.
-- refusals  those of billing_post_entries.
CREATE OR REPLACE FUNCTION billing_confirm_top_up(
    for_account uuid,
    with_id uuid,
    paid numeric,
    with_provider_number text,
    key text,
    hash text,
    at timestamptz
) RETURNS TABLE (top_up billing_top_up, balance_fen bigint, is_owing boolean)
LANGUAGE plpgsql
AS $$
DECLARE
    confirmed billing_top_up;
BEGIN
    UPDATE billing_top_up AS waiting
       SET state = 'SUCCEEDED', provider_payment_number = with_provider_number, finished_at = at, failure = ''
     WHERE waiting.account_id = for_account AND waiting.id = with_id AND waiting.amount_fen = paid
       AND waiting.state <> 'SUCCEEDED'
    RETURNING * INTO confirmed;
    IF FOUND THEN
        IF confirmed.bonus_fen > 0 THEN
            PERFORM billing_post_entries(
                for_account, 'top-up-bonus:' || with_id, hash, confirmed.bonus_fen, 'BONUS', 'GIFTS', 'TOP_UP_BONUS',
                with_id, at,
                CASE WHEN confirmed.bonus_days > 0 THEN at + confirmed.bonus_days * interval '24 hours' END
            );
        END IF;
        top_up := confirmed;
        SELECT posting.cash_fen + posting.bonus_fen
          INTO balance_fen
          FROM billing_post_entries(
              for_account, key, hash, confirmed.amount_fen, 'CASH', 'PAYMENTS', 'TOP_UP', with_id, at
          ) AS posting;
        -- A statement of its own, after the wallet's row was had: a charge that became due meanwhile is seen.
        is_owing := EXISTS (
            SELECT FROM billing_charge AS due WHERE due.account_id = for_account AND due.settled_at IS NULL
        );
        RETURN NEXT;
    END IF;
END;
$$;
