"""Whatever can be kept is written and read back to the same byte, second and li."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from packages_app.models import OfferingAllowance, OfferingUnitPrice
from packages_app.sheets.notation import allowances_text, parse_allowances, parse_unit_prices, unit_prices_text

KINDS = st.sampled_from(["DATA", "VOICE", "SMS"])
AMOUNTS = st.one_of(
    st.integers(1, 999_999_999),
    st.integers(1, 9_999).map(lambda count: count * 1024**3),
    st.integers(1, 9_999).map(lambda count: count * 60),
)
SCOPES = st.sampled_from(
    [("GENERAL", ""), ("APP", "video"), ("REGION", "CN-GD"), ("REGION", "HK"), ("TIME", "23:00-07:00")]
)


@settings(suppress_health_check=[HealthCheck.too_slow])  # on a busy machine
@given(st.lists(st.tuples(KINDS, AMOUNTS, SCOPES, st.booleans()), max_size=6))
def test_allowances(parts: list[tuple[str, int, tuple[str, str], bool]]) -> None:
    written = [
        OfferingAllowance(
            number=number, usage_kind=kind, amount=amount, scope=scope, scope_value=value, is_shared=is_shared
        )
        for number, (kind, amount, (scope, value), is_shared) in enumerate(parts, start=1)
    ]
    read = parse_allowances(allowances_text(written))
    assert [
        (part.number, part.usage_kind, part.amount, (part.scope, part.scope_value), part.is_shared) for part in read
    ] == [(number, *part) for number, part in enumerate(parts, start=1)]


@given(st.dictionaries(st.tuples(KINDS, st.sampled_from(["", "HK", "JP"])), st.tuples(st.integers(0, 10**9), AMOUNTS)))
def test_unit_prices(prices: dict[tuple[str, str], tuple[int, int]]) -> None:
    written = [
        OfferingUnitPrice(usage_kind=kind, region=region, price_li=price_li, per_amount=per_amount)
        for (kind, region), (price_li, per_amount) in prices.items()
    ]
    read = parse_unit_prices(unit_prices_text(written))
    assert {(row.usage_kind, row.region): (row.price_li, row.per_amount) for row in read} == prices
