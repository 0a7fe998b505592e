"""Takes out of a request what no browser writes, so that whoever does sees the page and not a fault of ours."""

import codecs
from collections.abc import Callable
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest, HttpResponse

_CURRENT_URL = "HTTP_HX_CURRENT_URL"


class StrayHeadersMiddleware:
    """Leaves out cookies with a NUL, other encodings than UTF-8, and a page's address that cannot be read.

    No database column holds a NUL, and a quoted cookie can spell one; "unicode_escape" spells it in a query string, and
    halves of surrogate pairs, which no page can show. Stands before all that looks at cookies or forms.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        for name in [name for name, value in request.COOKIES.items() if "\0" in value]:
            del request.COOKIES[name]
        if request.encoding and codecs.lookup(request.encoding).name != "utf-8":
            request.encoding = "utf-8"
        if not _is_address(request.META.get(_CURRENT_URL, "")):
            del request.META[_CURRENT_URL]
        return self.get_response(request)


def _is_address(text: str) -> bool:
    try:
        urlsplit(text)
        urlsplit(unquote(text))
    except ValueError:
        return False
    return True
