import pytest

from packages_app.models import Offering, OfferingAllowance, UsageKind
from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.terms import get_terms
from tests.factories.billing import make_line
from tests.factories.packages_app import GB, ask_for, make_offering

pytestmark = pytest.mark.django_db


def included(offering: Offering) -> dict[str, int]:
    return dict(OfferingAllowance.objects.filter(offering=offering).values_list("usage_kind", "amount"))


class TestKeepOffering:
    def test_saves_the_offering_with_what_it_includes(self) -> None:
        offering = make_offering({UsageKind.DATA: GB, UsageKind.SMS: 50})
        offering.price_fen = 6_00
        keep_offering(offering=offering, allowances={UsageKind.DATA: 2 * GB, UsageKind.VOICE: 60, UsageKind.SMS: 0})
        assert Offering.objects.get().price_fen == 6_00
        assert included(offering) == {UsageKind.DATA: 2 * GB, UsageKind.VOICE: 60}

    def test_leaves_the_terms_of_orders_alone(self) -> None:
        offering = make_offering()
        order = ask_for(make_line(cash_fen=50_00), offering)
        before = dict(order.terms)
        offering.price_fen = 6_00
        keep_offering(offering=offering, allowances={})
        order.refresh_from_db()
        assert order.terms == before == dict(get_terms(make_offering()))
