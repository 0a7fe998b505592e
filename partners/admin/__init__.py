from partners.admin import calls, customer_tokens, partner_clients  # noqa: F401  (registers the pages)
