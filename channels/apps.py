from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """Self-service halls other than the pages."""

    name = "channels"
    verbose_name = _("Channels")

    def ready(self) -> None:
        from channels import receivers  # noqa: F401  (connects the receivers)
