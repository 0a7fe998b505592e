from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class PortalConfig(AppConfig):
    """The roof."""

    name = "portal"


class HallAdminConfig(AdminConfig):
    """Django's admin under the hall's own site (portal.admin_site)."""

    default_site = "portal.admin_site.HallAdminSite"

    def ready(self) -> None:
        """Register every app's pages, then take away those that libraries bring: partners have pages of their
        own, and nobody is to read the secrets of second factors.
        """
        super().ready()
        from django.contrib import admin
        from django_otp.plugins.otp_totp.models import TOTPDevice
        from oauth2_provider.models import AccessToken, Application, Grant, IDToken, RefreshToken

        admin.site.unregister([AccessToken, Application, Grant, IDToken, RefreshToken, TOTPDevice])
