"""The staff desk: Django's own admin with the hall's name on it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _


class HallAdminSite(admin.AdminSite):
    """Admin site of the hall; every app registers its pages here."""

    site_header = _("Business hall staff desk")
    site_title = _("Staff desk")
    index_title = _("Today")
