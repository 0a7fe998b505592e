"""A form that was not accepted."""

from typing import Any, cast

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from kernel.errors import DomainError


def refused_form(
    request: HttpRequest, template: str, form: Form, refusal: DomainError | None = None, **context: object
) -> HttpResponse:
    """Show the form again with what is wrong beside its field."""
    status = 422
    if refusal is not None:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        status = refusal.http_status
    response = render(request, template, {"form": form, **context}, status=status)
    first_error = next(iter(form.errors.as_data().values()))[0]
    cast("Any", response).outcome = refusal.code if refusal else str(first_error.code).upper()
    return response
