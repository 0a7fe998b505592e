"""Holiday windows at the staff desk: public holidays as the calendar has them, local ones by supervisors."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext, gettext_lazy

from accounts.models import HolidayWindow
from accounts.queries.holidays import list_missing_years
from kernel.clock import now


@admin.register(HolidayWindow)
class HolidayWindowAdmin(admin.ModelAdmin):
    """When good customers are not suspended."""

    list_display = ("name_zh", "name_en", "province_words", "starts_at", "ends_at", "minimum_star", "is_kept_by_staff")
    list_filter = ("province", "minimum_star", "is_kept_by_staff")
    search_fields = ("code", "name_zh", "name_en")
    fields = ("code", "name_zh", "name_en", "province", "starts_at", "ends_at", "minimum_star")
    date_hierarchy = "starts_at"
    actions = None

    @admin.display(description=gettext_lazy("province"), ordering="province")
    def province_words(self, row: HolidayWindow) -> str:
        """Return the code of the province, or that it is all of them."""
        return row.province or gettext("all")

    def get_readonly_fields(self, request: HttpRequest, obj: HolidayWindow | None = None) -> tuple[str, ...]:
        """Keep the code: notes on suspensions that did not happen name the window by it."""
        return ("code",) if obj else ()

    def save_model(self, request: HttpRequest, obj: HolidayWindow, form: forms.ModelForm, change: bool) -> None:
        """Make the window staff's: the calendar does not change it any more."""
        obj.is_kept_by_staff = True
        super().save_model(request, obj, form, change)

    def has_delete_permission(self, request: HttpRequest, obj: HolidayWindow | None = None) -> bool:
        """Never: what is over has ended, and what was wrong is made to end."""
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say which year's public holidays nobody has entered."""
        for year in list_missing_years(now()):
            sentence = gettext(
                "The calendar does not know the public holidays of %(year)s. Update it, or enter them here."
            )
            messages.warning(request, sentence % {"year": year})
        return super().changelist_view(request, extra_context)
