from accounts.admin import customers, partner_grants, staff  # noqa: F401  (registers the pages)
