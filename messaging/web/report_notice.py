"""The address at which the provider behind the HTTP gateway reports deliveries."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from kernel.clock import now
from kernel.errors import DomainError
from messaging.operations.report_notices import accept_report_notice

log = structlog.get_logger(__name__)


# The provider has no token of ours: its signature over the exact bytes is what is checked.
@csrf_exempt
@require_POST
def report_notice(request: HttpRequest) -> HttpResponse:
    """Answer 204 once everything is committed, else the code of what does not fit."""
    try:
        accept_report_notice(body=request.body, headers=request.headers, now=now())
    except DomainError as refusal:
        log.warning("report_notice_refused", code=refusal.code)
        response = HttpResponse(refusal.code, status=refusal.http_status, content_type="text/plain")
        response.outcome = refusal.code  # type: ignore[attr-defined]
        return response
    return HttpResponse(status=204)
