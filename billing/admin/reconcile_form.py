"""Which day is held against which file."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from billing.admin.day_widget import DAY_WIDGET

LARGEST_FILE_BYTES = 50 * 1024**2


class ReconcileForm(forms.Form):
    """A day and the provider's file of it, as it was downloaded."""

    day = forms.DateField(label=_("day"), widget=DAY_WIDGET)
    file = forms.FileField(label=_("The provider's file"), max_length=200)

    def clean_file(self) -> Any:
        """Take a file that a day of a provider can fill."""
        file = self.cleaned_data["file"]
        if file.size > LARGEST_FILE_BYTES:
            raise forms.ValidationError(_("The file is larger than 50 MB. Use manage.py reconcile_payments."))
        return file

    @property
    def provider(self) -> str:
        """The provider in use: only its files can be read."""
        return str(settings.PAYMENT_PROVIDER)
