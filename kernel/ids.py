"""Row ids made by the application, and the public ids that stand in URLs."""

import base64
import binascii
import uuid
from dataclasses import dataclass

from uuid6 import uuid7 as _uuid7

NIL = uuid.UUID(int=0)


def uuid7() -> uuid.UUID:
    """Return a new time-ordered UUID (RFC 9562): rows of one account lie together in the index in order of time."""
    return uuid.UUID(int=_uuid7().int)


@dataclass(frozen=True, slots=True)
class PublicId:
    """Names a customer's row in a URL or REST answer: the account first, so that the request finds its shard."""

    account_id: uuid.UUID
    row_id: uuid.UUID

    def __str__(self) -> str:
        return _text(self.account_id) + _text(self.row_id)

    @classmethod
    def parse(cls, text: str) -> "PublicId":
        """Read what `str()` wrote.

        :raises ValueError: not a public id; treat as not found.
        """
        if len(text) != 44:
            raise ValueError("not a public id")
        public_id = cls(_uuid(text[:22]), _uuid(text[22:]))
        if str(public_id) != text:
            raise ValueError("not a public id")
        return public_id


def _text(value: uuid.UUID) -> str:
    return base64.urlsafe_b64encode(value.bytes).decode().rstrip("=")


def _uuid(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(bytes=base64.urlsafe_b64decode(text + "=="))
    except (binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not a public id") from error
