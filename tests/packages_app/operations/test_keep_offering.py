from datetime import timedelta

import pytest

from packages_app.models import (
    LinkKind,
    Offering,
    OfferingAllowance,
    OfferingLink,
    OfferingUnitPrice,
    OfferingVersion,
    UsageKind,
)
from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.terms import get_terms
from tests.factories.billing import NOW, make_line
from tests.factories.packages_app import GB, ask_for, general_allowances, make_offering

pytestmark = pytest.mark.django_db


def included(offering: Offering) -> list[tuple[str, int]]:
    return list(OfferingAllowance.objects.filter(offering=offering).values_list("usage_kind", "amount"))


def keep(offering: Offering, amounts: dict[str, int], *, days: int = 0) -> int:
    return keep_offering(
        offering=offering,
        allowances=general_allowances(amounts),
        author="li",
        now=NOW + timedelta(days=days),
    )


class TestKeepOffering:
    def test_saves_the_offering_with_what_it_includes(self) -> None:
        offering = make_offering({UsageKind.DATA: GB, UsageKind.SMS: 50})
        offering.price_fen = 6_00
        keep(offering, {UsageKind.DATA: 2 * GB, UsageKind.VOICE: 60, UsageKind.SMS: 0})
        assert Offering.objects.get().price_fen == 6_00
        assert included(offering) == [(UsageKind.DATA, 2 * GB), (UsageKind.VOICE, 60)]

    def test_saves_prices_beyond_and_ties(self) -> None:
        offering, other = make_offering(), make_offering()
        keep_offering(
            offering=offering,
            allowances=[
                OfferingAllowance(number=1, usage_kind="DATA", amount=GB, scope="APP", scope_value="video"),
                OfferingAllowance(number=2, usage_kind="DATA", amount=2 * GB, is_shared=True),
            ],
            unit_prices=[OfferingUnitPrice(usage_kind="DATA", price_li=5_000, per_amount=GB)],
            links=[OfferingLink(other=other, kind=LinkKind.EXCLUDES)],
            author="li",
            now=NOW,
        )
        terms = get_terms(Offering.objects.get(code=offering.code))
        assert [(part["number"], part["scope"], part["is_shared"]) for part in terms["allowances"]] == [
            (1, "APP", False),
            (2, "GENERAL", True),
        ]
        assert terms["unit_prices"] == [{"usage_kind": "DATA", "region": "", "price_li": 5_000, "per_amount": GB}]
        assert list(offering.links.values_list("other_id", "kind")) == [(other.code, "EXCLUDES")]

    def test_begins_a_version_when_the_deal_changes(self) -> None:
        offering = make_offering()
        offering.price_fen = 6_00
        assert keep(offering, {UsageKind.DATA: GB}, days=1) == 2
        offering.name_zh = "新名字"
        assert keep(offering, {UsageKind.DATA: GB}, days=2) == 2
        assert keep(offering, {UsageKind.DATA: 2 * GB}, days=3) == 3
        history = OfferingVersion.objects.filter(offering=offering).order_by("version")
        assert [(past.version, past.terms["price_fen"], past.changed_at) for past in history][1:] == [
            (2, 6_00, NOW + timedelta(days=1)),
            (3, 6_00, NOW + timedelta(days=3)),
        ]
        assert Offering.objects.get().version == 3

    def test_leaves_the_terms_of_orders_alone(self) -> None:
        offering = make_offering()
        order = ask_for(make_line(cash_fen=50_00), offering)
        before = dict(order.terms)
        offering.price_fen = 6_00
        keep(offering, {})
        order.refresh_from_db()
        assert order.terms == before == dict(get_terms(make_offering()))
