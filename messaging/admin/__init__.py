from messaging.admin import inbound, texts  # noqa: F401  (registers the pages)
