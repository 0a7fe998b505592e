"""Every call of the REST face, at the staff desk: found by client, account or entity."""

import uuid
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from kernel.ids import PublicId
from kernel.read_only_admin import ReadOnlyAdmin
from partners.models import PartnerCall


@admin.register(PartnerCall)
class PartnerCallAdmin(ReadOnlyAdmin):
    """Who called, what for, with which outcome, when."""

    list_display = ("called_at", "client_id", "operation", "status", "outcome", "milliseconds")
    list_filter = ("status",)
    shown = (
        "called_at",
        "client_id",
        "operation",
        "status",
        "outcome",
        "account_id",
        "entity_id",
        "idempotency_key",
        "address",
        "milliseconds",
    )
    ordering = ("-called_at",)
    search_fields = ("client_id",)  # draws the search box; `get_search_results` does the looking
    search_help_text = _("Client id, account id, or public id of an entity")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[PartnerCall], search_term: str
    ) -> tuple[QuerySet[PartnerCall], bool]:
        term = search_term.strip()
        return (queryset.filter(_named_by(term)) if term else queryset), False

    def account_id_of(self, row: Any) -> uuid.UUID | None:
        return row.account_id  # type: ignore[no-any-return]


def _named_by(term: str) -> Q:
    """Each of these leads through an index: of the client, or of the account."""
    try:
        public_id = PublicId.parse(term)
    except ValueError:
        pass
    else:
        return Q(account_id=public_id.account_id, entity_id=term)
    try:
        return Q(account_id=uuid.UUID(term))
    except ValueError:
        return Q(client_id=term)
