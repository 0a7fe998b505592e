"""How pages look for this visitor: older people's version, light or dark. Kept in cookies, open to everybody."""

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from portal.web.page_context import MODE_COOKIE, PAGE_MODES, THEME_COOKIE, THEMES

_KEPT_SECONDS = 365 * 24 * 3600
_CHOICES = {"mode": (MODE_COOKIE, PAGE_MODES), "theme": (THEME_COOKIE, THEMES)}


@require_POST
def page_mode(request: HttpRequest) -> HttpResponse:
    """Keep the posted `mode` and `theme` for a year and go back to `next`, or home if that is not a page of ours.

    :raises BadRequest: neither was posted, or a value is unknown; nothing is kept then.
    """
    chosen = {name: request.POST[name] for name in _CHOICES if name in request.POST}
    if not chosen or any(value not in _CHOICES[name][1] for name, value in chosen.items()):
        raise BadRequest("unknown page mode or theme")
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = HttpResponseRedirect(back)
    for name, value in chosen.items():
        response.set_cookie(
            _CHOICES[name][0],
            value,
            max_age=_KEPT_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response
