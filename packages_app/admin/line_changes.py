"""The pages on which staff give a line another number, or another owner."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache

from accounts.models import DocumentKind, Language, Line
from accounts.operations.documents import ShownDocument
from accounts.queries.lines import get_line_by_msisdn
from accounts.web.named_line import number_of_named_line
from kernel.clock import now
from kernel.errors import DomainError
from kernel.phone import NumberInvalid, grouped_number, parse_msisdn
from kernel.read_only_admin import list_url, record_url
from kernel.regions import PROVINCE_CODES, region_name
from packages_app.models import Offering, OfferingKind
from packages_app.operations.line_changes import change_number_of_line, hand_over_line
from packages_app.queries.catalogue import list_offerings

_CLOSED_FIELD = {"autocomplete": "off"}


class _OfOwnerForm(forms.Form):
    """Which line, the document of its owner, and why."""

    msisdn = forms.CharField(label=_("number"), max_length=20)
    document_kind = forms.ChoiceField(label=_("owner's kind of document"), choices=DocumentKind.choices)
    document_number = forms.CharField(
        label=_("owner's document number"), max_length=40, widget=forms.TextInput(attrs=_CLOSED_FIELD)
    )
    reason = forms.CharField(label=_("reason"), max_length=200)

    def clean_msisdn(self) -> str:
        """Read the number in any usual spelling and return it as E.164."""
        return _read_number(self.cleaned_data["msisdn"])

    def document(self) -> ShownDocument:
        """Return what the owner showed."""
        return ShownDocument(self.cleaned_data["document_kind"], self.cleaned_data["document_number"])


class ChangeNumberForm(_OfOwnerForm):
    """And the new number."""

    new_msisdn = forms.CharField(label=_("new number"), max_length=20)
    seen = forms.BooleanField(label=_("I compared the picture with the person, and read out the new number."))
    field_order = ("msisdn", "document_kind", "document_number", "new_msisdn", "reason", "seen")

    def clean_new_msisdn(self) -> str:
        """Read the number in any usual spelling and return it as E.164."""
        return _read_number(self.cleaned_data["new_msisdn"])


class HandOverForm(_OfOwnerForm):
    """And who takes it over, with which plan."""

    new_customer_name = forms.CharField(label=_("new owner's name"), max_length=60)
    new_document_kind = forms.ChoiceField(label=_("new owner's kind of document"), choices=DocumentKind.choices)
    new_document_number = forms.CharField(
        label=_("new owner's document number"), max_length=40, widget=forms.TextInput(attrs=_CLOSED_FIELD)
    )
    province = forms.ChoiceField(label=_("province"))
    language = forms.ChoiceField(label=_("language of texts"), choices=Language.choices)
    offering = forms.ModelChoiceField(label=_("plan"), queryset=Offering.objects.none())
    seen = forms.BooleanField(
        label=_("I compared both pictures with both people, and told the old owner what ends and what stays behind.")
    )
    field_order = (
        *("msisdn", "document_kind", "document_number", "new_customer_name", "new_document_kind"),
        *("new_document_number", "province", "language", "offering", "reason", "seen"),
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        plans = [offering.code for offering in list_offerings(now=now()) if offering.kind == OfferingKind.PLAN]
        offering: Any = self.fields["offering"]
        offering.queryset = Offering.objects.filter(code__in=plans)
        province: Any = self.fields["province"]
        province.choices = [(code, region_name(code)) for code in sorted(PROVINCE_CODES)]

    def new_document(self) -> ShownDocument:
        """Return what the new owner showed."""
        return ShownDocument(self.cleaned_data["new_document_kind"], self.cleaned_data["new_document_number"])


@never_cache
def change_number_view(request: HttpRequest) -> HttpResponse:
    """Ask for the new number and the owner's document, and change it.

    :raises PermissionDenied: this person may not.
    """
    if not request.user.has_perm("accounts.change_number"):
        raise PermissionDenied

    def change(form: Any) -> Line:
        line = get_line_by_msisdn(form.cleaned_data["msisdn"])
        return change_number_of_line(
            account_id=line.account_id,
            line_id=line.id,
            new_msisdn=form.cleaned_data["new_msisdn"],
            document=form.document(),
            staff_id=_staff_id(request),
            reason=form.cleaned_data["reason"],
            now=now(),
        )

    said = gettext("The number is %(number)s now. The customer is told there.")
    lead = _("Plan, money, bills and service password stay; sign-ins end. The old number rests before it is given out.")
    return _page(request, ChangeNumberForm, change, title=_("Change the number"), lead=lead, said=said)


@never_cache
def hand_over_view(request: HttpRequest) -> HttpResponse:
    """Ask who takes the line over, with both documents, and hand it over.

    :raises PermissionDenied: this person may not.
    """
    if not request.user.has_perm("accounts.hand_over_line"):
        raise PermissionDenied

    def hand_over(form: Any) -> Line:
        line = get_line_by_msisdn(form.cleaned_data["msisdn"])
        entered = form.cleaned_data
        return hand_over_line(
            account_id=line.account_id,
            line_id=line.id,
            document=form.document(),
            new_customer_name=entered["new_customer_name"],
            new_document=form.new_document(),
            province=entered["province"],
            language=entered["language"],
            offering_code=entered["offering"].code,
            staff_id=_staff_id(request),
            reason=entered["reason"],
            now=now(),
        )

    said = gettext("%(number)s belongs to its new owner now. Its welcome notice is on its way.")
    lead = _(
        "Number and SIM card go on in a new account with a plan of its own. Plan and services end now; bills, records"
        " and bonus stay with the old owner, and the new one sees nothing of them."
    )
    return _page(request, HandOverForm, hand_over, title=_("Hand over to another owner"), lead=lead, said=said)


def _page(
    request: HttpRequest, form_class: type[_OfOwnerForm], act: Any, *, title: Any, lead: Any, said: str
) -> HttpResponse:
    form = form_class(request.POST or None, initial={"msisdn": number_of_named_line(request)})
    desk = admin.site.get_model_admin(Line)
    if request.method == "POST" and form.is_valid():
        try:
            line = act(form)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, said % {"number": grouped_number(line.msisdn)})
            return redirect(record_url(desk, line))
    context = {
        **admin.site.each_context(request),
        "opts": Line._meta,
        "title": title,
        "lead": lead,
        "form": form,
        "record_url": list_url(desk),
    }
    return TemplateResponse(request, "admin/ask.html", context)


def _read_number(text: str) -> str:
    try:
        return parse_msisdn(text)
    except NumberInvalid as refusal:
        raise forms.ValidationError(str(refusal), code=refusal.code) from None


def _staff_id(request: HttpRequest) -> int:
    pk = request.user.pk
    assert isinstance(pk, int)
    return pk
