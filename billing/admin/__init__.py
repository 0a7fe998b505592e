from billing.admin import bills, money, top_ups  # noqa: F401  (registers the pages)
