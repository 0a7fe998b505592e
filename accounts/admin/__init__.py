from accounts.admin import customers, partner_grants, service_passwords, staff  # noqa: F401  (registers the pages)
