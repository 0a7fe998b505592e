"""Statements of partners' top-ups at the staff desk: which days were held against their books, and what differs."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.read_only_admin import ReadOnlyAdmin, RelatedTable, yuan_column, yuan_words
from partners.models import TopUpStatement

_KINDS = {"COUNT": gettext_lazy("number of top-ups"), "TOTAL": gettext_lazy("total"), "ORDER": gettext_lazy("order")}


@admin.register(TopUpStatement)
class TopUpStatementAdmin(ReadOnlyAdmin):
    """A partner's top-ups of one day."""

    list_display = ("day_date", "client", "count", yuan_column("total_fen", gettext_lazy("total")), "state")
    list_filter = ("state",)
    list_select_related = ("client",)
    search_fields = ("client__client_id", "client__name")
    search_help_text = gettext_lazy("Client id or name of the partner system")
    ordering = ("-day_date", "client")
    shown = (
        "client",
        "day_date",
        "count",
        yuan_column("total_fen", gettext_lazy("total")),
        "made_at",
        "state",
        "reported_count",
        yuan_column("reported_total_fen", gettext_lazy("total, says the partner")),
        "reported_at",
        "signature",
        "public_key",
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[TopUpStatement]:
        """Leave the files in the database."""
        return super().get_queryset(request).defer("content")

    def related_tables(self, row: TopUpStatement) -> list[RelatedTable]:
        rows = [
            (
                _KINDS[found["kind"]],
                found["order"] or "–",
                _amount(found["kind"], found["here"]),
                _amount(found["kind"], found["there"]),
            )
            for found in row.differences
        ]
        columns = (_("what"), _("order id"), _("here"), _("says the partner"))
        return [RelatedTable(_("Differences"), columns, rows)] if rows else []


def _amount(kind: str, value: Any) -> str:
    if value is None:
        return "–"
    return str(value) if kind == "COUNT" else yuan_words(value)
