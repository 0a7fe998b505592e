"""Records on which staff act after a form: what, with which permission, and who does it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from kernel.errors import DomainError, Text
from kernel.read_only_admin import KEY_SEPARATOR, AccountOwnedAdmin, NumberBook, record_url


@dataclass(frozen=True, slots=True)
class Question:
    """What can be done with a record.

    :ivar name: of the address below the record's.
    :ivar lead: what to know before, one sentence.
    :ivar permission: who may.
    :ivar act: given the row, what was entered and the id of the member of staff, does it by one operation and returns
        what to say; raises DomainError.
    :ivar shows: what was returned is shown on a page of its own, and nowhere again; else it is said above the record.
    """

    name: str
    label: Text
    lead: Text
    permission: str
    form: type[forms.Form]
    act: Callable[[Any, dict[str, Any], int], Text]
    shows: bool = False


class AskingAdmin(AccountOwnedAdmin):
    """Base of read-only pages with `questions`."""

    change_form_template = "admin/acting_record.html"
    questions: tuple[Question, ...] = ()

    def get_urls(self) -> list[URLPattern]:
        """Add an address for each question."""
        pages = [
            path(
                f"<path:object_id>/{question.name}/",
                self.admin_site.admin_view(never_cache(self._view_of(question))),
                name=self._url_name(question),
            )
            for question in self.questions
        ]
        return [*pages, *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        context["record_actions"] = [
            {"action": {"label": label, "asks_first": True}, "address": address}
            for label, address in self.questions_for(request, row)
        ]
        return super().render_change_form(request, context, *args, **kwargs)

    def questions_for(self, request: HttpRequest, row: Any) -> list[tuple[Text, str]]:
        """Return name and address of what this person may do with a row as it stands."""
        return [
            (question.label, self.question_url(row, question))
            for question in self.questions
            if request.user.has_perm(question.permission) and self.may_be_asked(row, question)
        ]

    def may_be_asked(self, row: Any, question: Question) -> bool:
        """Tell whether a question makes sense for a row as it stands."""
        return True

    def facts_of(self, request: HttpRequest, row: Any) -> list[tuple[Text, object]]:
        """Return names and values of what a question is about, so that nobody acts on another's record."""
        book = cast("NumberBook", self.admin_site)
        return [
            (_("account"), book.words_for_account(request, self.account_id_of(row))),
            (str(self.opts.verbose_name), str(row)),
        ]

    def question_url(self, row: Any, question: Question) -> str:
        """Return where a question is asked about a row."""
        key = KEY_SEPARATOR.join(str(getattr(row, field.attname)) for field in self.opts.pk_fields)
        return reverse(f"{self.admin_site.name}:{self._url_name(question)}", args=[key])

    def _url_name(self, question: Question) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{question.name.replace('-', '_')}"

    def _view_of(self, question: Question) -> Callable[..., HttpResponse]:
        def view(request: HttpRequest, object_id: str) -> HttpResponse:
            row = self.get_object(request, object_id)
            if row is None or not self.has_view_permission(request, row):
                raise Http404
            if not request.user.has_perm(question.permission) or not self.may_be_asked(row, question):
                raise PermissionDenied
            return self._ask(request, row, question)

        return view

    def _ask(self, request: HttpRequest, row: Any, question: Question) -> HttpResponse:
        form = question.form(request.POST if request.method == "POST" else None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": question.label,
            "lead": question.lead,
            "facts": self.facts_of(request, row),
            "form": form,
            "record_url": record_url(self, row),
        }
        if request.method == "POST" and form.is_valid():
            try:
                said = question.act(row, form.cleaned_data, cast("int", request.user.pk))
            except DomainError as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                if question.shows:
                    return TemplateResponse(request, "admin/told.html", {**context, "told": said})
                messages.success(request, str(said))
                return redirect(record_url(self, row))
        return TemplateResponse(request, "admin/ask.html", context)
