"""Switching between the lines signed in on this browser, and signing out."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.web.next_page import safe_next
from accounts.web.signed_in import forget_line, forget_lines, make_current
from kernel.ids import PublicId


@require_POST
def switch_line(request: HttpRequest) -> HttpResponse:
    """Make another signed-in line the current one and go back to `next`.

    :raises Http404: the line is not signed in here.
    """
    try:
        public_id = PublicId.parse(request.POST.get("line", ""))
    except ValueError:
        raise Http404 from None
    if not make_current(request, account_id=public_id.account_id, line_id=public_id.row_id):
        raise Http404
    return redirect(safe_next(request, request.POST.get("next", "")))


@require_POST
def detach_line(request: HttpRequest) -> HttpResponse:
    """Sign one line out of this browser; the others stay.

    :raises Http404: the line is not signed in here.
    """
    try:
        public_id = PublicId.parse(request.POST.get("line", ""))
    except ValueError:
        raise Http404 from None
    if not forget_line(request, account_id=public_id.account_id, line_id=public_id.row_id):
        raise Http404
    messages.success(request, _("The number is signed out of this device."))
    return redirect("home")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """Sign every line out of this browser."""
    forget_lines(request)
    messages.success(request, _("You are signed out."))
    return redirect("home")
