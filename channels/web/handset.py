"""The virtual handset (虚拟手机) of demo mode: shows a number's texts, replies, and rings.

It stands beside every page, loaded after it; without script it is a page of its own. Its forms come back to the page
they stood on, or with script to the handset in its place.
"""

import functools
import uuid
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from django import forms
from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.models import Line
from accounts.queries.lines import NumberUnknown, get_line_by_msisdn
from accounts.web.next_page import safe_next
from channels.web.handset_call import forget_call, get_call, remember_call
from channels.web.handset_number import pick_number, shown_number
from channels.web.handset_screen import list_texts_on_screen, next_look
from kernel.clock import now as current_instant
from kernel.errors import DomainError
from kernel.phone import parse_msisdn
from messaging.models import InboundKind
from messaging.operations.receive_inbound import receive_inbound

View = Callable[[HttpRequest], HttpResponse]


class ReplyForm(forms.Form):
    """A text to a service number. The key makes a form that is sent twice one text."""

    msisdn = forms.CharField(max_length=20)
    to = forms.CharField(max_length=16)
    body = forms.CharField(max_length=500, strip=False)
    message_key = forms.UUIDField()


class CallForm(forms.Form):
    """A number to ring."""

    msisdn = forms.CharField(max_length=20)
    number = forms.CharField(max_length=16)


def demo_only(view: View) -> View:
    """Let a view exist in demo mode only: it shows everybody's texts to everybody."""

    @functools.wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.DEMO_MODE:
            raise Http404
        return view(request)

    return guarded


@demo_only
@never_cache
@require_safe
def panel(request: HttpRequest) -> HttpResponse:
    """Show the handset; `?msisdn=` picks whose."""
    wanted = request.GET.get("msisdn", "").strip()
    if not wanted:
        return _show(request)
    try:
        pick_number(request, get_line_by_msisdn(parse_msisdn(wanted)).msisdn)
    except DomainError as refusal:
        return _show(request, notice=str(refusal), status=422)
    return _show(request)


@demo_only
@never_cache
@require_safe
def texts(request: HttpRequest) -> HttpResponse:
    """Show the texts alone: what the handset asks for again and again."""
    line = _shown_line(request)
    if line is None:
        raise Http404
    return render(request, "components/_handset_texts.html", _conversation(request, line, current_instant()))


@demo_only
@require_POST
def reply(request: HttpRequest) -> HttpResponse:
    """Send a text to the service number as the handset's line."""
    form = ReplyForm(request.POST)
    if not form.is_valid():
        return _show(request, notice=_("Write something first, 500 characters at most."), status=422)
    if form.cleaned_data["to"].strip() != settings.SERVICE_NUMBER:
        notice = _("From here texts go to %(number)s only.") % {"number": settings.SERVICE_NUMBER}
        return _show(request, notice=notice, status=422)
    try:
        line = get_line_by_msisdn(parse_msisdn(form.cleaned_data["msisdn"]))
    except DomainError as refusal:
        return _show(request, notice=str(refusal), status=422)
    key: uuid.UUID = form.cleaned_data["message_key"]
    _receive(line, InboundKind.SMS, settings.SERVICE_NUMBER, form.cleaned_data["body"], key, current_instant())
    return _come_back(request)


@demo_only
@require_POST
def call(request: HttpRequest) -> HttpResponse:
    """Ring a number as the handset's line. Only the number that rings off is there."""
    form = CallForm(request.POST)
    if not form.is_valid():
        return _show(request, notice=_("Enter a number to ring."), status=422)
    try:
        line = get_line_by_msisdn(parse_msisdn(form.cleaned_data["msisdn"]))
    except DomainError as refusal:
        return _show(request, notice=str(refusal), status=422)
    now, number = current_instant(), form.cleaned_data["number"].strip()
    reached = number == settings.FLASH_CALL_NUMBER
    if reached:
        _receive(line, InboundKind.CALL, number, "", uuid.uuid4(), now)
    remember_call(request, msisdn=line.msisdn, number=number, reached=reached, now=now)
    return _come_back(request)


@demo_only
@require_POST
def hang_up(request: HttpRequest) -> HttpResponse:
    """End the call on the screen."""
    forget_call(request)
    return _come_back(request)


def _receive(line: Line, kind: InboundKind, to_number: str, body: str, key: uuid.UUID, now: datetime) -> None:
    receive_inbound(
        account_id=line.account_id,
        kind=kind,
        from_msisdn=line.msisdn,
        to_number=to_number,
        body=body,
        gateway_message_id=f"handset-{key.hex}",
        now=now,
    )


def _come_back(request: HttpRequest) -> HttpResponse:
    if _is_in_place(request):
        return _show(request)
    return redirect(safe_next(request, request.POST.get("next", "")))


def _show(request: HttpRequest, *, notice: str = "", status: int = 200) -> HttpResponse:
    """Draw the handset in its place beside the page, or as a page."""
    now = current_instant()
    line = _shown_line(request)
    context: dict[str, object] = {
        "number": line.msisdn if line else "",
        "notice": notice or _why_nothing_is_shown(request, line),
        "next": f"{request.get_full_path()}#handset"
        if request.method == "GET"
        else safe_next(request, request.POST.get("next", "")),
        "back": safe_next(request, request.GET.get("next", "")),
        "text_url": reverse("handset:reply"),
        "call_url": reverse("handset:call"),
        "message_key": uuid.uuid4(),
        "is_reply": request.method == "POST",
        "flash_call_number": settings.FLASH_CALL_NUMBER,
    }
    if line is not None:
        context |= _conversation(request, line, now)
        context["call"] = get_call(request, account_id=line.account_id, msisdn=line.msisdn, now=now)
    template = "channels/_handset_panel.html" if _is_in_place(request) else "channels/handset.html"
    return render(request, template, context, status=status)


def _is_in_place(request: HttpRequest) -> bool:
    return bool(cast("Any", request).htmx)


def _shown_line(request: HttpRequest) -> Line | None:
    msisdn = shown_number(request)
    try:
        return get_line_by_msisdn(msisdn) if msisdn else None
    except NumberUnknown:
        return None


def _why_nothing_is_shown(request: HttpRequest, line: Line | None) -> str:
    if line is None and shown_number(request):
        return _("This number is not in use with us, so no text comes to it.")
    return ""


def _conversation(request: HttpRequest, line: Line, now: datetime) -> dict[str, object]:
    texts_shown = list_texts_on_screen(account_id=line.account_id, msisdn=line.msisdn, now=now)
    asked = request.GET.get("looks", "")
    looks, seconds = next_look(looks=int(asked) if asked.isdecimal() and len(asked) < 6 else 0, texts=texts_shown)
    return {
        "texts": texts_shown,
        "texts_url": f"{reverse('handset:texts')}?looks={looks}",
        "poll_seconds": seconds,
    }
