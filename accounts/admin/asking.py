"""Acts at the staff desk that ask why before they are done: one page for all of them."""

from collections.abc import Callable, Sequence
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _

from accounts.models import StaffUser
from kernel.errors import DomainError, Text
from kernel.read_only_admin import record_url

MAX_REASON = 200


class ReasonForm(forms.Form):
    """Why."""

    reason = forms.CharField(label=_("reason"), max_length=MAX_REASON)


def act_with_reason(
    request: HttpRequest,
    *,
    page: admin.ModelAdmin,
    row: Any,
    title: Text,
    facts: Sequence[tuple[Text, object]],
    warning: Text,
    act: Callable[[str], Text],
    then: str = "",
) -> HttpResponse:
    """Show what is about to be done and ask why; then do it, say what came of it, and lead back to the record.

    :param facts: names and values of what it is done to.
    :param warning: what it does, in a sentence.
    :param act: given the reason, does it and returns the sentence for the person.
    :param then: address to go on to, if not the record's.
    """
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, str(act(form.cleaned_data["reason"])))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect(then or record_url(page, row))
    context = {
        **page.admin_site.each_context(request),
        "opts": page.opts,
        "title": title,
        "form": form,
        "facts": facts,
        "warning": warning,
        "record_url": record_url(page, row),
    }
    return TemplateResponse(request, "admin/accounts/ask_reason.html", context, status=422 if form.errors else 200)


def staff_of(request: HttpRequest) -> StaffUser:
    """Return who is signed in at the desk."""
    return cast("StaffUser", request.user)
