from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BillingConfig(AppConfig):
    """Wallets, ledger, top-ups, charges, bills."""

    name = "billing"
    verbose_name = _("Money")

    def ready(self) -> None:
        from billing import checks, receivers  # noqa: F401  (registers the system checks, connects the receivers)
