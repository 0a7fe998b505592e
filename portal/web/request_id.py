"""Tells the visitor the id under which a request stands in the logs."""

from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse


class RequestIdMiddleware:
    """Puts the request id on every answer; stands right behind the middleware that makes it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response["X-Request-ID"] = structlog.contextvars.get_contextvars().get("request_id", "")
        return response
