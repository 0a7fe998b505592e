from messaging.admin import inbound, texts, wordings  # noqa: F401  (registers the pages)
