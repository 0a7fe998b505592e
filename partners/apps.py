from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnersConfig(AppConfig):
    """Partner systems: who they are, what they may see and do, what they did."""

    name = "partners"
    verbose_name = _("Partners")
