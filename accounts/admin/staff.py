"""Staff members: only superusers get here."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from accounts.models import StaffUser

admin.site.register(StaffUser, UserAdmin)
