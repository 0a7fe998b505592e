"""Answers people who open an address that takes forms only, say by reloading, with a page instead of an empty one."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from portal.web.error_pages import form_only


class FormOnlyMiddleware:
    """Draws the page of a 405 for browsers that look; machines get their own answers."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if (
            response.status_code != HTTPStatus.METHOD_NOT_ALLOWED
            or request.method != "GET"
            or not request.accepts("text/html")
            or response.content
        ):
            return response
        page = form_only(request)
        page["Allow"] = response["Allow"]
        return page
