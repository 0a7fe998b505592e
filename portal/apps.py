from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """The roof."""

    name = "portal"


class HallAdminConfig(AdminConfig):
    """Django's admin under the hall's own site (portal.admin_site)."""

    default_site = "portal.admin_site.HallAdminSite"
