"""Which accounts a caller of the REST face may see: decided once, from its token, and handed down to every query."""

import uuid
from dataclasses import dataclass
from enum import StrEnum


class SightKind(StrEnum):
    """How far a caller sees."""

    GRANTED = "GRANTED"
    PROVINCES = "PROVINCES"
    ALL = "ALL"
    OWN = "OWN"


@dataclass(frozen=True, slots=True)
class Sight:
    """A caller's view of the accounts; `accounts.queries.visible_accounts` applies it.

    :ivar client_id: whose grants count, for GRANTED.
    :ivar provinces: ISO 3166-2 codes of the segment, for PROVINCES.
    :ivar account_id: the one account, for OWN.
    """

    kind: SightKind
    client_id: str = ""
    provinces: tuple[str, ...] = ()
    account_id: uuid.UUID | None = None
