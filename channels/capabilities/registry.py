"""Every capability by its name. A hall reads a wish and names the capability; the rest is the same in each hall."""

from channels.capabilities import (
    allowance,
    balance,
    barring,
    cancel_by_number,
    confirm_order,
    lift_cap,
    menu,
    points,
    port_out,
    recharge_card,
    star,
    summary,
    what_i_have,
)
from channels.capabilities.base import Capability

_ALL: tuple[Capability, ...] = (
    allowance.CAPABILITY,
    balance.CAPABILITY,
    barring.CAPABILITY,
    cancel_by_number.CAPABILITY,
    confirm_order.CAPABILITY,
    lift_cap.CAPABILITY,
    menu.CAPABILITY,
    points.CAPABILITY,
    port_out.CAPABILITY,
    recharge_card.CAPABILITY,
    star.CAPABILITY,
    summary.CAPABILITY,
    what_i_have.CAPABILITY,
)
_BY_NAME = {capability.name: capability for capability in _ALL}


def get_capability(name: str) -> Capability:
    """Return a capability.

    :raises KeyError: a hall names one that does not exist.
    """
    return _BY_NAME[name]
