"""Second factors of staff at the desk: who has one and when it was used, and taking one away. No secret is shown."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import act_with_reason, staff_of
from accounts.models import SecondFactor
from accounts.operations.staff_second_factor import reset_second_factor
from accounts.queries.second_factors import count_recovery_codes
from accounts.web.client_address import client_address
from kernel.clock import now
from kernel.errors import Text
from kernel.read_only_admin import ReadOnlyAdmin, instant_text, list_url


@admin.register(SecondFactor)
class SecondFactorAdmin(ReadOnlyAdmin):
    """Found by user name."""

    change_form_template = "admin/acting_record.html"
    list_display = ("user", "set_up_at", "used_at", "throttling_failure_count")
    list_select_related = ("user",)
    ordering = ("-id",)
    search_fields = ("user__username",)
    search_help_text = _("Beginning of a user name")
    shown = ("user", "set_up_at", "used_at", "throttling_failure_count", "codes_left")

    @admin.display(description=_("set up at"))
    def set_up_at(self, row: SecondFactor) -> str:
        """Since when."""
        return instant_text(row.created_at)

    @admin.display(description=_("last used at"))
    def used_at(self, row: SecondFactor) -> str:
        """When its code last let somebody in."""
        return instant_text(row.last_used_at)

    @admin.display(description=_("recovery codes left"))
    def codes_left(self, row: SecondFactor) -> int:
        """How many recovery codes still work."""
        return count_recovery_codes(row.user)

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        return queryset.filter(user__username__startswith=search_term.strip()), False

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.reset_view)
        return [path("<path:object_id>/reset/", view, name="accounts_secondfactor_reset"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if _may_reset(request):
            action = {"name": "reset", "label": _("Reset"), "asks_first": True}
            context["record_actions"] = [{"action": action, "address": "../reset/"}]
        return super().render_change_form(request, context, *args, **kwargs)

    def reset_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, and take a second factor away.

        :raises Http404: there is no such row.
        :raises PermissionDenied: this person may not.
        """
        row: Any = self.row_at(request, object_id)
        if row is None:
            raise Http404
        if not _may_reset(request):
            raise PermissionDenied

        def reset(reason: str) -> Text:
            reset_second_factor(
                staff=row.user, by=staff_of(request), reason=reason, address=client_address(request), now=now()
            )
            return _("The second factor is gone; another is set up at the next sign-in.")

        return act_with_reason(
            request,
            page=self,
            row=row,
            title=_("Reset the second factor"),
            facts=[(_("staff member"), row.user), (_("set up at"), self.set_up_at(row))],
            warning=_("Make sure who asks: whoever knows the password can then set up a phone of their own."),
            act=reset,
            then=list_url(self),
        )


def _may_reset(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.reset_second_factor")
