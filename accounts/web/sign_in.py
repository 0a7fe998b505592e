"""Signing in: first the number, then the code of the text; or both at once with the service password.

A signed-in visitor adds another line in the same way.
"""

from datetime import datetime
from typing import Any, TypedDict, cast

from django.conf import settings
from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.operations.check_service_password import check_service_password
from accounts.operations.send_sign_in_code import TooManyCodes, WorkMissing, send_sign_in_code
from accounts.operations.sign_in import sign_in_with_code
from accounts.web.client_address import client_address
from accounts.web.next_page import safe_next
from accounts.web.service_password_forms import PasswordSignInForm
from accounts.web.sign_in_forms import CodeForm, NumberForm
from accounts.web.signed_in import Proof, remember_line
from accounts.web.work import work_context, work_of
from kernel.clock import now as current_instant
from kernel.errors import DomainError

SESSION_KEY = "sign_in"


class Pending(TypedDict):
    """What the session keeps between the two steps; instants as ISO text."""

    msisdn: str
    next: str
    next_at: str


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Ask for the number and send the code."""
    wanted = safe_next(request, request.POST.get("next") or request.GET.get("next", ""))
    now = current_instant()
    around = {**_around(wanted), **work_context(request, msisdn="", now=now)}
    if request.method != "POST":
        return render(request, "accounts/sign_in.html", {"form": NumberForm(), **around})
    form = NumberForm(request.POST)
    if form.is_valid():
        msisdn = form.cleaned_data["msisdn"]
        try:
            _send_code(request, msisdn=msisdn, wanted=wanted)
        except TooManyCodes as refusal:
            pending = _pending(request)
            if pending is None or pending["msisdn"] != msisdn:
                if isinstance(refusal, WorkMissing):
                    around |= work_context(request, msisdn=msisdn, now=now, was_refused=True)
                return _refused(request, "accounts/sign_in.html", form, refusal, **around)
            # The form came twice, or the visitor went back: the code sent before still works.
        except DomainError as refusal:
            return _refused(request, "accounts/sign_in.html", form, refusal, **around)
        return redirect("accounts:sign-in-code")
    return _refused(request, "accounts/sign_in.html", form, **around)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """Ask for the code and sign the line in."""
    pending = _pending(request)
    if pending is None:
        return redirect("accounts:sign-in")
    context = {
        "msisdn": pending["msisdn"],
        "code_minutes": settings.SIGN_IN_CODE_LIFETIME // 60,
        "resend_seconds": _seconds_until(pending["next_at"]),
        **work_context(request, msisdn=pending["msisdn"], now=current_instant()),
    }
    if request.method != "POST":
        return render(request, "accounts/sign_in_code.html", {"form": CodeForm(), **context})
    form = CodeForm(request.POST)
    if not form.is_valid():
        return _refused(request, "accounts/sign_in_code.html", form, **context)
    now = current_instant()
    try:
        line = sign_in_with_code(msisdn=pending["msisdn"], code=form.cleaned_data["code"], now=now)
    except DomainError as refusal:
        return _refused(request, "accounts/sign_in_code.html", form, refusal, **context)
    response = redirect(safe_next(request, pending["next"]))
    remember_line(request, response, line=line, proof=Proof.CODE, now=now)
    del request.session[SESSION_KEY]
    return response


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in_password(request: HttpRequest) -> HttpResponse:
    """Sign a line in with its service password."""
    wanted = safe_next(request, request.POST.get("next") or request.GET.get("next", ""))
    template, context = "accounts/sign_in_password.html", _around(wanted, by_password=True)
    if request.method != "POST":
        return render(request, template, {"form": PasswordSignInForm(), **context})
    form = PasswordSignInForm(request.POST)
    if not form.is_valid():
        return _refused(request, template, form, **context)
    now = current_instant()
    try:
        line = check_service_password(**form.cleaned_data, address=client_address(request), now=now)
    except DomainError as refusal:
        return _refused(request, template, form, refusal, **context)
    response = redirect(wanted)
    remember_line(request, response, line=line, proof=Proof.PASSWORD, now=now)
    request.session.pop(SESSION_KEY, None)
    return response


@require_POST
def resend_code(request: HttpRequest) -> HttpResponse:
    """Send a new code to the number that is signing in."""
    pending = _pending(request)
    if pending is None:
        return redirect("accounts:sign-in")
    response = redirect("accounts:sign-in-code")
    try:
        _send_code(request, msisdn=pending["msisdn"], wanted=pending["next"])
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        cast("Any", response).outcome = refusal.code
    else:
        messages.success(request, _("A new code is on its way. The one before no longer works."))
    return response


def _send_code(request: HttpRequest, *, msisdn: str, wanted: str) -> None:
    sent = send_sign_in_code(
        msisdn=msisdn, address=client_address(request), work=work_of(request), now=current_instant()
    )
    pending: Pending = {"msisdn": msisdn, "next": wanted, "next_at": sent.next_at.isoformat()}
    request.session[SESSION_KEY] = pending


def _around(wanted: str, *, by_password: bool = False) -> dict[str, Any]:
    """Return what stands around the form: where to go afterwards, and the two ways to sign in."""
    query = urlencode({"next": wanted})
    tabs = [
        {"label": _("Code by text"), "url": f"{reverse('accounts:sign-in')}?{query}", "current": not by_password},
        {
            "label": _("Service password"),
            "url": f"{reverse('accounts:sign-in-password')}?{query}",
            "current": by_password,
        },
    ]
    return {"next": wanted, "tabs": tabs}


def pending_number(request: HttpRequest) -> str:
    """Return the number that is being signed in on this browser, empty when none is: whose phone to look at now."""
    pending = _pending(request)
    return pending["msisdn"] if pending else ""


def _pending(request: HttpRequest) -> Pending | None:
    return cast("Pending | None", request.session.get(SESSION_KEY))


def _seconds_until(instant: str) -> int:
    return max(0, round((datetime.fromisoformat(instant) - current_instant()).total_seconds()))


def _refused(
    request: HttpRequest, template: str, form: Form, refusal: DomainError | None = None, **context: object
) -> HttpResponse:
    """Show the form again with what is wrong beside its field."""
    status = 422
    if refusal is not None:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        status = refusal.http_status
    response = render(request, template, {"form": form, **context}, status=status)
    first_error = next(iter(form.errors.as_data().values()))[0]
    cast("Any", response).outcome = refusal.code if refusal else str(first_error.code).upper()
    return response
