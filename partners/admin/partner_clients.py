"""Partner systems at the staff desk: made, changed, given new secrets and revoked here. A secret is shown once."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_variables

from kernel.clock import now
from kernel.errors import DomainError, Text
from kernel.read_only_admin import ReadOnlyAdmin, RelatedTable, instant_text, record_url
from kernel.regions import region_name
from partners.admin.partner_client_forms import MakeForm, RotateForm, TermsForm
from partners.models import PartnerClient
from partners.operations.partner_clients import (
    change_partner_client,
    end_older_secrets,
    make_partner_client,
    revoke_partner_client,
    rotate_partner_secret,
)

PERMISSION = "partners.keep_partners"
# What a form carries out: given what was entered, the client it concerns and a secret to show once, if there is one.
Work = Callable[[Any], tuple[PartnerClient, str]]


@admin.register(PartnerClient)
class PartnerClientAdmin(ReadOnlyAdmin):
    """A partner system and what it may do."""

    list_display = ("name", "client_id", "sight_kind", "calls_per_minute", "made_at", "revoked_at")
    list_filter = ("sight_kind",)
    search_fields = ("client_id", "name")
    ordering = ("name",)
    change_list_template = "admin/partners/clients.html"
    change_form_template = "admin/partners/client.html"
    shown = (
        "name",
        "client_id",
        "scopes_in_words",
        "sight_kind",
        "provinces_in_words",
        "calls_per_minute",
        "networks_in_words",
        "made_by",
        "made_at",
        "revoked_by",
        "revoked_at",
    )

    @admin.display(description=gettext_lazy("scopes"))
    def scopes_in_words(self, row: PartnerClient) -> str:
        """What its tokens may do."""
        return ", ".join(row.scopes)

    @admin.display(description=gettext_lazy("provinces"))
    def provinces_in_words(self, row: PartnerClient) -> str:
        """The provinces of its segment."""
        return ", ".join(map(region_name, row.provinces)) or "–"

    @admin.display(description=gettext_lazy("addresses"))
    def networks_in_words(self, row: PartnerClient) -> str:
        """Where its calls may come from."""
        return ", ".join(row.networks) or _("anywhere")

    def related_tables(self, row: PartnerClient) -> list[RelatedTable]:
        secrets = row.secrets.order_by("-made_at", "-id")[:20]
        rows = [(instant_text(secret.made_at), secret.made_by, instant_text(secret.valid_until)) for secret in secrets]
        return [RelatedTable(_("Secrets"), (_("made at"), _("made by"), _("valid until")), rows)]

    def get_urls(self) -> list[URLPattern]:
        """Add the pages on which staff act."""
        view = self.admin_site.admin_view
        pages = {"terms": self.terms_view, "rotate": self.rotate_view, "end": self.end_view, "revoke": self.revoke_view}
        return [
            path("make/", view(self.make_view), name=self._name("make")),
            *[path(f"<int:key>/{name}/", view(page), name=self._name(name)) for name, page in pages.items()],
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        make_url = self._url("make") if request.user.has_perm(PERMISSION) else ""
        return super().changelist_view(request, {**(extra_context or {}), "make_url": make_url})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if request.user.has_perm(PERMISSION) and row.revoked_at is None:
            for name in ("terms", "rotate", "end", "revoke"):
                context[f"{name}_url"] = self._url(name, row.pk)
        return super().render_change_form(request, context, *args, **kwargs)

    def make_view(self, request: HttpRequest) -> HttpResponse:
        """Ask what the partner system may do, make it, and show its secret once."""
        form = MakeForm(request.POST or None)
        return self._ask(
            request,
            form,
            _("Make a partner system"),
            lambda entered: make_partner_client(
                client_id=entered["client_id"], terms=form.terms, made_by=request.user.get_username(), now=now()
            ),
        )

    def terms_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Ask what it may do from now on."""
        client = self._client(key)
        form = TermsForm(request.POST or None, initial=TermsForm.initial_of(client))
        return self._ask(
            request,
            form,
            _("Change what it may do"),
            lambda _entered: (change_partner_client(client_id=client.client_id, terms=form.terms), ""),
        )

    def rotate_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Ask how long the secret before stays valid, make a new one, and show it once."""
        client = self._client(key)
        form = RotateForm(request.POST or None)
        return self._ask(
            request,
            form,
            _("Make a new secret"),
            lambda _entered: (
                client,
                rotate_partner_secret(
                    client_id=client.client_id, overlap=form.overlap, made_by=request.user.get_username(), now=now()
                ),
            ),
        )

    def end_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """End every secret but the newest."""

        def said(client: PartnerClient) -> str:
            ended = end_older_secrets(client_id=client.client_id, now=now())
            return ngettext("%(count)d older secret ended.", "%(count)d older secrets ended.", ended) % {"count": ended}

        return self._do(request, key, said)

    def revoke_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """End the partner system for good."""

        def said(client: PartnerClient) -> Text:
            revoke_partner_client(client_id=client.client_id, revoked_by=request.user.get_username(), now=now())
            return _("It is revoked; its tokens are worth nothing any more.")

        return self._do(request, key, said)

    @sensitive_variables("secret")
    def _ask(self, request: HttpRequest, form: forms.Form, title: str, work: Work) -> HttpResponse:
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, "form": form}
        if request.method == "POST" and form.is_valid():
            try:
                client, secret = work(form.cleaned_data)
            except DomainError as refusal:
                form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
            else:
                address = record_url(self, client)
                if not secret:
                    messages.success(request, _("It is changed."))
                    return redirect(address)
                shown = {**context, "client": client, "secret": secret, "record_url": address}
                return TemplateResponse(request, "admin/partners/secret.html", shown)
        return TemplateResponse(request, "admin/partners/form.html", {**context, "list_url": self._url("changelist")})

    def _do(self, request: HttpRequest, key: int, work: Callable[[PartnerClient], Text]) -> HttpResponse:
        if request.method != "POST" or not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        client = self._client(key)
        try:
            messages.success(request, str(work(client)))
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect(record_url(self, client))

    def _client(self, key: int) -> PartnerClient:
        client = PartnerClient.objects.filter(pk=key).first()
        if client is None:
            raise Http404
        return client

    def _name(self, page: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{page}"

    def _url(self, page: str, *key: Any) -> str:
        return reverse(f"{self.admin_site.name}:{self._name(page)}", args=key)
