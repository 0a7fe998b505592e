"""What a line can choose for itself, one form a section; which sections there are is a setting."""

from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_http_methods

from accounts.web.preference_section import PreferenceSection
from accounts.web.signed_in import SignedInRequest, line_required
from kernel.clock import now
from kernel.errors import DomainError


@require_http_methods(["GET", "HEAD", "POST"])
@line_required
def preferences(request: SignedInRequest) -> HttpResponse:
    """Show every section; keep the one that was sent.

    :raises Http404: there is no such section.
    """
    sections = [section for section in _sections(request) if section.is_shown]
    forms = {section.name: section.make_form() for section in sections}
    refused, status, outcome = "", 200, ""
    if request.method == "POST":
        section = next((one for one in sections if one.name == request.POST.get("section")), None)
        if section is None:
            raise Http404
        form = forms[section.name] = section.make_form(request.POST)
        refused, status, outcome = section.name, 422, "INVALID"
        if form.is_valid():
            try:
                messages.success(request, str(section.save(form.cleaned_data, now=now())))
                return redirect(f"{reverse('accounts:preferences')}#{section.name}")
            except DomainError as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
                status, outcome = refusal.http_status, refusal.code
    shown: list[dict[str, Any]] = [
        {"section": section, "form": forms[section.name], "refused": section.name == refused} for section in sections
    ]
    response = render(request, "accounts/preferences.html", {"sections": shown}, status=status)
    if outcome:
        cast("Any", response).outcome = outcome
    return response


def _sections(request: SignedInRequest) -> list[PreferenceSection]:
    return [import_string(path)(request.line) for path in settings.PREFERENCE_SECTIONS]
