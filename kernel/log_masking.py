"""Keeps phone numbers, documents, addresses, codes and secrets out of the logs, whoever logs them."""

import re
from collections.abc import MutableMapping
from typing import Any

from kernel.masking import mask_document, mask_email, mask_msisdn

# A mainland number, with or without its country code, in one piece or as people and addresses write it (138 0013 8000,
# %2B86138…), not inside a longer run of letters or digits (an id, a hash).
_GAP = r"(?:%20|[ +-])?"
_MSISDN = re.compile(
    r"(?:(?<=%2[Bb])|(?<![0-9A-Za-z-]))"
    rf"(?:(?:\+|00)?86{_GAP})?(1[3-9]\d){_GAP}(\d{{4}}){_GAP}(\d{{4}})(?![0-9A-Za-z-])",
    re.ASCII,
)
# A resident card (eighteen characters with a day of birth in them), and an e-mail address.
_RESIDENT_CARD = re.compile(r"(?<![0-9A-Za-z-])[1-9]\d{5}(?:19|20)\d{9}[\dXx](?![0-9A-Za-z-])", re.ASCII)
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_SECRET_KEYS = frozenset(
    {
        *("password", "code", "pin", "puk", "secret", "token", "authorization", "cookie", "body"),
        *("document", "document_number", "iccid", "email"),
    }
)
HIDDEN = "[hidden]"


def mask_personal_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """structlog processor: mask numbers in every text value and hide values whose key names a secret."""
    for key, value in event.items():
        if key.lower() in _SECRET_KEYS:
            event[key] = HIDDEN
        else:
            event[key] = _masked(value)
    return event


def _masked(value: Any) -> Any:
    if isinstance(value, str):
        masked = _MSISDN.sub(lambda match: mask_msisdn("".join(match.groups())), value)
        masked = _RESIDENT_CARD.sub(lambda match: mask_document(match[0]), masked)
        return _EMAIL.sub(lambda match: mask_email(match[0]), masked) if "@" in masked else masked
    if isinstance(value, dict):
        return {key: HIDDEN if str(key).lower() in _SECRET_KEYS else _masked(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(item) for item in value]
    return value
