-- Points: one function posts what spending earns, one takes points away, one lets them expire. They are the only SQL in
-- the house that writes purses, lots and entries of points.
--
-- The purse's row is the lock of an account's points; it is taken before anything is looked at.

-- Posts what charges earned, each once: the row that waits for its points is deleted in the same statement, so that of
-- two workers with the same rows the later finds them gone. The arrays are columns of one list.
--
-- returns  how many of them earned something now.
CREATE OR REPLACE FUNCTION billing_earn_points(
    accounts uuid[], reasons uuid[], earned bigint[], bases bigint[], per_yuans integer[], percents integer[],
    months date[], expiries timestamptz[], at timestamptz
) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    posted_entries bigint;
BEGIN
    INSERT INTO billing_points_purse (account_id, points, version, updated_at)
    SELECT DISTINCT listed.account_id, 0, 0, at FROM unnest(accounts) AS listed (account_id) ORDER BY listed.account_id
    ON CONFLICT (account_id) DO NOTHING;
    PERFORM
       FROM billing_points_purse AS purse
      WHERE purse.account_id = ANY (accounts)
      ORDER BY purse.account_id
        FOR NO KEY UPDATE;

    WITH wanted AS (
        SELECT *
          FROM unnest(accounts, reasons, earned, bases, per_yuans, percents, months, expiries)
               AS listed (account_id, reason_id, points, base_fen, per_yuan, percent, earned_date, expires_at)
    ), taken AS (
        DELETE FROM billing_points_due AS due
         USING wanted
         WHERE due.account_id = wanted.account_id AND due.reason_id = wanted.reason_id
        RETURNING due.account_id, due.reason_id
    ), fresh AS (
        SELECT wanted.*, row_number() OVER in_order AS place, sum(wanted.points) OVER in_order AS reached
          FROM wanted
          JOIN taken USING (account_id, reason_id)
         WHERE wanted.points > 0
        WINDOW in_order AS (PARTITION BY account_id ORDER BY reason_id ROWS UNBOUNDED PRECEDING)
    ), posted AS (
        INSERT INTO billing_points_entry (
            account_id, version, counterpart, points, after_points, base_fen, points_per_yuan, percent, posting_key,
            reason_id, posted_at
        )
        SELECT fresh.account_id, purse.version + fresh.place, 'SPENDING', fresh.points, purse.points + fresh.reached,
               fresh.base_fen, fresh.per_yuan, fresh.percent, 'spending:' || fresh.reason_id, fresh.reason_id, at
          FROM fresh
          JOIN billing_points_purse AS purse ON purse.account_id = fresh.account_id
    ), kept AS (
        INSERT INTO billing_points_lot AS lot (account_id, earned_date, earned_points, left_points, expires_at)
        SELECT fresh.account_id, fresh.earned_date, sum(fresh.points), sum(fresh.points), max(fresh.expires_at)
          FROM fresh
         GROUP BY fresh.account_id, fresh.earned_date
        ON CONFLICT (account_id, earned_date) DO UPDATE
           SET earned_points = lot.earned_points + excluded.earned_points,
               left_points = lot.left_points + excluded.left_points,
               expires_at = greatest(lot.expires_at, excluded.expires_at)
    ), raised AS (
        UPDATE billing_points_purse AS purse
           SET points = purse.points + total.points, version = purse.version + total.entries, updated_at = at
          FROM (
              SELECT fresh.account_id, sum(fresh.points) AS points, count(*) AS entries FROM fresh GROUP BY fresh.account_id
          ) AS total
         WHERE purse.account_id = total.account_id
    )
    SELECT count(*) INTO posted_entries FROM fresh;
    RETURN posted_entries;
END;
$$;

-- Takes points away, of those that were earned first; what has expired goes before.
--
-- key       one key, one posting: met again with the same data it answers with the first outcome.
-- at_most   take what is there instead of refusing when it is less.
-- returns   how many were taken, how many are left, and whether it had been done before.
-- refusals  PT001 the key was used for other data; PT002 there are not so many.
CREATE OR REPLACE FUNCTION billing_take_points(
    for_account uuid,
    wanted bigint,
    key text,
    with_counterpart text,
    with_reason_id uuid,
    at_most boolean,
    of_base bigint,
    per_yuan integer,
    with_percent integer,
    at timestamptz
) RETURNS TABLE (taken bigint, points_left bigint, repeated boolean)
LANGUAGE plpgsql
AS $$
DECLARE
    there bigint;
    last_version bigint;
    earlier record;
BEGIN
    PERFORM FROM billing_points_purse AS purse WHERE purse.account_id = for_account FOR NO KEY UPDATE;
    SELECT entry.points, entry.after_points, entry.counterpart, entry.reason_id
      INTO earlier
      FROM billing_points_entry AS entry
     WHERE entry.account_id = for_account AND entry.posting_key = key;
    IF FOUND THEN
        IF (earlier.counterpart, earlier.reason_id) IS DISTINCT FROM (with_counterpart, with_reason_id)
            OR earlier.points <> -wanted AND NOT at_most
        THEN
            RAISE EXCEPTION 'the posting key was used for other data' USING ERRCODE = 'PT001';
        END IF;
        RETURN QUERY SELECT -earlier.points, earlier.after_points, true;
        RETURN;
    END IF;

    PERFORM billing_expire_points(ARRAY[for_account], at);
    SELECT purse.points, purse.version
      INTO there, last_version
      FROM billing_points_purse AS purse
     WHERE purse.account_id = for_account;
    there := coalesce(there, 0);
    IF there < wanted AND NOT at_most THEN
        RAISE EXCEPTION 'there are not so many points' USING ERRCODE = 'PT002';
    END IF;
    taken := least(wanted, there);
    points_left := there - taken;
    repeated := false;
    IF taken > 0 THEN
        UPDATE billing_points_lot AS lot
           SET left_points = lot.left_points - least(lot.left_points, taken - queued.before_points)
          FROM (
              SELECT waiting.earned_date,
                     sum(waiting.left_points) OVER (ORDER BY waiting.expires_at, waiting.earned_date)
                     - waiting.left_points AS before_points
                FROM billing_points_lot AS waiting
               WHERE waiting.account_id = for_account AND waiting.left_points > 0
          ) AS queued
         WHERE lot.account_id = for_account AND lot.earned_date = queued.earned_date AND queued.before_points < taken;
        INSERT INTO billing_points_entry (
            account_id, version, counterpart, points, after_points, base_fen, points_per_yuan, percent, posting_key,
            reason_id, posted_at
        ) VALUES (
            for_account, last_version + 1, with_counterpart, -taken, points_left, of_base, per_yuan, with_percent, key,
            with_reason_id, at
        );
        UPDATE billing_points_purse AS purse
           SET points = points_left, version = last_version + 1, updated_at = at
         WHERE purse.account_id = for_account;
    END IF;
    RETURN NEXT;
END;
$$;

-- Takes what is left of lots that have expired out of purses, all in one statement.
--
-- returns  how many lots have gone.
CREATE OR REPLACE FUNCTION billing_expire_points(for_accounts uuid[], at timestamptz) RETURNS bigint
LANGUAGE plpgsql
AS $$
DECLARE
    lots bigint;
BEGIN
    PERFORM
       FROM billing_points_purse AS purse
      WHERE purse.account_id = ANY (for_accounts)
      ORDER BY purse.account_id
        FOR NO KEY UPDATE;

    WITH gone AS (
        SELECT lot.account_id, lot.earned_date, lot.left_points,
               row_number() OVER in_order AS place, sum(lot.left_points) OVER in_order AS reached
          FROM billing_points_lot AS lot
         WHERE lot.account_id = ANY (for_accounts) AND lot.left_points > 0 AND lot.expires_at <= at
        WINDOW in_order AS (
            PARTITION BY lot.account_id ORDER BY lot.expires_at, lot.earned_date ROWS UNBOUNDED PRECEDING
        )
    ), emptied AS (
        UPDATE billing_points_lot AS lot
           SET left_points = 0
          FROM gone
         WHERE lot.account_id = gone.account_id AND lot.earned_date = gone.earned_date
    ), posted AS (
        INSERT INTO billing_points_entry (
            account_id, version, counterpart, points, after_points, base_fen, points_per_yuan, percent, posting_key,
            reason_id, posted_at
        )
        SELECT gone.account_id, purse.version + gone.place, 'EXPIRY', -gone.left_points, purse.points - gone.reached,
               0, 0, 0, 'expiry:' || gone.earned_date || ':' || purse.version + gone.place, gone.account_id, at
          FROM gone
          JOIN billing_points_purse AS purse ON purse.account_id = gone.account_id
    ), lowered AS (
        UPDATE billing_points_purse AS purse
           SET points = purse.points - total.points, version = purse.version + total.lots, updated_at = at
          FROM (
              SELECT gone.account_id, sum(gone.left_points) AS points, count(*) AS lots FROM gone GROUP BY gone.account_id
          ) AS total
         WHERE purse.account_id = total.account_id
    )
    SELECT count(*) INTO lots FROM gone;
    RETURN lots;
END;
$$;

-- Brings in points of a month from another system, once per month.
--
-- returns  whether they came in now.
CREATE OR REPLACE FUNCTION billing_bring_in_points(
    for_account uuid, brought bigint, month date, until timestamptz, at timestamptz
) RETURNS boolean
LANGUAGE plpgsql
AS $$
DECLARE
    purse record;
BEGIN
    INSERT INTO billing_points_purse (account_id, points, version, updated_at)
    VALUES (for_account, 0, 0, at)
    ON CONFLICT (account_id) DO NOTHING;
    SELECT mine.points, mine.version
      INTO purse
      FROM billing_points_purse AS mine
     WHERE mine.account_id = for_account
       FOR NO KEY UPDATE;
    IF EXISTS (
        SELECT FROM billing_points_entry AS entry
         WHERE entry.account_id = for_account AND entry.posting_key = 'opening:' || month
    ) THEN
        RETURN false;
    END IF;
    INSERT INTO billing_points_entry (
        account_id, version, counterpart, points, after_points, base_fen, points_per_yuan, percent, posting_key,
        reason_id, posted_at
    ) VALUES (
        for_account, purse.version + 1, 'OPENING', brought, purse.points + brought, 0, 0, 0, 'opening:' || month,
        for_account, at
    );
    INSERT INTO billing_points_lot AS lot (account_id, earned_date, earned_points, left_points, expires_at)
    VALUES (for_account, month, brought, brought, until)
    ON CONFLICT (account_id, earned_date) DO UPDATE
       SET earned_points = lot.earned_points + brought, left_points = lot.left_points + brought,
           expires_at = greatest(lot.expires_at, until);
    UPDATE billing_points_purse AS written
       SET points = purse.points + brought, version = purse.version + 1, updated_at = at
     WHERE written.account_id = for_account;
    RETURN true;
END;
$$;
