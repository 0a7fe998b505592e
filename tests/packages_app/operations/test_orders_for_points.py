"""Data packs that cost points: an order like any other, whose yes takes points instead of money."""

from typing import Any

import pytest
from django.db import connection

from accounts.models import Line
from billing.models import Charge, PointsCounterpart
from billing.operations.points_ledger import take_points
from kernel.audit import run_check
from messaging.models import Sms
from packages_app.models import Bucket, Offering, Order
from packages_app.operations.confirm_order import TermsChanged
from packages_app.operations.eligibility import TooFewPoints
from packages_app.operations.offering_rules import OfferingInvalid
from packages_app.queries.audit import list_checks
from tests.books import broken_checks
from tests.factories.billing import NOW, make_line, wallet_of
from tests.factories.packages_app import GB, ask_for, make_offering, say_yes
from tests.factories.points import bring_in, points_entries, points_of
from tests.races import outcomes

pytestmark = pytest.mark.django_db


def rich_line(points: int) -> Line:
    line = make_line(cash_fen=1_00)
    bring_in(line, points, earned_at=NOW)
    return line


@pytest.fixture
def pack() -> Offering:
    return make_offering({"DATA": GB}, price_fen=0, points_price=600)


class TestOrdersForPoints:
    def test_say_what_they_cost_and_take_it_with_the_yes(self, pack: Offering) -> None:
        line = rich_line(700)
        order = ask_for(line, pack)
        text = Sms.objects.get(account_id=line.account_id, kind="ORDER_CONFIRMATION").body
        assert "600积分，一次性" in text
        assert points_of(line) == 700
        say_yes(order)
        assert points_entries(line)[1:] == [(2, "DATA", -600, 100)]
        assert Bucket.objects.get(account_id=line.account_id).total == GB
        assert wallet_of(line.account_id) == (1_00, 0, 1)
        assert not Charge.objects.exists()
        assert broken_checks() == []

    def test_are_refused_to_who_has_too_few(self, pack: Offering) -> None:
        line = rich_line(599)
        with pytest.raises(TooFewPoints):
            ask_for(line, pack)
        assert not Order.objects.exists()

    def test_end_without_anything_when_the_points_are_gone_by_then(self, pack: Offering) -> None:
        line = rich_line(700)
        order = ask_for(line, pack)
        take_points(
            account_id=line.account_id, points=200, posting_key="other", counterpart=PointsCounterpart.BONUS,
            reason_id=line.account_id, now=NOW,
        )  # fmt: skip
        with pytest.raises(TooFewPoints):
            say_yes(order)
        order.refresh_from_db()
        assert (order.state, order.failure) == ("FAILED", "INSUFFICIENT_POINTS")
        assert points_of(line) == 500
        assert not Bucket.objects.exists()

    def test_are_never_repriced(self, pack: Offering) -> None:
        line = rich_line(700)
        order = ask_for(line, pack)
        Offering.objects.filter(code=pack.code).update(points_price=500)
        with pytest.raises(TermsChanged):
            say_yes(order)
        assert points_of(line) == 700

    @pytest.mark.parametrize("fields", [{"price_fen": 1}, {"price_fen": 0, "recurrence": "MONTHLY"}])
    def test_cost_no_money_besides(self, fields: dict[str, Any]) -> None:
        with pytest.raises(OfferingInvalid):
            make_offering(points_price=600, **fields)

    def test_are_audited(self, pack: Offering) -> None:
        say_yes(ask_for(rich_line(700), pack))
        check = next(check for check in list_checks() if check.name == "order_for_points_took_them")
        assert run_check(check).violations == 0
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_points_entry SET points = points + 1 WHERE counterpart = 'DATA'")
        assert run_check(check).violations == 1


@pytest.mark.django_db(transaction=True)
class TestManyYeses:
    def test_take_the_points_once(self) -> None:
        line = rich_line(1_300)
        order = ask_for(line, make_offering({"DATA": GB}, price_fen=0, points_price=600))
        ended = outcomes(lambda _number: say_yes(order), times=16)
        assert ended == {"OK": 1, "ALREADY_CONFIRMED": 15}
        assert points_of(line) == 700
