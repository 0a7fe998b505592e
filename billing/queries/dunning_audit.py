"""What must hold of dunning and of what it bars. Part of `billing.queries.audit`.

A payment is followed by its restoration within seconds; a check that looks in between names the account once.
"""

from kernel.audit import AuditCheck

DUNNING = [
    AuditCheck(
        name="dunned_account_owes",
        promise="An account that is dunned owes something.",
        rows="SELECT count(*) FROM billing_dunning_case WHERE closed_at IS NULL",
        violations="""
            SELECT account_id, id AS case_id, step
              FROM billing_dunning_case AS dunned
             WHERE closed_at IS NULL
               AND NOT EXISTS (
                   SELECT FROM billing_charge AS charge
                    WHERE charge.account_id = dunned.account_id AND charge.settled_at IS NULL
               )
        """,
    ),
    AuditCheck(
        # A line that was opened after the step comes with the next one.
        name="arrears_bar_is_its_dunning_step",
        promise="A line is barred for arrears as far as the dunning of its account has gone, and no line is otherwise.",
        rows="SELECT count(*) FROM accounts_bar WHERE reason IN ('ARREARS_ONE_WAY', 'ARREARS_TWO_WAY')",
        violations="""
            SELECT coalesce(wanted.account_id, bar.account_id) AS account_id,
                   coalesce(wanted.line_id, bar.line_id) AS line_id, wanted.reason AS wanted, bar.reason
              FROM (
                  SELECT dunned.account_id, line.id AS line_id,
                         CASE dunned.step WHEN 'ONE_WAY' THEN 'ARREARS_ONE_WAY' ELSE 'ARREARS_TWO_WAY' END AS reason
                    FROM billing_dunning_case AS dunned
                    JOIN accounts_line AS line
                      ON line.account_id = dunned.account_id AND line.state <> 'CLOSED'
                     AND line.activated_at <= dunned.step_at
                   WHERE dunned.closed_at IS NULL AND dunned.step <> 'WARNED'
              ) AS wanted
              FULL JOIN (
                  SELECT account_id, line_id, reason FROM accounts_bar
                   WHERE ended_at IS NULL AND reason IN ('ARREARS_ONE_WAY', 'ARREARS_TWO_WAY')
              ) AS bar ON bar.account_id = wanted.account_id AND bar.line_id = wanted.line_id
             WHERE wanted.reason IS DISTINCT FROM bar.reason
        """,
    ),
    AuditCheck(
        name="dunning_step_follows_its_warning",
        promise="A case goes its steps in their order, each once, and no line was barred without a warning before.",
        rows="SELECT count(*) FROM billing_dunning_note WHERE kind = 'STEP'",
        violations="""
            SELECT account_id, case_id, steps
              FROM (
                  SELECT account_id, case_id, array_agg(step::text ORDER BY noted_at) AS steps
                    FROM billing_dunning_note
                   WHERE kind = 'STEP'
                   GROUP BY account_id, case_id
              ) AS taken
             WHERE steps <> (
                 ARRAY['WARNED', 'ONE_WAY', 'TWO_WAY', 'RELEASE_WARNED', 'RELEASED']
             )[1:cardinality(steps)]
        """,
    ),
]
