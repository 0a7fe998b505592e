"""The staff desk: Django's own admin with the hall's name on it, and with pages for rows that have composite keys."""

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.db.models import Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffUser, TraceKind
from accounts.queries.lines import list_account_ids_of_number, list_numbers_of_accounts
from accounts.web.staff_second_factor import second_factor_urls
from accounts.web.staff_sign_in import (
    StaffSignInForm,
    may_show_second_factor,
    remember_password,
    trace_sign_in,
    waits_for_second_factor,
)
from accounts.web.staff_traces import View, note_list, note_looks, traced
from kernel.read_only_admin import AccountOwnedAdmin, Owner, ReadOnlyAdmin, list_url
from portal.desk.figures_page import FiguresPage
from portal.desk.line_page import LinePages

# In the order in which a clerk thinks of a customer; what is not named here follows.
_APPS = ("accounts", "packages_app", "billing", "care", "messaging", "channels", "partners", "auth")
_MODELS = ("Customer", "Account", "Line", "Order", "Subscription", "Bucket", "Offering", "Wallet", "LedgerEntry")


class HallAdminSite(admin.AdminSite):
    """Admin site of the hall; every app registers its pages here."""

    site_header = _("Business hall staff desk")
    site_title = _("Staff desk")
    index_title = _("Today")
    login_form = StaffSignInForm

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[admin.ModelAdmin] | None = None,
        **options: Any,
    ) -> None:
        """Register models; those with a composite key may only be looked at."""
        if admin_class is None or not issubclass(admin_class, ReadOnlyAdmin):
            super().register(model_or_iterable, admin_class, **options)
            return
        for model in [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else model_or_iterable:
            # Not by Django's `register`, which turns composite keys away: ReadOnlyAdmin makes links for them.
            self._registry[model] = admin_class(model, self)

    def get_urls(self) -> list[Any]:
        """Return Django's addresses but for the one that leads from any row to its page on the site: none has one."""
        addresses = [address for address in super().get_urls() if getattr(address, "name", "") != "view_on_site"]
        return [*second_factor_urls(self), *LinePages(self).urls, *FiguresPage(self).urls, *addresses]

    def has_permission(self, request: HttpRequest) -> bool:
        """Let in staff who showed what they have to: the password, and the second factor where it is due."""
        return super().has_permission(request) and not waits_for_second_factor(request)

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Return a page of the desk: for staff only, and what they see and do there leaves traces."""
        return super().admin_view(traced(view), cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for the password, and lead on to the second factor where it is due."""
        password_shown = super().has_permission(request) and may_show_second_factor(request)
        if request.method == "GET" and password_shown and waits_for_second_factor(request):
            query = urlencode({"next": request.GET.get("next", "")})
            return redirect(f"{reverse('admin:second-factor')}?{query}")
        answer = super().login(request, extra_context)
        if request.method == "POST" and answer.status_code == HTTPStatus.FOUND:
            remember_password(request)
        return answer

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Sign out, which leaves a trace."""
        staff = cast("StaffUser", request.user)
        if request.method == "POST" and staff.pk is not None:
            trace_sign_in(request, staff, TraceKind.SIGN_OUT, page="logout")
        return super().logout(request, extra_context)

    def note_looks(self, request: HttpRequest, owners: Collection[Owner]) -> None:
        """Note whose record is shown (`kernel.read_only_admin.NumberBook`)."""
        note_looks(request, owners)

    def note_found(self, request: HttpRequest, owners: Collection[Owner]) -> None:
        """Note whom a search found (`kernel.read_only_admin.NumberBook`)."""
        note_looks(request, owners, kind=TraceKind.SEARCH)

    def note_list(self, request: HttpRequest, count: int) -> None:
        """Note how many rows a list shows (`kernel.read_only_admin.NumberBook`)."""
        note_list(request, count)

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Return what every page of the desk knows."""
        return {**super().each_context(request), "staff_second_factor": settings.STAFF_SECOND_FACTOR}

    def accounts_of_number(self, msisdn: str) -> Collection[uuid.UUID]:
        """Return the accounts that have or had a number (`kernel.read_only_admin.NumberBook`)."""
        return list_account_ids_of_number(msisdn)

    def numbers_of_accounts(self, account_ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, Sequence[str]]:
        """Return the numbers of accounts (`kernel.read_only_admin.NumberBook`)."""
        return list_numbers_of_accounts(account_ids)

    def lists_of_account(self, request: HttpRequest, account_id: uuid.UUID) -> list[tuple[str, str]]:
        """Return name and address of the page of an account's line and of each list of its rows
        (`kernel.read_only_admin.NumberBook`).
        """
        query = urlencode({"q": str(account_id)})
        may_see_lines = request.user.has_perm("accounts.view_line")
        whole = [(str(_("All on one page")), f"{reverse('admin:search')}?{query}")] if may_see_lines else []
        return whole + [
            (str(page.opts.verbose_name_plural), f"{list_url(page)}?{query}")
            for page in self._registry.values()
            if isinstance(page, AccountOwnedAdmin) and page.has_view_permission(request)
        ]

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the index in the order of the desk, staff beside their roles."""
        apps = super().get_app_list(request, app_label)
        by_label = {app["app_label"]: app for app in apps}
        if "auth" in by_label and "accounts" in by_label:
            people = by_label["accounts"]["models"]
            by_label["auth"]["models"] += [model for model in people if model["object_name"] == "StaffUser"]
            by_label["accounts"]["models"] = [model for model in people if model["object_name"] != "StaffUser"]
        for app in apps:
            app["models"].sort(key=lambda model: _place(model["object_name"], _MODELS))
        return sorted(apps, key=lambda app: _place(app["app_label"], _APPS))


def _place(name: str, order: Sequence[str]) -> int:
    return order.index(name) if name in order else len(order)
