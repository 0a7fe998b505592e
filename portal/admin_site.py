"""The staff desk: Django's own admin with the hall's name on it, and with pages for rows that have composite keys."""

import functools
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import Any, cast

from django.conf import settings
from django.contrib import admin
from django.core.exceptions import BadRequest
from django.db.models import DateTimeField, Model
from django.db.models.base import ModelBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
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
from kernel.clock import now
from kernel.desk_waiting import StaffVisit
from kernel.masking import mask_msisdn
from kernel.read_only_admin import AccountOwnedAdmin, Owner, ReadOnlyAdmin, list_url
from portal.desk.app_list import group_pages
from portal.desk.date_time_widget import NamedSplitDateTime
from portal.desk.figures_page import FiguresPage
from portal.desk.line_page import LinePages
from portal.desk.waiting import list_waiting


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
        found = [model_or_iterable] if isinstance(model_or_iterable, ModelBase) else list(model_or_iterable)
        if admin_class is None or not issubclass(admin_class, ReadOnlyAdmin):
            super().register(found, admin_class, **options)
            # Django leaves out a model that another takes the place of.
            for page in (self._registry[model] for model in found if model in self._registry):
                cast("Any", page.formfield_overrides)[DateTimeField]["widget"] = NamedSplitDateTime
            return
        for model in found:
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
        return super().admin_view(_nul_refused(traced(view)), cacheable)

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
        """Return name and address of each list of an account's rows (`kernel.read_only_admin.NumberBook`)."""
        query = urlencode({"q": str(account_id)})
        return [
            (str(page.opts.verbose_name_plural), f"{list_url(page)}?{query}")
            for page in self._registry.values()
            if isinstance(page, AccountOwnedAdmin) and page.has_view_permission(request)
        ]

    def whole_of_account(self, request: HttpRequest, account_id: uuid.UUID) -> str:
        """Return the address of the page of an account's line (`kernel.read_only_admin.NumberBook`)."""
        if not request.user.has_perm("accounts.view_line"):
            return ""
        return f"{reverse('admin:search')}?{urlencode({'q': str(account_id)})}"

    def words_for_account(self, request: HttpRequest, account_id: uuid.UUID) -> str:
        """Return the numbers of an account, leading to it (`kernel.read_only_admin.NumberBook`)."""
        numbers = self.numbers_of_accounts({account_id}).get(account_id, ())
        words = ", ".join(mask_msisdn(number) for number in numbers) or str(account_id)
        if not request.user.has_perm("accounts.view_account"):
            return words
        return format_html('<a href="{}">{}</a>', reverse("admin:accounts_account_change", args=[account_id]), words)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show where everything stands, and first what waits for this person."""
        return super().index(request, {**(extra_context or {}), "waiting": list_waiting(StaffVisit(request, now()))})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Return the pages of one app, or all of them in the groups of the desk."""
        apps = super().get_app_list(request, app_label)
        return apps if app_label else group_pages(apps)


def _nul_refused(view: View) -> View:
    """Return a view that takes no NUL in its query string: filters of a list give it to the database as it stands."""

    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if any("\0" in value for _name, values in request.GET.lists() for value in values):
            raise BadRequest("a NUL in the query string")
        return view(request, *args, **kwargs)

    return cast("View", guarded)
