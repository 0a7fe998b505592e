"""Service passwords at the staff desk: since when there is one, and a lock taken away. What they are is nowhere."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils.translation import gettext_lazy as _

from accounts.models import ServicePassword
from accounts.operations.check_service_password import unlock_service_password
from kernel.read_only_admin import AccountOwnedAdmin, masked_number_column, number_column, record_url


@admin.register(ServicePassword)
class ServicePasswordAdmin(AccountOwnedAdmin):
    """Found by phone number. Whoever unlocks one has made sure who asks for it."""

    change_form_template = "admin/acting_record.html"
    list_display = (masked_number_column("msisdn", _("number")), "set_at", "next_at")
    list_select_related = ("line",)
    shown = (number_column("msisdn", _("number")), "set_at", "next_at", "account")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.unlock_view)
        return [path("<path:object_id>/unlock/", view, name="accounts_servicepassword_unlock"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if _may_unlock(request):
            action = {"name": "unlock", "label": _("Unlock"), "asks_first": False}
            context["record_actions"] = [{"action": action, "address": "../unlock/"}]
        return super().render_change_form(request, context, *args, **kwargs)

    def unlock_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Let the number try its service password anew.

        :raises Http404: there is no such row.
        :raises PermissionDenied: this person may not.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        row = self.row_at(request, object_id)
        if not isinstance(row, ServicePassword):
            raise Http404
        if not _may_unlock(request):
            raise PermissionDenied
        unlock_service_password(msisdn=row.msisdn)
        messages.success(request, str(_("The number can try its service password again.")))
        return redirect(record_url(self, row))


def _may_unlock(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.unlock_service_password")
