"""What must hold for recharge cards. Part of `billing.queries.audit`."""

from kernel.audit import AuditCheck

_COUNT_VOUCHERS = "SELECT count(*) FROM billing_voucher"
# Fourteen digits or more, in one piece or in groups: fewer than any PIN has, so that one with a digit missing is found
# as well, and more than a phone number has.
_LONG_NUMBER = "[0-9]{14}|([0-9]{3,}[- ]){4}[0-9]{2}|([0-9]{4,}[- ]){3}[0-9]{2}|([0-9]{6,}[- ]){2}[0-9]{2}"

VOUCHERS = [
    AuditCheck(
        name="voucher_redeemed_is_one_credit",
        promise="A used recharge card is one top-up that succeeded and one credit of its face value, and no other is.",
        rows=_COUNT_VOUCHERS,
        violations="""
            SELECT coalesce(voucher.account_id, top_up.account_id) AS account_id,
                   coalesce(voucher.top_up_id, top_up.id) AS top_up_id, top_up.state, voucher.face_fen, credit.fen
              FROM (SELECT * FROM billing_voucher WHERE state = 'REDEEMED') AS voucher
              FULL JOIN (SELECT * FROM billing_top_up WHERE provider = 'VOUCHER') AS top_up
                ON top_up.account_id = voucher.account_id AND top_up.id = voucher.top_up_id
              LEFT JOIN (
                  SELECT account_id, reason_id, count(*) AS many, sum(amount_fen) AS fen
                    FROM billing_ledger_entry
                   WHERE reason_kind = 'TOP_UP'
                   GROUP BY account_id, reason_id
              ) AS credit ON credit.account_id = top_up.account_id AND credit.reason_id = top_up.id
             WHERE (top_up.state, top_up.amount_fen, top_up.provider_payment_number, credit.many, credit.fen)
                   IS DISTINCT FROM
                   ('SUCCEEDED', voucher.face_fen, voucher.serial_number, 1::bigint, voucher.face_fen::numeric)
        """,
    ),
    AuditCheck(
        name="voucher_top_up_is_of_one_card",
        promise="Two recharge cards never lead to one top-up, and a serial number is on one card.",
        rows=_COUNT_VOUCHERS,
        violations="""
            SELECT account_id, top_up_id, NULL AS serial_number
              FROM billing_voucher
             WHERE top_up_id IS NOT NULL
             GROUP BY account_id, top_up_id
            HAVING count(*) > 1
             UNION ALL
            SELECT NULL, NULL, serial_number FROM billing_voucher GROUP BY serial_number HAVING count(*) > 1
        """,
    ),
    AuditCheck(
        name="voucher_batch_is_its_cards",
        promise="A batch has as many recharge cards as were made, each of its face value and its last day.",
        rows="SELECT count(*) FROM billing_voucher_batch",
        violations="""
            SELECT batch.number, batch.count, cards.many
              FROM billing_voucher_batch AS batch
              LEFT JOIN (
                  SELECT batch_id, count(*) AS many, min(face_fen) AS least_fen, max(face_fen) AS most_fen,
                         min(expires_at) AS first_at, max(expires_at) AS last_at
                    FROM billing_voucher
                   GROUP BY batch_id
              ) AS cards ON cards.batch_id = batch.number
             WHERE (cards.many, cards.least_fen, cards.most_fen, cards.first_at, cards.last_at) IS DISTINCT FROM
                   (batch.count::bigint, batch.face_fen, batch.face_fen,
                    (batch.valid_until_date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai',
                    (batch.valid_until_date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
        """,
    ),
    AuditCheck(
        # A text that came in and is not answered yet still has to be read.
        name="voucher_pin_is_not_kept",
        promise="No PIN of a recharge card stands in a text that was received or sent.",
        rows="SELECT count(*) FROM messaging_inbound",
        violations=f"""
            SELECT account_id, id FROM messaging_inbound
             WHERE answered_at IS NOT NULL AND body ~ '{_LONG_NUMBER}'
             UNION ALL
            SELECT account_id, id FROM messaging_sms WHERE body ~ '{_LONG_NUMBER}'
        """,  # noqa: S608 (our own pattern)
    ),
]
