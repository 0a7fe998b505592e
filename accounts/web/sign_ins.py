"""Where the current line is signed in, and signing it out there."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.operations.sign_ins import end_other_sign_ins, end_sign_in
from accounts.queries.sign_ins import list_live_sign_ins
from accounts.web.signed_in import SignedInRequest, current_sign_in_id, line_required, list_signed_in_lines
from kernel.clock import now
from kernel.errors import NotFound
from kernel.ids import PublicId


@require_safe
@line_required
def sign_ins(request: SignedInRequest) -> HttpResponse:
    """List the browsers on which the line is signed in, and the lines that are signed in on this one."""
    line = request.line
    rows = list_live_sign_ins(account_id=line.account_id, line_id=line.id, now=now())
    here = current_sign_in_id(request)
    context = {
        "line": line,
        "rows": [{"sign_in": row, "is_here": row.id == here} for row in rows],
        "lines": [
            {"msisdn": one.msisdn, "public_id": str(PublicId(one.account_id, one.id))}
            for one in list_signed_in_lines(request)
        ],
    }
    return render(request, "accounts/sign_ins.html", context)


@require_POST
@line_required
def end(request: SignedInRequest) -> HttpResponse:
    """Sign the line out on one browser.

    :raises Http404: the line is not signed in there.
    """
    try:
        sign_in_id = uuid.UUID(request.POST.get("sign_in", ""))
        end_sign_in(
            account_id=request.line.account_id,
            line_id=request.line.id,
            sign_in_id=sign_in_id,
            now=now(),
        )
    except (ValueError, NotFound):
        raise Http404 from None
    messages.success(request, _("Signed out there."))
    return redirect("accounts:sign-ins")


@require_POST
@line_required
def end_others(request: SignedInRequest) -> HttpResponse:
    """Sign the line out everywhere but here."""
    line = request.line
    ended = end_other_sign_ins(
        account_id=line.account_id, line_id=line.id, kept_id=current_sign_in_id(request), now=now()
    )
    words = ngettext("Signed out on %(count)d other device.", "Signed out on %(count)d other devices.", ended)
    messages.success(request, words % {"count": ended})
    return redirect("accounts:sign-ins")
