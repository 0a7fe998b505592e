from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PackagesConfig(AppConfig):
    """Catalogue, orders, subscriptions, buckets, usage."""

    name = "packages_app"
    verbose_name = _("Plans and orders")

    def ready(self) -> None:
        from packages_app import receivers  # noqa: F401  (connects the receivers)
