from datetime import timedelta

import pytest

from kernel.clock import now
from packages_app.models import Subscription
from packages_app.tasks import end_subscriptions, expire_orders
from tests.factories.billing import make_line
from tests.factories.packages_app import ask_for, buy, make_offering, standing

pytestmark = pytest.mark.django_db


class TestExpireOrders:
    def test_ends_what_lapsed_and_charges_nothing(self) -> None:
        line = make_line(cash_fen=10_00)
        order = ask_for(line, make_offering(), now=now() - timedelta(hours=2))
        expire_orders(sent_by_a_newer_caller=1)
        order.refresh_from_db()
        assert order.state == "EXPIRED"
        assert standing(line.account_id)["wallet"] == (10_00, 0, 1)


class TestEndSubscriptions:
    def test_marks_what_is_over(self) -> None:
        line = make_line(cash_fen=10_00)
        buy(line, make_offering(), now=now() - timedelta(days=40))
        end_subscriptions(sent_by_a_newer_caller=1)
        assert Subscription.objects.get(account_id=line.account_id).state == "ENDED"
