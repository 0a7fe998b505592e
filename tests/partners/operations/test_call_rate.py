import pytest

from partners.operations.admit_call import AddressNotAllowed, require_address
from partners.operations.call_rate import WINDOW, CallRate, RateExceeded, take_call
from tests.factories.billing import NOW


class TestTakeCall:
    @pytest.mark.django_db
    def test_counts_down_and_starts_anew(self) -> None:
        rates = [take_call(caller="a", limit=2, now=NOW) for _ in range(2)]
        assert rates == [CallRate(2, 1, 60), CallRate(2, 0, 60)]
        with pytest.raises(RateExceeded) as refused:
            take_call(caller="a", limit=2, now=NOW + WINDOW / 2)
        assert (refused.value.retry_after_seconds, refused.value.rate) == (30, CallRate(2, 0, 30))
        assert take_call(caller="b", limit=2, now=NOW) == CallRate(2, 1, 60)
        assert take_call(caller="a", limit=2, now=NOW + WINDOW) == CallRate(2, 1, 60)


class TestRequireAddress:
    @pytest.mark.parametrize(
        ("networks", "address", "allowed"),
        [
            ([], "unknown", True),
            (["203.0.113.0/24"], "203.0.113.7", True),
            (["203.0.113.0/24"], "203.0.114.7", False),
            (["203.0.113.7/32", "2001:db8::/32"], "2001:db8:1:2::/64", True),
            (["2001:db8::/32"], "203.0.113.7", False),
            (["203.0.113.0/24"], "unknown", False),
        ],
    )
    def test_lets_pass_what_is_on_the_list(self, networks: list[str], address: str, allowed: bool) -> None:
        if allowed:
            require_address(networks=networks, address=address)
        else:
            with pytest.raises(AddressNotAllowed):
                require_address(networks=networks, address=address)
