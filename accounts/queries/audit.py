"""What must hold among customers, accounts and numbers. Read by `manage.py audit_books`."""

from django.conf import settings

from kernel.audit import AuditCheck


def list_checks() -> list[AuditCheck]:
    """Return the invariants of accounts."""
    return [
        AuditCheck(
            name="account_has_customer",
            promise="Every account belongs to a customer.",
            rows="SELECT count(*) FROM accounts_account",
            violations="""
                SELECT account.id AS account_id, account.customer_id
                  FROM accounts_account AS account
                  LEFT JOIN accounts_customer AS customer ON customer.id = account.customer_id
                 WHERE customer.id IS NULL
            """,
        ),
        AuditCheck(
            name="prospect_has_no_account",
            promise="Whom a partner entered and who has an account is a customer, no prospect.",
            rows="SELECT count(*) FROM accounts_customer WHERE is_prospect",
            violations="""
                SELECT account.id AS account_id, account.customer_id
                  FROM accounts_customer AS customer
                  JOIN accounts_account AS account ON account.customer_id = customer.id
                 WHERE customer.is_prospect
            """,
        ),
        AuditCheck(
            name="partner_message_is_one_text",
            promise="Each message of a partner is a text of its kind to its number.",
            rows="SELECT count(*) FROM accounts_partner_message",
            violations="""
                SELECT message.account_id, message.id
                  FROM accounts_partner_message AS message
                  LEFT JOIN messaging_sms AS text
                    ON text.account_id = message.account_id AND text.id = message.id
                 WHERE (text.kind, text.msisdn) IS DISTINCT FROM ('PARTNER_MESSAGE', message.msisdn)
            """,
        ),
        AuditCheck(
            name="number_leads_to_its_line",
            promise="Every number of a line in use leads to that line, and every number leads to a line in use.",
            rows="SELECT count(*) FROM accounts_line WHERE state <> 'CLOSED'",
            violations="""
                SELECT line.account_id, line.id AS line_id,
                       directory.account_id AS leads_to_account_id, directory.line_id AS leads_to_line_id
                  FROM (SELECT account_id, id, msisdn FROM accounts_line WHERE state <> 'CLOSED') AS line
                  FULL JOIN accounts_number_directory AS directory ON directory.msisdn = line.msisdn
                 WHERE (line.account_id, line.id) IS DISTINCT FROM (directory.account_id, directory.line_id)
            """,
        ),
        AuditCheck(
            name="number_rests_unused",
            promise="A number that rests leads nowhere.",
            rows="SELECT count(*) FROM accounts_resting_number",
            violations="""
                SELECT directory.account_id, directory.line_id, resting.rests_until
                  FROM accounts_resting_number AS resting
                  JOIN accounts_number_directory AS directory ON directory.msisdn = resting.msisdn
            """,
        ),
        AuditCheck(
            name="document_lines_counted",
            promise="As many lines are counted under a document as stand under it.",
            rows="SELECT count(*) FROM accounts_document_directory",
            violations="""
                SELECT coalesce(kept.lines, 0) AS kept, coalesce(counted.lines, 0) AS counted
                  FROM (SELECT number_hash, lines FROM accounts_document_directory WHERE lines > 0) AS kept
                  FULL JOIN (
                      SELECT document.number_hash, count(*) AS lines
                        FROM accounts_identity_document AS document
                        JOIN accounts_line AS line
                          ON line.account_id = document.account_id AND line.state <> 'CLOSED'
                       GROUP BY document.number_hash
                  ) AS counted ON counted.number_hash = kept.number_hash
                 WHERE kept.lines IS DISTINCT FROM counted.lines
            """,
        ),
        AuditCheck(
            name="sim_card_of_its_line",
            promise="A line in use has one SIM card at most, a closed one none, and each card leads to who has it.",
            rows="SELECT count(*) FROM accounts_sim_card",
            violations="""
                SELECT card.account_id, card.line_id, card.id AS card_id
                  FROM accounts_sim_card AS card
                  LEFT JOIN accounts_line AS line
                    ON line.account_id = card.account_id AND line.id = card.line_id AND line.state <> 'CLOSED'
                  LEFT JOIN accounts_sim_directory AS directory
                    ON directory.iccid = card.iccid AND directory.account_id = card.account_id
                   AND directory.line_id = card.line_id
                 WHERE card.to_at IS NULL
                 GROUP BY card.account_id, card.line_id, card.id
                HAVING count(line.id) <> 1 OR count(directory.iccid) <> 1
            """,
        ),
        AuditCheck(
            name="code_guessed_within_its_limit",
            promise="No sign-in code was guessed at more often than allowed, and none was used without a guess.",
            rows="SELECT count(*) FROM accounts_sign_in_code",
            violations=f"""
                SELECT sent_at, guesses, used_at
                  FROM accounts_sign_in_code
                 WHERE guesses > {int(settings.SIGN_IN_CODE_GUESSES)} OR (used_at IS NOT NULL AND guesses = 0)
            """,  # noqa: S608 (a number of ours)
        ),
        AuditCheck(
            name="line_state_follows_its_bars",
            promise="A line is suspended while something bars it, and a closed line is barred by nothing.",
            rows="SELECT count(*) FROM accounts_line",
            violations="""
                SELECT line.account_id, line.id AS line_id, line.state, count(bar.id) AS bars
                  FROM accounts_line AS line
                  LEFT JOIN accounts_bar AS bar
                    ON bar.account_id = line.account_id AND bar.line_id = line.id AND bar.ended_at IS NULL
                 GROUP BY line.account_id, line.id, line.state
                HAVING (line.state = 'SUSPENDED') <> (count(bar.id) > 0)
            """,
        ),
        AuditCheck(
            name="star_is_what_the_points_reach",
            promise="A rating has the highest star whose points it reaches in its table, and that star's overdraft.",
            rows="SELECT count(*) FROM accounts_star_rating",
            violations="""
                SELECT rating.account_id, rating.period_date, rating.points, rating.star, reached.star AS reached_star
                  FROM accounts_star_rating AS rating
                  JOIN accounts_star_table AS named ON named.id = rating.table_id
                  LEFT JOIN LATERAL (
                      SELECT band.star, band.overdraft_fen
                        FROM accounts_star_band AS band
                       WHERE band.table_id = rating.table_id AND band.least_points <= rating.points
                         AND rating.months_on_network >= named.minimum_months
                       ORDER BY band.star DESC
                       LIMIT 1
                  ) AS reached ON true
                 WHERE (rating.star, rating.overdraft_fen) IS DISTINCT FROM
                       (reached.star, coalesce(reached.overdraft_fen, 0))
            """,
        ),
    ]
