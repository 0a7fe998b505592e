"""Partners' hubs at the staff desk: how each fares, and all that was set aside for one sent again."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from kernel.clock import now
from kernel.read_only_admin import ReadOnlyAdmin, RelatedTable, record_url
from partners.models import Hub
from partners.operations.deliver_hub_events import replay_parked_events
from partners.queries.hubs import count_hub_events_by_state

PERMISSION = "partners.replay_hub_event"


@admin.register(Hub)
class HubAdmin(ReadOnlyAdmin):
    """Where a partner wants to be told of what."""

    list_display = ("client", "api", "callback", "failures", "rests_until", "made_at", "removed_at")
    list_filter = ("api",)
    list_select_related = ("client",)
    search_fields = ("client__client_id", "client__name", "callback")
    search_help_text = gettext_lazy("Client id, name of the partner system, or callback")
    ordering = ("-made_at",)
    change_form_template = "admin/partners/hub.html"
    shown = (
        "client",
        "api",
        "callback",
        "query",
        "made_at",
        "removed_at",
        "gathered_until",
        "failures",
        "rests_until",
    )

    def related_tables(self, row: Hub) -> list[RelatedTable]:
        counts = count_hub_events_by_state(row.id)
        rows = [(state.label, count) for state, count in counts.items()]
        return [RelatedTable(_("Events"), (_("state"), _("count")), rows)] if rows else []

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.replay_view)
        return [path("<uuid:key>/replay/", view, name="partners_hub_replay"), *super().get_urls()]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        if request.user.has_perm(PERMISSION) and context["original"].removed_at is None:
            context["replay_url"] = reverse(
                f"{self.admin_site.name}:partners_hub_replay", args=[context["original"].pk]
            )
        return super().render_change_form(request, context, *args, **kwargs)

    def replay_view(self, request: HttpRequest, key: Any) -> HttpResponse:
        """Send all that was set aside for a hub again.

        :raises Http404: there is no such hub.
        """
        if request.method != "POST" or not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        hub = Hub.objects.filter(pk=key, removed_at__isnull=True).first()
        if hub is None:
            raise Http404
        count = replay_parked_events(hub_id=hub.id, now=now())
        said = ngettext("%(count)d event waits to be sent again.", "%(count)d events wait to be sent again.", count)
        messages.success(request, said % {"count": count})
        return redirect(record_url(self, hub))
