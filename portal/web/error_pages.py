"""Branded answers when something is wrong. None of them asks the database, so they also come when it is down."""

import structlog
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from portal.web.page_context import hall


def _render_error(request: HttpRequest, status: int, **context: object) -> HttpResponse:
    """Render templates/errors/<status>.html with what can be had without context processors."""
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    page = render_to_string(f"errors/{status}.html", {**hall(request), "request_id": request_id, **context})
    response = HttpResponse(page, status=status)
    response["Cache-Control"] = "no-store"
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: the request cannot be understood (`handler400`)."""
    return _render_error(request, 400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: not allowed (`handler403`)."""
    return _render_error(request, 403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """403: a form without its token, most often one that lay open for too long (`CSRF_FAILURE_VIEW`)."""
    return _render_error(request, 403, stale_form=True)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """404: no such page (`handler404`)."""
    return _render_error(request, 404)


def form_only(request: HttpRequest) -> HttpResponse:
    """405: an address that takes forms was opened as a page, by reloading or by hand."""
    return _render_error(request, 405)


def too_many_requests(request: HttpRequest, *, retry_after_seconds: int) -> HttpResponse:
    """429: a limit is used up; says when to come back."""
    response = _render_error(request, 429, retry_after_seconds=retry_after_seconds)
    response["Retry-After"] = str(retry_after_seconds)
    return response


def server_error(request: HttpRequest) -> HttpResponse:
    """500: our fault (`handler500`)."""
    return _render_error(request, 500)


def offline_page(request: HttpRequest) -> HttpResponse:
    """Not an error of ours: what a browser shows that cannot reach the hall. The same for everybody."""
    return HttpResponse(render_to_string("errors/offline.html", {**hall(request), "request_id": ""}))


def unavailable(request: HttpRequest, *, retry_after_seconds: int = 60) -> HttpResponse:
    """503: the hall is being worked on or something it stands on is down; says when to come back."""
    response = _render_error(request, 503, retry_after_seconds=retry_after_seconds)
    response["Retry-After"] = str(retry_after_seconds)
    return response
