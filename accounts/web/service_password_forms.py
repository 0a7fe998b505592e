"""The forms that ask for a service password. None of them ever shows one again."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.web.sign_in_forms import CodeForm, NumberForm


class PasswordField(forms.CharField):
    """A password as it was entered: spaces belong to it, and it is not shown again."""

    def __init__(self, **options: Any) -> None:
        # Longer than any that can be right, so that nobody's work is wasted on hashing a novel.
        super().__init__(widget=forms.PasswordInput, strip=False, max_length=128, **options)


class PasswordSignInForm(NumberForm):
    """A number and its service password."""

    password = PasswordField(label=_("Service password"))


class NewPasswordForm(forms.Form):
    """A new service password, twice."""

    password = PasswordField(label=_("New service password"))
    again = PasswordField(label=_("The same once more"))

    def clean(self) -> dict[str, Any]:
        values: dict[str, Any] = super().clean() or {}
        if "password" in values and "again" in values and values["password"] != values["again"]:
            self.add_error("again", forms.ValidationError(_("The two are not the same."), code="PASSWORDS_DIFFER"))
        return values


class FirstForm(CodeForm, NewPasswordForm):
    """The first one, or a reset one: for a code of the text."""


class PasswordForm(forms.Form):
    """The service password alone, of the line that is signed in."""

    password = PasswordField(label=_("Service password"))
