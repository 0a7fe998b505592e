-- Rates the accounts whose inputs were copied into star_input by a star table, and writes nothing: ratings are kept, and
-- tables tried out, by the same figures.
--
-- star_input  account_id, months_on_network, has_real_name, average_spend_fen, late_months, suspensions.
-- returns     the inputs with the points of each, their sum, and the highest star whose points they reach; no star for
--             whoever is not on the network for the table's least months.
CREATE OR REPLACE FUNCTION accounts_rate_stars(with_table uuid)
RETURNS TABLE (
    account_id uuid,
    months_on_network integer,
    has_real_name boolean,
    average_spend_fen bigint,
    late_months smallint,
    suspensions smallint,
    months_points smallint,
    real_name_points smallint,
    spend_points smallint,
    late_points smallint,
    suspension_points smallint,
    points smallint,
    star smallint,
    overdraft_fen bigint
)
LANGUAGE plpgsql
AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    WITH step AS (
        SELECT input, at_least, points,
               lead(at_least) OVER (PARTITION BY input ORDER BY at_least) AS below
          FROM accounts_star_step
         WHERE table_id = with_table
    )
    SELECT given.account_id, given.months_on_network, given.has_real_name, given.average_spend_fen, given.late_months,
           given.suspensions, months.points::smallint, real_name.points::smallint, spend.points::smallint,
           late.points::smallint, barred.points::smallint, total.points::smallint, band.star::smallint,
           coalesce(band.overdraft_fen, 0)
      FROM star_input AS given
      JOIN step AS months
        ON months.input = 'MONTHS' AND given.months_on_network >= months.at_least
       AND (months.below IS NULL OR given.months_on_network < months.below)
      JOIN step AS real_name
        ON real_name.input = 'REAL_NAME' AND given.has_real_name::integer >= real_name.at_least
       AND (real_name.below IS NULL OR given.has_real_name::integer < real_name.below)
      JOIN step AS spend
        ON spend.input = 'SPEND' AND given.average_spend_fen >= spend.at_least
       AND (spend.below IS NULL OR given.average_spend_fen < spend.below)
      JOIN step AS late
        ON late.input = 'LATE' AND given.late_months >= late.at_least
       AND (late.below IS NULL OR given.late_months < late.below)
      JOIN step AS barred
        ON barred.input = 'SUSPENSIONS' AND given.suspensions >= barred.at_least
       AND (barred.below IS NULL OR given.suspensions < barred.below)
     CROSS JOIN LATERAL (
         SELECT months.points + real_name.points + spend.points + late.points + barred.points AS points
     ) AS total
      LEFT JOIN LATERAL (
          SELECT reached.star, reached.overdraft_fen
            FROM accounts_star_band AS reached
            JOIN accounts_star_table AS named ON named.id = reached.table_id
           WHERE reached.table_id = with_table
             AND reached.least_points <= total.points
             AND given.months_on_network >= named.minimum_months
           ORDER BY reached.star DESC
           LIMIT 1
      ) AS band ON true;
END;
$$;
