"""Where customers are signed in, at the staff desk, and signing a line out everywhere."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import act_with_reason, staff_of
from accounts.models import SignIn
from accounts.operations.end_all_sign_ins import end_all_sign_ins
from accounts.web.client_address import client_address
from kernel.clock import now
from kernel.errors import Text
from kernel.masking import mask_msisdn
from kernel.read_only_admin import AccountOwnedAdmin


@admin.register(SignIn)
class SignInAdmin(AccountOwnedAdmin):
    """One sign-in of a line on one browser; its place is an address with the end left out."""

    change_form_template = "admin/acting_record.html"
    list_display = ("signed_in_at", "number", "device", "place", "seen_at", "ended_at")
    list_select_related = ("line",)
    newest_by = "signed_in_at"
    shown = ("number", "device", "place", "signed_in_at", "seen_at", "ended_at", "account", "public_id")

    @admin.display(description=_("number"))
    def number(self, row: SignIn) -> str:
        """The line's number, masked."""
        return mask_msisdn(row.line.msisdn)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.end_all_view)
        return [path("<path:object_id>/end-all/", view, name="accounts_signin_end_all"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if _may_end(request):
            action = {"name": "end-all", "label": _("Sign this number out everywhere"), "asks_first": True}
            context["record_actions"] = [{"action": action, "address": "../end-all/"}]
        return super().render_change_form(request, context, *args, **kwargs)

    def end_all_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, and sign the line of a sign-in out everywhere.

        :raises Http404: there is no such sign-in.
        :raises PermissionDenied: this person may not.
        """
        row: Any = self.row_at(request, object_id)
        if row is None:
            raise Http404
        if not _may_end(request):
            raise PermissionDenied

        def end_all(reason: str) -> Text:
            ended = end_all_sign_ins(
                account_id=row.account_id,
                line_id=row.line_id,
                staff=staff_of(request),
                reason=reason,
                address=client_address(request),
                now=now(),
            )
            return gettext("Sign-ins ended: %(count)d.") % {"count": ended}

        return act_with_reason(
            request,
            page=self,
            row=row,
            title=_("Sign this number out everywhere"),
            facts=[(_("number"), self.number(row))],
            warning=_("Whoever is signed in with this number has to sign in again."),
            act=end_all,
        )


def _may_end(request: HttpRequest) -> bool:
    return request.user.has_perm("accounts.end_sign_ins")
