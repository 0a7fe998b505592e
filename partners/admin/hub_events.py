"""Events on their way to partners' hubs at the staff desk: how each fared; one is sent again from here.

What an event says of a customer is not shown: whoever may see it has the customer's own pages.
"""

import uuid
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from kernel.clock import now
from kernel.errors import DomainError, NotFound
from kernel.read_only_admin import ReadOnlyAdmin, record_url
from partners.admin.hubs import PERMISSION
from partners.models import HubEvent, HubEventState
from partners.operations.deliver_hub_events import replay_hub_event

_DONE = (HubEventState.PARKED, HubEventState.DELIVERED)


@admin.register(HubEvent)
class HubEventAdmin(ReadOnlyAdmin):
    """One event for one hub."""

    list_display = ("occurred_at", "event_type", "hub", "state", "attempts", "delivered_at", "last_error")
    list_filter = ("state", "event_type")
    list_select_related = ("hub",)
    search_fields = ("id",)  # draws the search box; `get_search_results` does the looking
    search_help_text = gettext_lazy("Id of the event, of its hub, or of the account")
    ordering = ("-queued_at",)
    change_form_template = "admin/partners/hub_event.html"
    shown = (
        "hub",
        "id",
        "event_type",
        "entity",
        "occurred_at",
        "queued_at",
        "state",
        "attempts",
        "due_at",
        "give_up_at",
        "delivered_at",
        "last_error",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[HubEvent], search_term: str
    ) -> tuple[QuerySet[HubEvent], bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        try:
            wanted = uuid.UUID(term)
        except ValueError:
            return queryset.none(), False
        return queryset.filter(Q(id=wanted) | Q(hub_id=wanted) | Q(account_id=wanted)), False

    def account_id_of(self, row: Any) -> uuid.UUID | None:
        return row.account_id  # type: ignore[no-any-return]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay_view)
        return [path("<uuid:key>/replay/", view, name="partners_hubevent_replay"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        row = context["original"]
        if request.user.has_perm(PERMISSION) and row.state in _DONE:
            context["replay_url"] = reverse(f"{self.admin_site.name}:partners_hubevent_replay", args=[row.pk])
        return super().render_change_form(request, context, *args, **kwargs)

    def replay_view(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        """Send an event again.

        :raises Http404: there is no such event.
        """
        if request.method != "POST" or not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        try:
            replay_hub_event(event_id=key, now=now())
            messages.success(request, _("The event waits to be sent again."))
        except NotFound:
            raise Http404 from None
        except DomainError as refusal:
            messages.error(request, str(refusal))
        return redirect(record_url(self, HubEvent(id=key)))
