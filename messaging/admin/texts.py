"""Texts sent, at the staff desk: found by number, state, kind and size; parked ones are sent again from here."""

import itertools
from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from kernel.clock import now
from kernel.csv_export import Cell, csv_lines
from kernel.errors import DomainError
from kernel.masking import mask_codes, mask_msisdn
from kernel.read_only_admin import (
    AccountOwnedAdmin,
    RelatedTable,
    instant_text,
    masked_number_column,
    number_column,
    record_url,
)
from messaging.models import Sms, SmsState
from messaging.operations.resend_sms import resend_sms
from messaging.queries.templates import get_kind_names
from messaging.queries.texts import count_texts_by_state, list_resends

_OVERVIEW = timedelta(days=1)
_MOST_EXPORTED = 50_000
_COLUMNS = (
    *(_("queued at"), _("to"), _("kind"), _("code of the kind"), _("state"), _("parts"), _("tries"), _("gateway")),
    *(_("sent at"), _("delivered at"), _("last error")),
)


class KindFilter(admin.SimpleListFilter):
    """By kind of text: the kinds that apps have, since those of the table would have to be counted."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        names = [(kind, str(name)) for kind, name in get_kind_names().items()]
        return sorted(names, key=lambda pair: pair[1])

    def queryset(self, request: HttpRequest, queryset: QuerySet[Sms]) -> QuerySet[Sms]:
        return queryset.filter(kind=self.value()) if self.value() else queryset


class PartsFilter(admin.SimpleListFilter):
    """By size: each part costs."""

    title = _("parts")
    parameter_name = "parts"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("1", "1"), ("2", "2"), ("3", gettext("3 or more"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Sms]) -> QuerySet[Sms]:
        chosen = self.value()
        if chosen == "3":
            return queryset.filter(parts__gte=3)
        return queryset.filter(parts=int(chosen)) if chosen in ("1", "2") else queryset


class ResendForm(forms.Form):
    """Why a text is sent again."""

    reason = forms.CharField(label=_("reason"), max_length=200)


@admin.register(Sms)
class SmsAdmin(AccountOwnedAdmin):
    """A text to a customer and how it fared."""

    change_form_template = "admin/messaging/text.html"
    change_list_template = "admin/messaging/texts.html"
    list_display = ("queued_at", masked_number_column("msisdn", _("to")), "kind_name", "state", "parts", "sent_at")
    list_filter = ("state", KindFilter, PartsFilter)
    newest_by = "queued_at"
    shown = (
        "account",
        number_column("msisdn", _("to")),
        "kind_name",
        "kind",
        "words",
        "parts",
        "state",
        "attempts",
        "queued_at",
        "due_at",
        "expires_at",
        "gateway",
        "sent_at",
        "delivered_at",
        "last_error",
        "public_id",
    )

    @admin.display(description=_("text"))
    def words(self, sms: Sms) -> str:
        """The text, but no code with which staff could act as the customer."""
        if sms.secret:
            return str(_("(hidden: it carries a code)"))
        return mask_codes(sms.body) if sms.expires_at > now() else sms.body

    @admin.display(description=_("kind"))
    def kind_name(self, sms: Sms) -> str:
        """What staff call the kind; one that no app has any more keeps its code."""
        return str(get_kind_names().get(sms.kind, sms.kind))

    def related_tables(self, row: Sms) -> list[RelatedTable]:
        rows = [
            (instant_text(resend.asked_at), resend.asked_by, resend.reason, resend.parked_for or "–")
            for resend in list_resends(row.account_id, row.id)
        ]
        columns = (_("asked at"), _("asked by"), _("reason"), _("had been parked for"))
        return [RelatedTable(_("Sent again"), columns, rows)] if rows else []

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("csv/", view(self.csv), name="messaging_sms_csv"),
            path("<path:object_id>/resend/", view(self.resend), name="messaging_sms_resend"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        overview = {
            "counts": [
                {"count": count, "cost": Decimal(count.parts * settings.SMS_PART_PRICE_LI) / 1000}
                for count in count_texts_by_state(now() - _OVERVIEW)
            ],
            "has_price": bool(settings.SMS_PART_PRICE_LI),
            "csv_query": request.GET.urlencode(),
        }
        return super().changelist_view(request, {**(extra_context or {}), **overview})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if self._may_resend(request, row):
            context["resend_url"] = self._resend_url(row)
        return super().render_change_form(request, context, *args, **kwargs)

    def resend(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Ask why, and put a parked text back into the outbox.

        :raises Http404: there is no such text.
        :raises PermissionDenied: this person may not, or it is not parked.
        """
        row = self.get_object(request, object_id)
        if not isinstance(row, Sms) or not self.has_view_permission(request, row):
            raise Http404
        if not self._may_resend(request, row):
            raise PermissionDenied
        form = ResendForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                resend_sms(
                    account_id=row.account_id,
                    sms_id=row.id,
                    reason=form.cleaned_data["reason"],
                    asked_by=request.user.get_username(),
                    now=now(),
                )
                messages.success(request, gettext("The text waits to be sent again."))
            except DomainError as refusal:
                messages.error(request, str(refusal))
            return redirect(record_url(self, row))
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": _("Send a text again"),
            "form": form,
            "sms": row,
            "words": self.words(row),
            "record_url": record_url(self, row),
        }
        return TemplateResponse(request, "admin/messaging/resend.html", context)

    def csv(self, request: HttpRequest) -> HttpResponseBase:
        """Give the list as it is filtered as a file, without words and with masked numbers.

        :raises PermissionDenied: this person may not look at texts.
        """
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = self.get_changelist_instance(request).get_queryset(request)
        rows = itertools.islice(found.iterator(chunk_size=2000), _MOST_EXPORTED)
        return StreamingHttpResponse(
            csv_lines(columns=[str(column) for column in _COLUMNS], rows=_cells(rows)),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": 'attachment; filename="texts.csv"'},
        )

    def _may_resend(self, request: HttpRequest, row: Sms) -> bool:
        parked = row.state == SmsState.PARKED and not row.secret
        return parked and request.user.has_perm("messaging.resend_sms")

    def _resend_url(self, row: Sms) -> str:
        return reverse(f"{self.admin_site.name}:messaging_sms_resend", args=[f"{row.account_id},{row.id}"])


def _cells(rows: Iterator[Sms]) -> Iterator[list[Cell]]:
    names = {kind: str(name) for kind, name in get_kind_names().items()}
    for sms in rows:
        yield [
            instant_text(sms.queued_at),
            mask_msisdn(sms.msisdn),
            names.get(sms.kind, sms.kind),
            sms.kind,
            str(SmsState(sms.state).label),
            sms.parts,
            sms.attempts,
            sms.gateway,
            instant_text(sms.sent_at),
            instant_text(sms.delivered_at),
            sms.last_error,
        ]
