"""A customer's own tokens: programs of theirs may read the account, and change nothing."""

import uuid
from datetime import timedelta
from typing import Any, cast

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext_lazy
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from kernel.clock import now
from kernel.errors import DomainError, NotFound
from partners.operations.customer_tokens import make_customer_token, revoke_customer_token
from partners.queries.customer_tokens import list_live_customer_tokens


def _lifetimes() -> list[tuple[str, str]]:
    days = settings.CUSTOMER_TOKEN_DAYS
    return [(str(count), ngettext("%(count)d day", "%(count)d days", count) % {"count": count}) for count in days]


class TokenForm(forms.Form):
    """What a token is called and how long it is valid. `request_key` makes a form that is sent twice one token."""

    name = forms.CharField(
        label=pgettext_lazy("of a token", "Name"),
        max_length=60,
        help_text=gettext_lazy("What will use it, such as “my budget app”."),
    )
    days = forms.ChoiceField(label=gettext_lazy("Valid for"), choices=_lifetimes)
    request_key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)


@require_safe
@line_required
def tokens(request: SignedInRequest) -> HttpResponse:
    """List the line's tokens."""
    line = request.line
    live = list_live_customer_tokens(account_id=line.account_id, line_id=line.id, now=now())
    return render(request, "partners/tokens.html", {"line": line, "tokens": live})


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.CODE, come_back="partners:token-make")
@sensitive_variables("written")
def make(request: SignedInRequest) -> HttpResponse:
    """Ask what the token is for, make it, and show it, this once."""
    if request.method != "POST":
        return _form_page(request, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=422, outcome="INVALID")
    entered = form.cleaned_data
    try:
        token, written = make_customer_token(
            line=request.line,
            name=entered["name"],
            lifetime=timedelta(days=int(entered["days"])),
            request_key=entered["request_key"],
            now=now(),
        )
    except DomainError as refusal:
        form.add_error(None, str(refusal))
        return _form_page(request, form, status=refusal.http_status, outcome=refusal.code)
    context = {"line": request.line, "token": token, "written": written}
    return render(request, "partners/token.html", context)


@require_POST
@line_required
def revoke(request: SignedInRequest) -> HttpResponse:
    """End a token at once.

    :raises Http404: the line has no such token.
    """
    try:
        token_id = uuid.UUID(request.POST.get("token", ""))
        line = request.line
        revoke_customer_token(account_id=line.account_id, line_id=line.id, token_id=token_id, now=now())
    except (ValueError, NotFound):
        raise Http404 from None
    messages.success(request, _("The token is revoked."))
    return redirect("partners:tokens")


def _form_page(request: SignedInRequest, form: TokenForm, *, status: int = 200, outcome: str = "OK") -> HttpResponse:
    response = render(request, "partners/token_form.html", {"line": request.line, "form": form}, status=status)
    cast("Any", response).outcome = outcome
    return response
