"""Forms of the desk for e-invoices: the outcome of one, and the file with the outcomes of many."""

import csv
import io
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from billing.models import EInvoiceState
from billing.operations.e_invoice_results import BATCH
from billing.queries.e_invoice_results import LONGEST_NUMBER, REASON_LENGTH, EInvoiceResult

LARGEST_FILE_BYTES = 2 * 1024**2
COLUMNS = ("request", "result", "invoice_number", "reason")


class IssuedForm(forms.Form):
    """The number that the tax platform gave."""

    invoice_number = forms.CharField(label=_("invoice number"), max_length=LONGEST_NUMBER)

    def result(self, request: str) -> EInvoiceResult:
        """Return it as a line of the file would say it."""
        return EInvoiceResult(1, request, EInvoiceState.ISSUED, invoice_number=self.cleaned_data["invoice_number"])


class RefusedForm(forms.Form):
    """Why the tax platform, or we, could not issue it."""

    reason = forms.CharField(
        label=_("reason"),
        max_length=REASON_LENGTH,
        widget=forms.TextInput(attrs={"size": 60}),
        help_text=_("The customer reads it."),
    )

    def result(self, request: str) -> EInvoiceResult:
        """Return it as a line of the file would say it."""
        return EInvoiceResult(1, request, EInvoiceState.REFUSED, refusal=self.cleaned_data["reason"])


class ResultsForm(forms.Form):
    """A CSV file with the outcomes. What was read goes back and forth as text, until it is confirmed."""

    file = forms.FileField(label=_("File with the results (CSV)"), required=False, allow_empty_file=True)
    content = forms.CharField(widget=forms.HiddenInput, required=False, strip=False)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "file" in self.errors:
            return cleaned
        file = cleaned.get("file")
        if file and file.size > LARGEST_FILE_BYTES:
            self.add_error("file", _("The file is larger than 2 MB."))
            return cleaned
        try:
            text = file.read().decode("utf-8-sig") if file else cleaned.get("content", "")
            cleaned["results"] = _results(text)
        except UnicodeDecodeError:
            self.add_error("file", _("The file is not in UTF-8."))
        except (csv.Error, ValueError) as error:
            self.add_error("file", str(error))
        else:
            cleaned["content"] = text
        return cleaned


def _results(text: str) -> list[EInvoiceResult]:
    """Read the lines of a file; its first names the columns, in any order, and may name more."""
    if not text.strip():
        raise ValueError(_("Choose a file."))
    rows = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    names = [(name or "").strip().lower() for name in rows.fieldnames or []]
    if not set(COLUMNS) <= set(names):
        raise ValueError(_("The first line has to name the columns %(names)s.") % {"names": ", ".join(COLUMNS)})
    rows.fieldnames = names
    results = [
        EInvoiceResult(place, *(_cell(row[name]) for name in COLUMNS)) for place, row in enumerate(rows, start=2)
    ]
    if not results:
        raise ValueError(_("The file has no lines."))
    if len(results) > BATCH:
        raise ValueError(_("The file has more than %(most)s lines.") % {"most": BATCH})
    return results


def _cell(text: str | None) -> str:
    # A spreadsheet keeps the apostrophe that our own files put before what looks like a formula.
    return (text or "").strip().removeprefix("'")
