from billing.admin import adjustments, bills, campaigns, money, top_ups, wallet_records  # noqa: F401  (registers the pages)
