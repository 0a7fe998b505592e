from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """Customers, accounts, lines, sign-in, staff."""

    name = "accounts"
    verbose_name = _("Customers and lines")

    def ready(self) -> None:
        from accounts import checks  # noqa: F401  (registers the system checks)
