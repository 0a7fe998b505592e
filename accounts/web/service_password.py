"""The service password of the current line: set, change, reset, withdraw a reset."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.models import CodePurpose
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.operations.set_service_password import (
    change_service_password,
    reset_service_password,
    set_service_password,
    withdraw_reset,
)
from accounts.queries.service_passwords import get_service_password_state
from accounts.web.client_address import client_address
from accounts.web.next_page import safe_next
from accounts.web.service_password_forms import FirstForm, NewPasswordForm
from accounts.web.signed_in import Proof, SignedInRequest, add_proof, current_sign_in_id, line_required
from accounts.web.step_up import Need, step_up_required
from accounts.web.work import work_context, work_of
from kernel.clock import now as current_instant
from kernel.errors import DomainError

PAGE = "accounts/service_password.html"


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def service_password(request: SignedInRequest) -> HttpResponse:
    """Show since when there is one, or set the first one and go where it was missing."""
    now, line = current_instant(), request.line
    state = get_service_password_state(account_id=line.account_id, line_id=line.id, now=now)
    came_from = request.POST.get("next") or request.GET.get("next", "")
    context: dict[str, Any] = {"state": state, "line": line, "next": came_from}
    if state is None:
        context |= work_context(request, msisdn=line.msisdn, now=now)
    if request.method != "POST":
        return render(request, PAGE, {"form": FirstForm(), **context})
    form = FirstForm(request.POST)
    if not form.is_valid():
        return _refused(request, PAGE, form, None, context)
    try:
        set_service_password(
            account_id=line.account_id,
            line_id=line.id,
            password=form.cleaned_data["password"],
            code=form.cleaned_data["code"],
            now=now,
        )
    except DomainError as refusal:
        return _refused(request, PAGE, form, refusal, context)
    for proof in Proof:
        add_proof(request, proof, now=now)
    messages.success(request, _("Your service password is set. We sent you a text about it."))
    return redirect(safe_next(request, came_from) if came_from else reverse("accounts:service-password"))


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="accounts:service-password-change")
def change(request: SignedInRequest) -> HttpResponse:
    """Take a new one from whoever has just shown a code and the old one."""
    template, context = "accounts/service_password_change.html", {"line": request.line}
    if request.method != "POST":
        return render(request, template, {"form": NewPasswordForm(), **context})
    form = NewPasswordForm(request.POST)
    if not form.is_valid():
        return _refused(request, template, form, None, context)
    try:
        change_service_password(
            account_id=request.line.account_id,
            line_id=request.line.id,
            password=form.cleaned_data["password"],
            kept_sign_in_id=current_sign_in_id(request),
            now=current_instant(),
        )
    except DomainError as refusal:
        return _refused(request, template, form, refusal, context)
    messages.success(request, _("Your service password is set. We sent you a text about it."))
    return redirect("accounts:service-password")


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def reset(request: SignedInRequest) -> HttpResponse:
    """Set a new one without the old one: a code of the text, and a day in which it can be withdrawn."""
    now, page = current_instant(), "accounts/service_password_reset.html"
    context = {"line": request.line, **work_context(request, msisdn=request.line.msisdn, now=now)}
    if not get_service_password_state(account_id=request.line.account_id, line_id=request.line.id, now=now):
        return redirect("accounts:service-password")
    if request.method != "POST":
        return render(request, page, {"form": FirstForm(), **context})
    form = FirstForm(request.POST)
    if not form.is_valid():
        return _refused(request, page, form, None, context)
    try:
        reset_service_password(
            account_id=request.line.account_id,
            line_id=request.line.id,
            password=form.cleaned_data["password"],
            code=form.cleaned_data["code"],
            kept_sign_in_id=current_sign_in_id(request),
            now=now,
        )
    except DomainError as refusal:
        return _refused(request, page, form, refusal, context)
    messages.success(request, _("The new service password waits until the time below."))
    return redirect("accounts:service-password")


@require_POST
@line_required
def withdraw(request: SignedInRequest) -> HttpResponse:
    """Keep the old one instead of the one that waits."""
    try:
        withdraw_reset(account_id=request.line.account_id, line_id=request.line.id, now=current_instant())
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The reset is withdrawn. Your old service password stays."))
    return redirect("accounts:service-password")


@require_POST
@line_required
def send_code(request: SignedInRequest) -> HttpResponse:
    """Send the code that setting and resetting ask for, to the line itself."""
    try:
        send_sign_in_code(
            msisdn=request.line.msisdn,
            address=client_address(request),
            purpose=CodePurpose.SERVICE_PASSWORD,
            work=work_of(request),
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A code is on its way to your phone."))
    if "reset" in request.POST:
        return redirect("accounts:service-password-reset")
    came_from = request.POST.get("next", "")
    query = f"?{urlencode({'next': safe_next(request, came_from)})}" if came_from else ""
    return redirect(f"{reverse('accounts:service-password')}{query}")


def _refused(
    request: SignedInRequest,
    template: str,
    form: forms.Form,
    refusal: DomainError | None,
    context: dict[str, Any],
) -> HttpResponse:
    """Show the form again with what is wrong beside its field."""
    status, outcome = 422, "INVALID"
    if refusal is not None:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        status, outcome = refusal.http_status, refusal.code
    response = render(request, template, {"form": form, **context}, status=status)
    cast("Any", response).outcome = outcome
    return response
