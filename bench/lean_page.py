"""The leanest signed-in page that Django can serve: session, user, one query, a template of a kilobyte."""

from django.contrib.auth.decorators import login_required
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template import Context, Template
from django.urls import path

_LINES = "".join(f"<li>{{{{ name }}}}: line {number} of a plain page</li>\n" for number in range(24))
_TEMPLATE = Template(f"<!doctype html><html><title>{{{{ name }}}}</title><ul>{_LINES}</ul></html>")


@login_required
def page(request: HttpRequest) -> HttpResponse:
    """Draw it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT cash_fen FROM billing_wallet WHERE account_id = %s", [request.GET["account"]])
        row = cursor.fetchone()
    return HttpResponse(_TEMPLATE.render(Context({"name": request.user.get_username(), "cash_fen": row[0]})))


urlpatterns = [path("", page)]
