"""The address payment providers tell the hall about payments."""

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.operations.payment_callbacks import accept_payment_notice
from kernel.clock import now
from kernel.errors import DomainError, NotFound

ACKNOWLEDGED = b"success"

log = structlog.get_logger(__name__)


# The provider has no token of ours: its signature over the exact bytes is what is checked.
@csrf_exempt
@require_POST
def payment_callback(request: HttpRequest, provider: str) -> HttpResponse:
    """Answer "success" once everything is committed, else 400 with the code of what does not fit."""
    try:
        accept_payment_notice(provider=provider, body=request.body, headers=request.headers, now=now())
    except NotFound:
        raise Http404 from None
    except DomainError as refusal:
        log.warning("payment_notice_refused", provider=provider, code=refusal.code)
        response = HttpResponse(refusal.code, status=400, content_type="text/plain")
        response.outcome = refusal.code  # type: ignore[attr-defined]
        return response
    return HttpResponse(ACKNOWLEDGED, content_type="text/plain")
