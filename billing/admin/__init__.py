from billing.admin import (  # noqa: F401  (registers the pages)
    adjustments,
    bank_cards,
    bills,
    campaigns,
    e_invoices,
    money,
    one_off_fees,
    reconciliations,
    refunds,
    top_ups,
    vouchers,
    wallet_records,
)
