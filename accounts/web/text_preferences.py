"""Which texts a line gets, when not, and in which language: two sections of the preferences page."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.models import Language
from accounts.operations.set_text_language import set_text_language
from accounts.web.preference_section import PreferenceSection
from kernel.errors import Text
from messaging.models import TextGroup
from messaging.operations.set_text_preference import set_text_preference
from messaging.queries.templates import list_groups_in_use
from messaging.queries.text_preferences import get_text_preference, list_own_quiet_hours

_GROUP_WORDS = {
    TextGroup.USAGE: _("Tell me when I start to use data, and when much of it or all is used"),
    TextGroup.EXPIRY: _("Tell me before something that I bought ends"),
    TextGroup.STAR: _("Tell me when my credit star changes"),
    TextGroup.PARTNER: _("Send me what partners have to tell me about what I have with them"),
    TextGroup.OFFER: _("Send me offers"),
    TextGroup.SURVEY: _("Ask me how satisfied I am"),
}


class TextsForm(forms.Form):
    """A box for each group of texts that can be switched off, and the quiet hours."""

    quiet_from = forms.TypedChoiceField(label=_("Quiet from"), required=False, coerce=int, empty_value=None)
    quiet_to = forms.TypedChoiceField(label=_("Quiet until"), required=False, coerce=int, empty_value=None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hours = zip(
            ("quiet_from", "quiet_to"),
            (settings.QUIET_HOURS_FROM, settings.QUIET_HOURS_TO),
            list_own_quiet_hours(),
            strict=True,
        )
        for name, usual, own in hours:
            usually = _("%(hour)s as usual") % {"hour": _clock(usual)}
            choices = [("", usually), *((str(hour), _clock(hour)) for hour in own if hour != usual)]
            field = self.fields[name]
            assert isinstance(field, forms.TypedChoiceField)
            field.choices = choices
        for group in list_groups_in_use():
            self.fields[group.value] = forms.BooleanField(label=_GROUP_WORDS[group], required=False)

    def groups(self) -> list[forms.BoundField]:
        """Return the boxes."""
        return [self[group.value] for group in list_groups_in_use()]


class TextsSection(PreferenceSection):
    """Reminders on or off, and the quiet hours."""

    name = "texts"
    title = _("Texts to this number")
    template = "accounts/_preference_texts.html"

    def make_form(self, data: Mapping[str, Any] | None = None) -> TextsForm:
        kept = get_text_preference(account_id=self.line.account_id, msisdn=self.line.msisdn)
        initial: dict[str, Any] = {group.value: group.value not in kept.unwanted_groups for group in TextGroup}
        for name, hour, usual in (
            ("quiet_from", kept.quiet_from_hour, settings.QUIET_HOURS_FROM),
            ("quiet_to", kept.quiet_to_hour, settings.QUIET_HOURS_TO),
        ):
            initial[name] = "" if hour in (None, usual) else hour
        return TextsForm(data, initial=initial, auto_id=f"{self.name}-%s")

    def save(self, cleaned: Mapping[str, Any], *, now: datetime) -> Text:
        own = cleaned["quiet_from"], cleaned["quiet_to"]
        usual = settings.QUIET_HOURS_FROM, settings.QUIET_HOURS_TO
        from_hour, to_hour = (hour if hour is not None else other for hour, other in zip(own, usual, strict=True))
        # What there is no box for now stays as it was.
        in_use = {group.value for group in list_groups_in_use()}
        kept = get_text_preference(account_id=self.line.account_id, msisdn=self.line.msisdn)
        unwanted = {group for group in in_use if not cleaned[group]} | (set(kept.unwanted_groups) - in_use)
        set_text_preference(
            account_id=self.line.account_id,
            msisdn=self.line.msisdn,
            unwanted_groups=unwanted,
            quiet_hours=None if own == (None, None) else (from_hour, to_hour),
            now=now,
        )
        return _("Saved. This holds for texts from now on.")


class LanguageForm(forms.Form):
    """One of the languages that the hall texts in."""

    language = forms.ChoiceField(label=_("Language of texts"), choices=Language.choices, widget=forms.RadioSelect)


class LanguageSection(PreferenceSection):
    """The language of texts; that of pages is chosen above every page."""

    name = "language"
    title = _("Language of texts")
    template = "accounts/_preference_language.html"

    def make_form(self, data: Mapping[str, Any] | None = None) -> LanguageForm:
        return LanguageForm(data, initial={"language": self.line.language}, auto_id=f"{self.name}-%s")

    def save(self, cleaned: Mapping[str, Any], *, now: datetime) -> Text:
        set_text_language(account_id=self.line.account_id, line_id=self.line.id, language=cleaned["language"])
        return _("Saved. We text you in this language from now on.")


def _clock(hour: int) -> str:
    return f"{hour:02d}:00"
