from channels.admin import interactions  # noqa: F401  (registers the page)
