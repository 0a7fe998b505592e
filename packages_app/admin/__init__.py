from packages_app.admin import offerings, orders, subscriptions  # noqa: F401  (registers the pages)
