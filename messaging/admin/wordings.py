"""How texts are worded, at the staff desk: each in both languages, with a preview before anybody gets it."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.errors import DomainError, Text
from kernel.read_only_admin import ReadOnlyAdmin, instant_text
from messaging.models import SmsWording
from messaging.operations.word_texts import LONGEST_WORDS, check_words, reset_text, word_text
from messaging.queries.templates import get_template, list_templates
from messaging.queries.wordings import get_latest_wordings, list_wordings
from messaging.sms_parts import count_parts
from messaging.text_samples import sample_values
from messaging.texts import CHINESE, ENGLISH, SmsTemplate, signed

_LANGUAGE_NAMES = {CHINESE: "中文", ENGLISH: "English"}
_VERSIONS_SHOWN = 30


class WordsForm(forms.Form):
    """The words of a text in one language, and the version that was looked at."""

    words = forms.CharField(
        label=_("words"), widget=forms.Textarea(attrs={"rows": 5, "cols": 80}), max_length=LONGEST_WORDS, strip=False
    )
    version = forms.IntegerField(min_value=0, max_value=1_000_000, widget=forms.HiddenInput)


@dataclass(frozen=True, slots=True)
class _Side:
    """One language on the page of a text."""

    language: str
    language_name: str
    form: WordsForm
    placeholders: list[str]
    default: str
    worded: bool
    preview: str
    parts: int


@admin.register(SmsWording)
class WordingDesk(ReadOnlyAdmin):
    """All texts of the house, whether staff have worded them or not."""

    def get_urls(self) -> list[URLPattern]:
        """Return the list and the page of a text; there is nothing else."""
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="messaging_smswording_changelist"),
            path("<str:key>/", view(self.edit), name="messaging_smswording_edit"),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        latest = get_latest_wordings()
        rows = [
            {
                "name": template.name or template.kind,
                "key": template.key,
                "group": template.group.label,
                "urgent": template.urgent,
                "sides": [_summary(template, language, latest) for language in _LANGUAGE_NAMES],
                "url": self._url(template.key),
            }
            for template in list_templates()
        ]
        return self._page(request, "admin/messaging/wordings.html", rows=rows, title=_("wording of texts"))

    def edit(self, request: HttpRequest, key: str) -> HttpResponse:
        """Show a text in both languages; preview it, keep it, or go back to the default.

        :raises Http404: there is no such text.
        :raises PermissionDenied: this person may not look, or not change.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        try:
            template = get_template(key)
        except DomainError:
            raise Http404 from None
        sides = {language: self._side(template, language) for language in _LANGUAGE_NAMES}
        if request.method == "POST":
            language = request.POST.get("language", "")
            if language not in sides:
                raise Http404
            if not self._may_word(request):
                raise PermissionDenied
            form = WordsForm(request.POST, prefix=language)
            form.fields["words"].required = "reset" not in request.POST
            if form.is_valid() and self._act(request, template, language, form):
                return redirect(self._url(key))
            sides[language] = self._side(template, language, form)
        return self._page(
            request,
            "admin/messaging/wording.html",
            title=template.name or template.kind,
            template=template,
            sides=list(sides.values()),
            may_word=self._may_word(request),
            history=[
                (
                    instant_text(version.written_at),
                    _LANGUAGE_NAMES[version.language],
                    version.words or gettext("(default)"),
                    version.written_by,
                )
                for version in list_wordings(key, _VERSIONS_SHOWN)
            ],
        )

    def _act(self, request: HttpRequest, template: SmsTemplate, language: str, form: WordsForm) -> bool:
        """Do what the button says; True when the text has changed."""
        who, version = request.user.get_username(), form.cleaned_data["version"]
        words = form.cleaned_data["words"]
        try:
            if "reset" in request.POST:
                reset_text(
                    template_key=template.key,
                    language=language,
                    based_on_version=version,
                    written_by=who,
                    now=now(),
                )
                messages.success(request, gettext("The default is in use again."))
            elif "preview" in request.POST:
                check_words(template_key=template.key, language=language, words=words)
                return False
            else:
                word_text(
                    template_key=template.key,
                    language=language,
                    words=words,
                    based_on_version=version,
                    written_by=who,
                    now=now(),
                )
                messages.success(request, gettext("These words are used from now on."))
        except DomainError as refusal:
            form.add_error("words", str(refusal))
            return False
        return True

    def _side(self, template: SmsTemplate, language: str, form: WordsForm | None = None) -> _Side:
        kept = get_latest_wordings().get((template.key, language))
        words = (kept.words if kept else "") or template.default(language)
        shown = words
        if form is None:
            version = kept.version if kept else 0
            form = WordsForm(prefix=language, initial={"words": words, "version": version})
        elif not form.errors:
            shown = form.cleaned_data["words"]
        preview = _preview(template, language, shown)
        return _Side(
            language=language,
            language_name=_LANGUAGE_NAMES[language],
            form=form,
            placeholders=[f"{{{name}}}" for name in sorted(template.placeholders(language))],
            default=template.default(language),
            worded=bool(kept and kept.words),
            preview=preview,
            parts=count_parts(preview),
        )

    def _may_word(self, request: HttpRequest) -> bool:
        return request.user.has_perm("messaging.change_smswording")

    def _url(self, key: str) -> str:
        return reverse(f"{self.admin_site.name}:messaging_smswording_edit", args=[key])

    def _page(self, request: HttpRequest, template_name: str, *, title: Text, **context: Any) -> HttpResponse:
        site = self.admin_site.each_context(request)
        return TemplateResponse(request, template_name, {**site, "opts": self.opts, "title": title, **context})


def _summary(template: SmsTemplate, language: str, latest: dict[tuple[str, str], SmsWording]) -> dict[str, Any]:
    kept = latest.get((template.key, language))
    words = (kept.words if kept else "") or template.default(language)
    return {
        "language_name": _LANGUAGE_NAMES[language],
        "words": words,
        "parts": count_parts(_preview(template, language, words)),
        "worded_by": kept.written_by if kept and kept.words else "",
    }


def _preview(template: SmsTemplate, language: str, words: str) -> str:
    return signed(language, words.format_map(sample_values(template, language)))
