"""What a hall makes of something a customer sent."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Wish:
    """The capability that is meant, by its name, and its arguments.

    :ivar keep: what is kept of the customer's words once they are answered, where they hold a secret; None keeps them.
    """

    capability: str
    arguments: Mapping[str, Any] = field(default_factory=dict)
    keep: str | None = None
