from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CareConfig(AppConfig):
    """Enquiries and complaints as tickets."""

    name = "care"
    verbose_name = _("Customer care")
