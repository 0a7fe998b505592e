"""Whether the current line can be taken to another operator (携号转网), and what helps if not."""

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.web.signed_in import SignedInRequest, line_required
from kernel.clock import now as current_instant
from packages_app.queries.obstacles import list_porting_obstacles


@require_safe
@line_required
def port_out(request: SignedInRequest) -> HttpResponse:
    """Name each reason that stands in the way with its cure, or say that there is none."""
    now = current_instant()
    obstacles = list_porting_obstacles(line=request.line, now=now)
    leads = {
        "OWES": (reverse("billing:top-up"), _("Top up")),
        "COMMITTED": (reverse("packages:subscriptions"), _("My services")),
    }
    rows = [(obstacle, *leads.get(obstacle.code, ("", ""))) for obstacle in obstacles]
    return render(request, "packages_app/port_out.html", {"line": request.line, "obstacles": rows, "at": now})
