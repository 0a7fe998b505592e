"""What the tests over all resources need to know of each: how its entities come to be, and what a good body is.

Each app has a module here with `SAMPLES`, by the resource's name; `test_every_resource` finds them all.
"""

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from accounts.models import Line


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One resource, as a test can make and change it.

    :ivar make: gives a line's account at least one entity; a new line and its wallet are there already.
    :ivar body: a body for POST that is taken, for a line of the caller; None where there is no POST.
    :ivar changes: a body for PATCH that is taken; None where there is no PATCH.
    :ivar makes_anew: whether a POST makes one more; False where it answers the one that is there.
    :ivar changes_own_only: whether only what the caller made by POST can be changed and taken away.
    :ivar for_everybody: whether entities belong to no account, and every caller sees the same.
    """

    make: Callable[[Line], object]
    body: Callable[[Line], dict[str, Any]] | None = None
    changes: Callable[[Line], dict[str, Any]] | None = None
    makes_anew: bool = True
    changes_own_only: bool = False
    for_everybody: bool = False


@cache
def list_samples() -> Mapping[str, Sample]:
    """Return every sample by the name of its resource."""
    modules = [importlib.import_module(f"{__name__}.{found.name}") for found in pkgutil.iter_modules(__path__)]
    return {name: sample for module in modules for name, sample in module.SAMPLES.items()}
