"""Identity documents at the staff desk: masked, opened for who says why, recorded anew."""

from typing import Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from accounts.admin.asking import ReasonForm
from accounts.models import Account, DocumentKind, IdentityDocument
from accounts.operations.documents import ShownDocument, record_document, reveal_document
from kernel.asking_admin import AskingAdmin, Question
from kernel.clock import now
from kernel.errors import Text


class DocumentForm(forms.Form):
    """A document as it lies on the desk."""

    document_kind = forms.ChoiceField(label=_("kind of document"), choices=DocumentKind.choices)
    document_number = forms.CharField(
        label=_("document number"), max_length=40, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class RecordDocumentForm(DocumentForm, ReasonForm):
    """A document that takes the place of the one before, and why."""

    field_order = ("document_kind", "document_number", "reason")


def _record(row: Account | IdentityDocument, entered: dict[str, Any], staff_id: int) -> Text:
    document = record_document(
        account_id=row.pk,
        document=ShownDocument(entered["document_kind"], entered["document_number"]),
        staff_id=staff_id,
        reason=entered["reason"],
        now=now(),
    )
    return _("The document is recorded: %(masked)s.") % {"masked": document.masked}


def _reveal(row: IdentityDocument, entered: dict[str, Any], staff_id: int) -> Text:
    return reveal_document(account_id=row.account_id, staff_id=staff_id, reason=entered["reason"], now=now())


RECORD = Question(
    name="record-document",
    label=_("Record a document"),
    lead=_("Compare the picture with the person in front of you. The number is kept sealed and shown masked."),
    permission="accounts.record_document",
    form=RecordDocumentForm,
    act=_record,
)
REVEAL = Question(
    name="reveal",
    label=_("Look at the whole number"),
    lead=_("That you looked, and why, is recorded for the auditors."),
    permission="accounts.reveal_document",
    form=ReasonForm,
    act=_reveal,
    shows=True,
)


@admin.register(IdentityDocument)
class IdentityDocumentAdmin(AskingAdmin):
    """The document under which an account is registered."""

    list_display = ("masked", "kind", "numbers", "recorded_at")
    list_filter = ("kind",)
    shown = ("kind", "masked", "recorded_at", "account")
    questions = (REVEAL, RECORD)
