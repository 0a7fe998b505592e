from partners.admin import calls, customer_tokens, hub_events, hubs, partner_clients, top_up_statements  # noqa: F401  (registers the pages)
