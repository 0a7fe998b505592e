from care.admin import tickets  # noqa: F401  (registers the page)
