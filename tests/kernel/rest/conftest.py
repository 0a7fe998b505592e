from datetime import timedelta

import pytest

from tests.factories.partners import Partner, make_partner
from tests.kernel.rest.counters import ENDS_AT, make_counter


@pytest.fixture
def partner() -> Partner:
    """A client with the counters a to e, which count 1 to 5, and a stranger's beside them."""
    partner = make_partner()
    for number, name in enumerate("abcde", start=1):
        make_counter(partner.client_id, name, number, ENDS_AT + timedelta(days=number))
    make_counter("stranger", "z", 26)
    return partner
