"""Refusals of the REST face, and how any refusal becomes a TMF error body.

The body is `{code, reason, message, status, referenceError}`: `code` is stable and may be relied on, `reason` is one
sentence in the caller's language, `message` names the attribute at fault and the cure, `status` is the HTTP status.
"""

from typing import Any

import structlog
from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import OperationalError
from django.http import Http404, UnreadablePostError
from django.urls import reverse
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    MethodNotAllowed,
    NotAcceptable,
    NotAuthenticated,
    UnsupportedMediaType,
)
from rest_framework.response import Response

from kernel.errors import DomainError, NotFound, Text

log = structlog.get_logger(__name__)

# What a caller without a good token is asked for (RFC 6750).
CHALLENGE = 'Bearer realm="api"'
# lock_not_available, serialization_failure, deadlock_detected: nothing was done, and trying again is right.
_BUSY_SQLSTATES = frozenset({"55P03", "40001", "40P01"})


class BodyInvalid(DomainError):
    """The body is no JSON object that can be read without guessing."""

    code = "BODY_INVALID"
    message = gettext_lazy("The body could not be read.")
    cure = gettext_lazy("Send one JSON object in UTF-8.")
    http_status = 400


class AttributeInvalid(DomainError):
    """One attribute of the body is missing, of the wrong kind or not known."""

    code = "ATTRIBUTE_INVALID"
    message = gettext_lazy("An attribute is missing or wrong.")
    http_status = 400


class ParameterInvalid(DomainError):
    """One query parameter is not known or has a value that cannot be read."""

    code = "PARAMETER_INVALID"
    message = gettext_lazy("A query parameter is wrong.")
    http_status = 400


class TokenMissing(DomainError):
    """No access token came with the request."""

    code = "TOKEN_MISSING"
    message = gettext_lazy("This needs an access token.")
    cure = gettext_lazy("Get one from /oauth/token/ and send it as “Authorization: Bearer …”.")
    http_status = 401


class TokenInvalid(DomainError):
    """The access token is unknown, revoked or has expired."""

    code = "TOKEN_INVALID"
    message = gettext_lazy("The access token is unknown or has expired.")
    cure = gettext_lazy("Get a new one from /oauth/token/.")
    http_status = 401


class ScopeMissing(DomainError):
    """The access token does not carry the scope that this operation needs."""

    code = "SCOPE_MISSING"
    message = gettext_lazy("The access token is not allowed to do this.")
    http_status = 403

    def __init__(self, scope: str) -> None:
        self.scope = scope
        super().__init__(cure=format_lazy(gettext_lazy("Ask for a token with the scope “{scope}”."), scope=scope))


class Busy(DomainError):
    """Somebody else holds what this request needs; nothing was done."""

    code = "BUSY"
    message = gettext_lazy("Another request is working on this.")
    cure = gettext_lazy("Send the same request again in a moment.")
    http_status = 409
    retry_after_seconds = 1


class Unexpected(DomainError):
    """A fault of ours."""

    code = "INTERNAL_ERROR"
    message = gettext_lazy("Something went wrong on our side.")
    cure = gettext_lazy("Try again later; the same Idempotency-Key keeps it from happening twice.")
    http_status = 500


class MethodRefused(DomainError):
    """The address exists, but not with this method."""

    code = "METHOD_NOT_ALLOWED"
    message = gettext_lazy("This address does not take this method.")
    http_status = 405


class MediaTypeRefused(DomainError):
    """The body is not of a kind that this address takes."""

    code = "MEDIA_TYPE_NOT_SUPPORTED"
    message = gettext_lazy("The body has a content type that is not taken here.")
    cure = gettext_lazy("Send Content-Type: application/json.")
    http_status = 415


class AnswerNotAcceptable(DomainError):
    """The caller takes no JSON."""

    code = "NOT_ACCEPTABLE"
    message = gettext_lazy("This address answers in JSON only.")
    cure = gettext_lazy("Send Accept: application/json, or none.")
    http_status = 406


class RequestRefused(DomainError):
    """Any other refusal of the framework."""

    code = "REQUEST_REFUSED"
    message = gettext_lazy("The request could not be carried out.")
    http_status = 400


def error_body(error: DomainError) -> dict[str, Any]:
    """Return the TMF body of a refusal, in the language that is active."""
    return {
        "code": error.code,
        "reason": str(error.message),
        "message": _message(error.field, error.cure),
        "status": str(error.http_status),
        "referenceError": f"{settings.PUBLIC_URL}{reverse('openapi-docs')}",
    }


def _message(field: str, cure: Text) -> str:
    if not field:
        return str(cure)
    return _("Attribute “%(name)s”. %(cure)s").strip() % {"name": field, "cure": cure}


def tmf_exception_handler(exception: Exception, context: dict[str, Any]) -> Response:
    """Answer any exception of a REST view with a TMF error body (`EXCEPTION_HANDLER`).

    What is not a refusal is logged as the fault it is, and told as 500 without its details.
    """
    error = _as_domain_error(exception)
    if isinstance(error, Unexpected):
        log.error("rest_call_failed", exc_info=exception)
        got_request_exception.send(sender=None, request=context["request"])
    response = Response(error_body(error), status=error.http_status, headers=_headers(error))
    response.outcome = error.code  # type: ignore[attr-defined]  # read by the middleware that notes every use
    return response


def _as_domain_error(exception: Exception) -> DomainError:
    match exception:
        case DomainError():
            return exception
        case NotAuthenticated():
            return TokenMissing()
        case AuthenticationFailed():
            return TokenInvalid()
        case MethodNotAllowed():
            return MethodRefused()
        case UnsupportedMediaType():
            return MediaTypeRefused()
        case NotAcceptable():
            return AnswerNotAcceptable()
        case Http404():
            return NotFound()
        case UnreadablePostError():
            return BodyInvalid()
        case SuspiciousOperation() | APIException():
            return RequestRefused()
        case OperationalError() if _sqlstate(exception) in _BUSY_SQLSTATES:
            return Busy()
    return Unexpected()


def _sqlstate(error: Exception) -> str:
    return getattr(error.__cause__, "pgcode", None) or ""


def _headers(error: DomainError) -> dict[str, str]:
    if error.retry_after_seconds is not None:
        return {"Retry-After": str(error.retry_after_seconds)}
    match error:
        case TokenMissing():
            return {"WWW-Authenticate": CHALLENGE}
        case TokenInvalid():
            return {"WWW-Authenticate": f'{CHALLENGE}, error="invalid_token"'}
        case ScopeMissing():
            return {"WWW-Authenticate": f'{CHALLENGE}, error="insufficient_scope", scope="{error.scope}"'}
    return {}
