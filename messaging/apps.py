from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MessagingConfig(AppConfig):
    """The SMS post office."""

    name = "messaging"
    verbose_name = _("Text messages")

    def ready(self) -> None:
        from messaging import checks  # noqa: F401  (registers the system check)
