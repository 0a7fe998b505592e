"""The privacy page: what is kept for how long, a copy of one's own data, and whether use leads to recommendations."""

import uuid
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import localtime
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.operations.data_downloads import request_data_download
from accounts.operations.privacy_choices import choose_recommendations
from accounts.operations.retention import list_all_rules
from accounts.queries.privacy import get_download_content, get_newest_download, wants_personal_recommendations
from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from kernel.clock import now as current_instant
from kernel.errors import DomainError, NotFound
from kernel.ids import PublicId

POLL_SECONDS = 5


@require_safe
@line_required
def privacy(request: SignedInRequest) -> HttpResponse:
    """Show the page; a question of the page itself is answered with the copy's state alone."""
    account_id = request.line.account_id
    download = get_newest_download(account_id, current_instant())
    context: dict[str, Any] = {
        "download": download,
        "download_id": PublicId(account_id, download.id) if download else None,
        "lifetime_hours": settings.DATA_DOWNLOAD_LIFETIME_SECONDS // 3600,
        "poll_seconds": POLL_SECONDS,
    }
    if cast("Any", request).htmx and "poll" in request.GET:
        return render(request, "accounts/_data_download.html", context)
    rules = [rule for rule in list_all_rules() if rule.shown]
    context |= {"rules": rules, "personal": wants_personal_recommendations(account_id)}
    return render(request, "accounts/privacy.html", context)


@require_POST
@step_up_required(Need.BOTH, come_back="accounts:privacy")
def data_download_request(request: SignedInRequest) -> HttpResponse:
    """Ask for a copy of all that is kept."""
    line = request.line
    try:
        request_data_download(
            account_id=line.account_id,
            line_id=line.id,
            language=get_language() or settings.LANGUAGE_CODE,
            now=current_instant(),
        )
    except DomainError as refusal:
        messages.warning(request, str(refusal))
        response = redirect("accounts:privacy")
        cast("Any", response).outcome = refusal.code
        return response
    messages.success(request, _("Your copy is being made. We text you when it is ready."))
    return redirect("accounts:privacy")


@require_safe
@step_up_required(Need.BOTH, come_back="accounts:privacy")
def data_download(request: SignedInRequest, public_id: str) -> HttpResponse:
    """Give the copy.

    :raises Http404: it is not of this account, or not there any more.
    """
    account_id, download_id = _own(request, public_id)
    try:
        content = get_download_content(account_id=account_id, download_id=download_id, now=current_instant())
    except NotFound:
        raise Http404 from None
    response = HttpResponse(content, content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="my-data-{localtime():%Y%m%d}.zip"'
    response["Cache-Control"] = "private, no-store"
    return response


@require_POST
@line_required
def privacy_choices(request: SignedInRequest) -> HttpResponse:
    """Keep whether use may lead to recommendations."""
    personal = request.POST.get("personal") == "on"
    choose_recommendations(account_id=request.line.account_id, personal=personal, now=current_instant())
    messages.success(
        request,
        _("We recommend what suits your use.") if personal else _("We show you the same offers as everybody."),
    )
    return redirect("accounts:privacy")


def _own(request: SignedInRequest, public_id: str) -> tuple[uuid.UUID, uuid.UUID]:
    try:
        parsed = PublicId.parse(public_id)
    except ValueError:
        raise Http404 from None
    if parsed.account_id != request.line.account_id:
        raise Http404
    return parsed.account_id, parsed.row_id
