"""Who the current line belongs to, as far as it needs showing: masked document, contact, numbers and cards."""

from typing import Any, cast

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from accounts.operations.set_contact import LONGEST_EMAIL, LONGEST_NAME, set_contact
from accounts.operations.sim_cards import look_up_puk
from accounts.queries.contacts import get_contact
from accounts.queries.customers import get_masked_name
from accounts.queries.documents import get_document
from accounts.queries.line_acts import list_number_changes
from accounts.queries.sim_cards import get_recent_sim_change, list_sims
from accounts.web.signed_in import SignedInRequest, line_required
from accounts.web.step_up import Need, step_up_required
from kernel.clock import now
from kernel.errors import DomainError
from kernel.masking import mask_email, mask_iccid, mask_name


class ContactForm(forms.Form):
    """Whom to ask for, and where; either may stay empty."""

    name = forms.CharField(label=gettext_lazy("Contact name"), max_length=LONGEST_NAME, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=LONGEST_EMAIL, required=False)


@require_safe
@line_required
def profile(request: SignedInRequest) -> HttpResponse:
    """Show what we know of the customer, masked, and lead to what can be done about it."""
    line = request.line
    document, contact = get_document(line.account_id), get_contact(line.account_id)
    recent = get_recent_sim_change(account_id=line.account_id, line_id=line.id, now=now())
    context = {
        "line": line,
        "masked_name": get_masked_name(line.account_id),
        "document": document,
        "contact_name": mask_name(contact.name) if contact else "",
        "contact_email": mask_email(contact.email) if contact else "",
        "cards": [
            {
                "iccid": mask_iccid(card.iccid),
                "reason": card.get_reason_display(),
                "from": card.from_at,
                "to": card.to_at,
            }
            for card in list_sims(account_id=line.account_id, line_id=line.id)
        ],
        "number_changes": list_number_changes(account_id=line.account_id, line_id=line.id),
        "waits_until": recent.until if recent else None,
    }
    return render(request, "accounts/profile.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.CODE, come_back="accounts:contact")
def contact(request: SignedInRequest) -> HttpResponse:
    """Change contact name and e-mail address, after a code of the text."""
    line = request.line
    kept = get_contact(line.account_id)
    initial = {"name": kept.name, "email": kept.email} if kept else {}
    if request.method != "POST":
        return render(request, "accounts/contact.html", {"form": ContactForm(initial=initial), "line": line})
    form = ContactForm(request.POST)
    status, outcome = 422, "INVALID"
    if form.is_valid():
        try:
            set_contact(account_id=line.account_id, line_id=line.id, now=now(), **form.cleaned_data)
        except DomainError as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            status, outcome = refusal.http_status, refusal.code
        else:
            messages.success(request, _("Saved. We sent you a text about it."))
            return redirect("accounts:profile")
    return _with_outcome(render(request, "accounts/contact.html", {"form": form, "line": line}, status=status), outcome)


@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required(Need.BOTH, come_back="accounts:puk")
def puk(request: SignedInRequest) -> HttpResponse:
    """Say what a PUK is for, and show the one of the card when asked; it stands in no address and on no other page."""
    line, context, status, outcome = request.line, {}, 200, ""
    if request.method == "POST":
        try:
            context["puk"] = look_up_puk(account_id=line.account_id, line_id=line.id, now=now())
        except DomainError as refusal:
            context["refusal"] = str(refusal)
            status, outcome = refusal.http_status, refusal.code
    response = render(request, "accounts/puk.html", {"line": line, **context}, status=status)
    return _with_outcome(response, outcome)


def _with_outcome(response: HttpResponse, outcome: str) -> HttpResponse:
    if outcome:
        cast("Any", response).outcome = outcome
    return response
