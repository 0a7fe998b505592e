"""Reads request bodies without guessing: one JSON object, exact numbers, no key twice."""

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

from django.utils.translation import gettext as _
from rest_framework.parsers import BaseParser

from kernel.rest.errors import BodyInvalid

MAX_BODY_BYTES = 64 * 1024


class StrictJSONParser(BaseParser):
    """JSON as RFC 8259 has it. Fractions become `Decimal`; NaN and repeated keys are refused."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        """Return the one object in the stream.

        :raises BodyInvalid: it is too long or is not one JSON object.
        """
        return read_json_object(stream.read(MAX_BODY_BYTES + 1))


class MergePatchParser(StrictJSONParser):
    """The same for a change after RFC 7396, in which null takes an attribute away."""

    media_type = "application/merge-patch+json"


def read_json_object(body: bytes) -> dict[str, Any]:
    """Read one JSON object from UTF-8.

    :raises BodyInvalid: it is longer than `MAX_BODY_BYTES` or is not one JSON object.
    """
    if len(body) > MAX_BODY_BYTES:
        raise BodyInvalid(_("The body is longer than %(count)s bytes.") % {"count": MAX_BODY_BYTES})
    try:
        value = json.loads(
            body.decode(), parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_object_with_each_key_once
        )
    except (ValueError, InvalidOperation, RecursionError):
        raise BodyInvalid from None
    if not isinstance(value, dict):
        raise BodyInvalid
    return value


def _object_with_each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key stands twice in one object")
    # JSON can spell half a surrogate pair; a refusal that names such a key could not be written.
    "".join(found).encode()
    return found


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
