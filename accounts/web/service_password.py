"""The service password of the current line: set, change, reset, withdraw a reset."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
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
from accounts.web.service_password_forms import ChangeForm, FirstForm
from accounts.web.signed_in import SignedInRequest, line_required
from kernel.clock import now as current_instant
from kernel.errors import DomainError

PAGE = "accounts/service_password.html"


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def service_password(request: SignedInRequest) -> HttpResponse:
    """Set the first one, or change the one that is there."""
    now = current_instant()
    state = get_service_password_state(account_id=request.line.account_id, line_id=request.line.id, now=now)
    form_class: type[forms.Form] = ChangeForm if state else FirstForm
    context = {"state": state, "line": request.line}
    if request.method != "POST":
        return render(request, PAGE, {"form": form_class(), **context})
    form = form_class(request.POST)
    if not form.is_valid():
        return _refused(request, PAGE, form, None, context)
    ours: dict[str, Any] = {"account_id": request.line.account_id, "line_id": request.line.id, "now": now}
    try:
        if state:
            change_service_password(
                **ours,
                old_password=form.cleaned_data["old_password"],
                password=form.cleaned_data["password"],
                address=client_address(request),
            )
        else:
            set_service_password(**ours, password=form.cleaned_data["password"], code=form.cleaned_data["code"])
    except DomainError as refusal:
        # What is wrong with the old one stands beside the old one.
        field = "old_password" if refusal.code == "SERVICE_PASSWORD_WRONG" else refusal.field
        return _refused(request, PAGE, form, refusal, context, field=field)
    messages.success(request, _("Your service password is set. We sent you a text about it."))
    return redirect("accounts:service-password")


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def reset(request: SignedInRequest) -> HttpResponse:
    """Set a new one without the old one: a code of the text, and a day in which it can be withdrawn."""
    now, page, context = current_instant(), "accounts/service_password_reset.html", {"line": request.line}
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
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A code is on its way to your phone."))
    return redirect("accounts:service-password-reset" if "reset" in request.POST else "accounts:service-password")


def _refused(
    request: SignedInRequest,
    template: str,
    form: forms.Form,
    refusal: DomainError | None,
    context: dict[str, Any],
    *,
    field: str = "",
) -> HttpResponse:
    """Show the form again with what is wrong beside its field."""
    status, outcome = 422, "INVALID"
    if refusal is not None:
        name = field or refusal.field
        form.add_error(name if name in form.fields else None, str(refusal))
        status, outcome = refusal.http_status, refusal.code
    response = render(request, template, {"form": form, **context}, status=status)
    cast("Any", response).outcome = outcome
    return response
