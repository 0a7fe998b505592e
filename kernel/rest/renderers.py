"""Writes answers: exact JSON numbers, instants in UTC that end in Z."""

import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

# Media ranges that JSON falls into, the most specific first.
_JSON_RANGES = ("application/json", "application/*", "*/*")
_ZERO_WEIGHT = re.compile(r"q=0(\.0{0,3})?")


class TmfJSONEncoder(json.JSONEncoder):
    """Adds the kinds of values that resources are made of."""

    def default(self, value: Any) -> Any:
        match value:
            case Decimal():
                return json_number(value)
            case datetime():
                return instant_text(value)
            case UUID() | Promise():
                return str(value)
        return super().default(value)


class TmfJSONRenderer(JSONRenderer):
    """JSON in UTF-8: there is one representation."""

    encoder_class = TmfJSONEncoder


class OneRepresentation(BaseContentNegotiation):
    """Answers JSON to everybody who takes it; reads the kinds of body that the view names."""

    def select_parser(self, request: Request, parsers: Iterable[BaseParser]) -> BaseParser | None:
        media_type = (request.content_type or "").partition(";")[0].strip().lower()
        return next((parser for parser in parsers if parser.media_type == media_type), None)

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = next(iter(renderers))
        if not _takes_json(request.headers.get("Accept", "")):
            raise NotAcceptable
        return renderer, renderer.media_type or ""


class FileNegotiation(DefaultContentNegotiation):
    """For doors that answer a file, which has one form; their refusals are JSON."""

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        renderer = TmfJSONRenderer()
        return renderer, renderer.media_type


def _takes_json(accept: str) -> bool:
    """Tell whether an Accept header leaves room for JSON; an empty one does (RFC 9110, 12.5.1)."""
    weights = {}
    for text in accept.lower().split(","):
        kind, *parameters = (part.strip() for part in text.split(";"))
        if kind in _JSON_RANGES:
            weights[kind] = not any(_ZERO_WEIGHT.fullmatch(parameter) for parameter in parameters)
    # The most specific range that names JSON decides.
    return not accept.strip() or next((weights[kind] for kind in _JSON_RANGES if kind in weights), False)


def json_number(value: Decimal) -> int | float:
    """Return the Python number that `json` writes exactly as this decimal.

    A double's shortest text gives back any decimal of up to 15 significant digits unchanged.

    :raises ValueError: the decimal has more; nothing of the hall has, so it is not written wrongly either.
    """
    if value == value.to_integral_value():
        return int(value)
    number = float(value)
    if Decimal(repr(number)) != value:
        raise ValueError(f"{value} cannot be written as a JSON number without rounding")
    return number


def instant_text(instant: datetime) -> str:
    """Return an aware instant as RFC 3339 in UTC: microseconds only if there are any, "Z" at the end."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")
