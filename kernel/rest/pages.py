"""Headers that tell where a page stands in the whole."""

from django.conf import settings
from rest_framework.request import Request

from kernel.rest.selection import Selection


def page_headers(request: Request, selection: Selection, *, count: int, total: int) -> dict[str, str]:
    """Return X-Total-Count (of what matches), X-Result-Count (of this page) and Link (first, prev, next, last)."""
    headers = {"X-Total-Count": str(total), "X-Result-Count": str(count)}
    links = [
        f'<{_address(request, offset, selection.limit)}>; rel="{relation}"'
        for relation, offset in _offsets(selection, total).items()
    ]
    if links:
        headers["Link"] = ", ".join(links)
    return headers


def _offsets(selection: Selection, total: int) -> dict[str, int]:
    if total <= selection.limit and selection.offset == 0:
        return {}
    offsets = {"first": 0}
    if selection.offset > 0:
        offsets["prev"] = max(selection.offset - selection.limit, 0)
    if selection.offset + selection.limit < total:
        offsets["next"] = selection.offset + selection.limit
    offsets["last"] = max(total - 1, 0) // selection.limit * selection.limit
    return offsets


def _address(request: Request, offset: int, limit: int) -> str:
    parameters = request.query_params.copy()
    parameters["offset"] = str(offset)
    parameters["limit"] = str(limit)
    return f"{settings.PUBLIC_URL}{request.path}?{parameters.urlencode()}"
