"""What must hold of e-invoices. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

_COUNT_E_INVOICES = "SELECT count(*) FROM billing_e_invoice"
_LIVE = "('REQUESTED', 'EXPORTED', 'ISSUED')"

E_INVOICES = [
    AuditCheck(
        name="e_invoice_amount_is_of_the_books",
        promise="An e-invoice is worth exactly its bill, or its top-up that was credited.",
        rows=_COUNT_E_INVOICES,
        violations=f"""
            SELECT invoice.account_id, invoice.id AS e_invoice_id, invoice.amount_fen, bill.total_fen,
                   top_up.amount_fen AS top_up_fen
              FROM billing_e_invoice AS invoice
              LEFT JOIN billing_bill AS bill
                ON bill.account_id = invoice.account_id AND bill.period_date = invoice.period_date
              LEFT JOIN billing_top_up AS top_up
                ON top_up.account_id = invoice.top_up_account_id AND top_up.id = invoice.top_up_id
               AND top_up.state = 'SUCCEEDED'
               AND coalesce(top_up.payer_account_id, top_up.account_id) = invoice.account_id
             WHERE invoice.state IN {_LIVE}
               AND invoice.amount_fen IS DISTINCT FROM coalesce(bill.total_fen, top_up.amount_fen)
        """,  # noqa: S608 (our own states)
    ),
    AuditCheck(
        name="e_invoice_once_for_each_subject",
        promise="A bill or top-up is on one e-invoice at most, whoever asked.",
        rows=_COUNT_E_INVOICES,
        violations=f"""
            SELECT coalesce(top_up_account_id, account_id) AS account_id, period_date, top_up_id, count(*) AS times
              FROM billing_e_invoice
             WHERE state IN {_LIVE}
             GROUP BY coalesce(top_up_account_id, account_id), period_date, top_up_id
            HAVING count(*) > 1
        """,  # noqa: S608 (our own states)
    ),
    AuditCheck(
        name="e_invoice_number_stands_once",
        promise="An invoice number stands on one e-invoice, which is issued.",
        rows=_COUNT_E_INVOICES,
        violations="""
            SELECT account_id, id AS e_invoice_id, state
              FROM (SELECT *, count(*) OVER (PARTITION BY invoice_number) AS times FROM billing_e_invoice) AS invoice
             WHERE invoice_number <> '' AND (times > 1 OR state <> 'ISSUED')
                OR invoice_number = '' AND state = 'ISSUED'
        """,
    ),
    AuditCheck(
        name="e_invoice_outcome_has_one_text",
        promise="An e-invoice that was issued or could not be is told by exactly one text, and no other is.",
        rows=_COUNT_E_INVOICES,
        violations="""
            SELECT coalesce(invoice.account_id, text.account_id) AS account_id,
                   invoice.id AS e_invoice_id, text.id AS text_id
              FROM (SELECT account_id, id FROM billing_e_invoice WHERE state IN ('ISSUED', 'REFUSED')) AS invoice
              FULL JOIN (
                  SELECT account_id, id, dedup_key FROM messaging_sms WHERE kind = 'E_INVOICE'
              ) AS text ON text.account_id = invoice.account_id AND text.dedup_key = 'e-invoice:' || invoice.id
             WHERE invoice.id IS NULL OR text.id IS NULL
        """,
    ),
    AuditCheck(
        name="e_invoice_batch_is_its_requests",
        promise="A file of requests has as many as it says, worth what it says; no request is in a file that is not.",
        rows="SELECT count(*) FROM billing_e_invoice_batch",
        violations="""
            SELECT coalesce(batch.id, taken.batch_id) AS batch_id, batch.count, taken.many
              FROM billing_e_invoice_batch AS batch
              FULL JOIN (
                  SELECT batch_id, count(*) AS many, sum(amount_fen) AS fen
                    FROM billing_e_invoice
                   WHERE batch_id IS NOT NULL
                   GROUP BY batch_id
              ) AS taken ON taken.batch_id = batch.id
             WHERE (batch.count, batch.total_fen) IS DISTINCT FROM (taken.many, taken.fen)
        """,
    ),
]
