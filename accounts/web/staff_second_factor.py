"""Pages of the second factor of staff: setting it up, showing its code, recovery codes."""

import io
from base64 import b32encode
from collections.abc import Callable
from functools import wraps
from typing import Any, cast

import segno
from django import forms
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_otp.plugins.otp_totp.models import TOTPDevice

from accounts.models import SecondFactor, StaffUser, TraceKind
from accounts.operations.staff_second_factor import (
    check_second_factor,
    make_recovery_codes,
    make_second_factor_key,
    seal_new_key,
    set_up_second_factor,
    unseal_new_key,
)
from accounts.queries.second_factors import count_recovery_codes, get_second_factor
from accounts.web.client_address import client_address
from accounts.web.next_page import safe_next
from accounts.web.staff_sign_in import may_show_second_factor, remember_second_factor, trace_sign_in
from kernel.clock import now
from kernel.errors import DomainError

_NEW_KEY = "staff_new_second_factor_sealed"
_FEW_CODES = 3

View = Callable[[HttpRequest], HttpResponse]


class AppCodeForm(forms.Form):
    """What the authenticator app shows."""

    code = forms.CharField(
        label=_("Code of the app"),
        max_length=20,
        error_messages={"required": _("Enter the 6 digits that the app shows.")},
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}),
    )


class RecoveryCodeForm(forms.Form):
    """One of the codes that were written down."""

    code = forms.CharField(
        label=_("Recovery code"),
        max_length=40,
        error_messages={"required": _("Enter one of your recovery codes.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "autofocus": True}),
    )


def second_factor_urls(site: AdminSite) -> list[URLPattern]:
    """Return the addresses of these pages, for the staff desk."""
    pages = SecondFactorPages(site)
    return [
        path("second-factor/", pages.guarded(pages.ask), name="second-factor"),
        path("second-factor/set-up/", pages.guarded(pages.set_up), name="second-factor-set-up"),
        path("second-factor/qr.svg", pages.guarded(pages.qr), name="second-factor-qr"),
        path("second-factor/recovery-codes/", pages.guarded(pages.codes), name="second-factor-codes"),
    ]


class SecondFactorPages:
    """The pages, in the frame of the desk that they belong to.

    They are open to whoever is in, and for a short while to whoever showed the password: there the code is asked for,
    or the first app set up.
    """

    def __init__(self, site: AdminSite) -> None:
        self.site = site

    def guarded(self, page: View) -> View:
        """Return a page that is kept nowhere, and is there for staff whose password was shown."""

        @wraps(page)
        def inner(request: HttpRequest) -> HttpResponse:
            if self.site.has_permission(request) or may_show_second_factor(request):
                return page(request)
            return redirect_to_login(request.get_full_path(), reverse("admin:login"))

        return never_cache(inner)

    def ask(self, request: HttpRequest) -> HttpResponse:
        """Ask for the code; to whoever is in, show how their second factor stands."""
        staff = _staff_of(request)
        device = get_second_factor(staff)
        if device is None:
            return redirect(f"{reverse('admin:second-factor-set-up')}?{_next_query(request)}")
        if self.site.has_permission(request):
            left = count_recovery_codes(staff)
            return self._page(request, "state", _("Second factor"), device=device, codes_left=left)
        by_recovery = "recovery" in request.GET
        form = (RecoveryCodeForm if by_recovery else AppCodeForm)(request.POST or None)
        context = {"form": form, "by_recovery": by_recovery, "next_query": _next_query(request)}
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "ask", _("Second factor"), **context)
        try:
            shown, by_recovery = check_second_factor(
                staff=staff, code=form.cleaned_data["code"], address=client_address(request), now=now()
            )
        except DomainError as refusal:
            form.add_error("code", str(refusal))
            return self._page(request, "ask", _("Second factor"), **context)
        self._let_in(request, shown)
        left = count_recovery_codes(staff)
        if by_recovery or left < _FEW_CODES:
            messages.warning(
                request,
                gettext("Recovery codes left: %(count)d. Make new ones before they are gone.") % {"count": left},
            )
        return redirect("admin:second-factor" if by_recovery else _next_page(request))

    def set_up(self, request: HttpRequest) -> HttpResponse:
        """Show a new secret for an app, and take the code that proves it; then show the recovery codes once."""
        staff, is_in = _staff_of(request), self.site.has_permission(request)
        if not is_in and get_second_factor(staff) is not None:
            return redirect(f"{reverse('admin:second-factor')}?{_next_query(request)}")
        if _NEW_KEY not in request.session:
            request.session[_NEW_KEY] = seal_new_key(staff=staff, key=make_second_factor_key())
        key = unseal_new_key(staff=staff, sealed=request.session[_NEW_KEY])
        form = AppCodeForm(request.POST or None)
        secret = b32encode(bytes.fromhex(key)).decode()
        context = {
            "form": form,
            "secret": " ".join(secret[start : start + 4] for start in range(0, len(secret), 4)),
            "is_in": is_in,
        }
        if request.method != "POST" or not form.is_valid():
            return self._page(request, "set_up", _("Set up a second factor"), **context)
        try:
            device, codes = set_up_second_factor(
                staff=staff,
                key=key,
                code=form.cleaned_data["code"],
                replace=is_in,
                address=client_address(request),
                now=now(),
            )
        except DomainError as refusal:
            form.add_error("code", str(refusal))
            return self._page(request, "set_up", _("Set up a second factor"), **context)
        del request.session[_NEW_KEY]
        if is_in:
            remember_second_factor(request, device)
        else:
            self._let_in(request, device)
        return self._codes_page(request, codes)

    def qr(self, request: HttpRequest) -> HttpResponse:
        """Draw the secret that is being set up, for the camera of a phone.

        :raises Http404: none is.
        """
        if _NEW_KEY not in request.session:
            raise Http404
        staff = _staff_of(request)
        key = unseal_new_key(staff=staff, sealed=request.session[_NEW_KEY])
        address = TOTPDevice(user=staff, key=key).config_url
        drawing = io.BytesIO()
        segno.make(address, error="m").save(drawing, kind="svg", scale=5, border=4, light="white", xmldecl=False)
        return HttpResponse(drawing.getvalue(), content_type="image/svg+xml")

    def codes(self, request: HttpRequest) -> HttpResponse:
        """Make new recovery codes, for whoever shows the app's code once more."""
        staff = _staff_of(request)
        if not self.site.has_permission(request) or get_second_factor(staff) is None:
            return redirect("admin:second-factor")
        form = AppCodeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            address, at = client_address(request), now()
            try:
                check_second_factor(staff=staff, code=form.cleaned_data["code"], address=address, now=at)
            except DomainError as refusal:
                form.add_error("code", str(refusal))
            else:
                return self._codes_page(request, make_recovery_codes(staff=staff, address=address, now=at))
        return self._page(request, "new_codes", _("New recovery codes"), form=form)

    def _codes_page(self, request: HttpRequest, codes: list[str]) -> HttpResponse:
        return self._page(request, "codes", _("Recovery codes"), codes=codes, next_page=_next_page(request))

    def _let_in(self, request: HttpRequest, device: SecondFactor) -> None:
        remember_second_factor(request, device)
        trace_sign_in(request, _staff_of(request), TraceKind.SIGN_IN, page="second_factor")

    def _page(self, request: HttpRequest, name: str, title: Any, **context: Any) -> HttpResponse:
        form = context.get("form")
        everywhere = {**self.site.each_context(request), "title": title}
        status = 422 if form is not None and form.errors else 200
        return render(request, f"admin/second_factor/{name}.html", {**everywhere, **context}, status=status)


def _staff_of(request: HttpRequest) -> StaffUser:
    return cast("StaffUser", request.user)


def _next_query(request: HttpRequest) -> str:
    return urlencode({"next": request.GET.get("next", "")})


def _next_page(request: HttpRequest) -> str:
    return safe_next(request, request.GET.get("next") or reverse("admin:index"))
