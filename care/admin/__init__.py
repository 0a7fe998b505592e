from care.admin import sites, tickets  # noqa: F401  (registers the pages)
