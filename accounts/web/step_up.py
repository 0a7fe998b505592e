"""Step-up: what a visitor has proved of the current line lately, and pages that ask for more than being signed in.

A code of the text lets one look, the service password lets one order; detail records and the sensitive acts need both.
A proof is as old as its code or password and holds for `settings.STEP_UP_SECONDS`.
"""

import functools
from collections.abc import Callable
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from accounts.models import CodePurpose
from accounts.operations.check_service_password import check_service_password
from accounts.operations.send_sign_in_code import send_sign_in_code
from accounts.operations.sign_in import use_code
from accounts.queries.service_passwords import get_service_password_state
from accounts.web.client_address import client_address
from accounts.web.next_page import safe_next
from accounts.web.service_password_forms import PasswordForm
from accounts.web.sign_in_forms import CodeForm
from accounts.web.signed_in import Proof, SignedInRequest, View, add_proof, line_required, proved_at
from accounts.web.work import work_context, work_of
from kernel.clock import now as current_instant
from kernel.errors import DomainError


class Need(Enum):
    """What a page asks for, in the order in which it is asked."""

    CODE = (Proof.CODE,)
    PASSWORD = (Proof.PASSWORD,)
    BOTH = (Proof.CODE, Proof.PASSWORD)


def step_up_required(need: Need, *, come_back: str = "home") -> Callable[[View], View]:
    """Let a view see visitors who have lately proved what it needs; others prove what is missing and come back.

    :param come_back: name of the page to come back to after a form was turned away, since it cannot be sent again.
    """

    def decorated(view: View) -> View:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return ask_for_proof(request, need, come_back=reverse(come_back)) or view(request, *args, **kwargs)

        return line_required(cast("View", guarded))

    return decorated


def ask_for_proof(request: HttpRequest, need: Need, *, come_back: str) -> HttpResponse | None:
    """Return the way to prove what is missing, None when nothing is; for views that need it only at times.

    :param come_back: address to come back to after a form was turned away.
    """
    return _to_step_up(request, need, come_back) if _missing(request, need, now=current_instant()) else None


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def step_up(request: SignedInRequest) -> HttpResponse:
    """Ask for the first thing that is missing; when nothing is, go where the visitor wanted to go."""
    now, need = current_instant(), _need(request)
    wanted = safe_next(request, request.POST.get("next") or request.GET.get("next", ""))
    missing = _missing(request, need, now=now)
    if not missing:
        return redirect(wanted)
    asked, line = missing[0], request.line
    if asked is Proof.PASSWORD and not get_service_password_state(account_id=line.account_id, line_id=line.id, now=now):
        messages.info(request, _("This needs a service password too. Set one first."))
        return redirect(f"{reverse('accounts:service-password')}?{urlencode({'next': wanted})}")
    form_class = CodeForm if asked is Proof.CODE else PasswordForm
    context: dict[str, Any] = {
        "asked": asked.value,
        "line": line,
        "need": need.name,
        "next": wanted,
        "more": len(missing) > 1,
    }
    if asked is Proof.CODE:
        context |= work_context(request, msisdn=line.msisdn, now=now)
    if request.method != "POST":
        return render(request, "accounts/step_up.html", {"form": form_class(), **context})
    form = form_class(request.POST)
    status, outcome = 422, "INVALID"
    if form.is_valid():
        try:
            if asked is Proof.CODE:
                code = form.cleaned_data["code"]
                use_code(msisdn=line.msisdn, code=code, purpose=CodePurpose.STEP_UP, now=now)
            else:
                check_service_password(
                    msisdn=line.msisdn,
                    password=form.cleaned_data["password"],
                    address=client_address(request),
                    now=now,
                )
            add_proof(request, asked, now=now)
            return redirect(wanted if len(missing) == 1 else _address(need, wanted))
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            status, outcome = refusal.http_status, refusal.code
    response = render(request, "accounts/step_up.html", {"form": form, **context}, status=status)
    cast("Any", response).outcome = outcome
    return response


@require_POST
@line_required
def send_step_up_code(request: SignedInRequest) -> HttpResponse:
    """Send the current line the code that the page asks for."""
    try:
        send_sign_in_code(
            msisdn=request.line.msisdn,
            address=client_address(request),
            purpose=CodePurpose.STEP_UP,
            work=work_of(request),
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("A code is on its way to your phone."))
    return redirect(_address(_need(request), safe_next(request, request.POST.get("next", ""))))


def _need(request: HttpRequest) -> Need:
    """Return what the address names; it only says what is asked here, the page behind looks for itself."""
    name = request.POST.get("need") or request.GET.get("need", "")
    return Need[name] if name in Need.__members__ else Need.BOTH


def _missing(request: HttpRequest, need: Need, *, now: datetime) -> list[Proof]:
    oldest = now - timedelta(seconds=settings.STEP_UP_SECONDS)
    proved = {proof: proved_at(request, proof) for proof in need.value}
    return [proof for proof, at in proved.items() if at is None or at <= oldest]


def _to_step_up(request: HttpRequest, need: Need, come_back: str) -> HttpResponse:
    htmx = cast("Any", request).htmx
    if htmx:
        wanted = htmx.current_url_abs_path or come_back
    else:
        wanted = request.get_full_path() if request.method == "GET" else come_back
    address = _address(need, wanted)
    response = HttpResponseClientRedirect(address) if htmx else redirect(address)
    cast("Any", response).outcome = "STEP_UP_REQUIRED"
    return response


def _address(need: Need, wanted: str) -> str:
    return f"{reverse('accounts:step-up')}?{urlencode({'need': need.name, 'next': wanted})}"
