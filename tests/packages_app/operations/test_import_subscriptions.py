import uuid
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError

from accounts.models import Line
from kernel.clock import Month
from packages_app.models import Bucket, Offering, Order, OrderEvidence, Subscription
from packages_app.operations.import_subscriptions import ImportedSubscription, import_subscriptions
from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.terms import get_terms
from tests.factories.packages_app import general_allowances
from tests.factories.usage import GB, MONTH_START, NOW, make_line

pytestmark = pytest.mark.django_db
DECEMBER = Month(2026, 12)


def offering(code: str = "PLAN-59", *, name: str = '畅享"59", 套餐', price_fen: int = 59_00) -> Offering:
    return Offering(
        code=code,
        kind="PLAN",
        name_zh=name,
        name_en="Enjoy 59",
        price_fen=price_fen,
        recurrence="MONTHLY",
        head="PLAN",
        on_sale_from=MONTH_START,
    )


def imported(line: Line, *, confirmed_at: datetime = MONTH_START, **changes: Any) -> ImportedSubscription:
    sold = ImportedSubscription(
        *(line.account_id, line.id, uuid.uuid4(), "PLAN-59", "SMS", "是"),
        *(confirmed_at - timedelta(minutes=3), confirmed_at, confirmed_at + timedelta(hours=24), None),
    )
    return sold._replace(**changes)


@pytest.fixture(autouse=True)
def catalogue() -> None:
    keep_offering(
        offering=offering(),
        allowances=general_allowances({"DATA": 20 * GB, "VOICE": 6000}),
        author="",
        now=MONTH_START,
    )


class TestImportSubscriptions:
    def test_brings_in_order_evidence_and_subscription_under_one_id(self) -> None:
        line = make_line()
        sold = imported(line)
        import_subscriptions(subscriptions=[sold], now=NOW)
        terms = get_terms(Offering.objects.get())
        order = Order.objects.get(account_id=line.account_id, id=sold.order_id)
        assert (order.state, order.terms, order.price_fen) == ("COMPLETED", terms, 59_00)
        assert (order.quoted_at, order.confirmed_at, order.confirmed_channel) == (sold.ordered_at, MONTH_START, "SMS")
        evidence = OrderEvidence.objects.filter(account_id=line.account_id, order_id=sold.order_id).order_by("number")
        assert list(evidence.values_list("number", "kind", "actor", "detail", "at")) == [
            (1, "OFFERED", "LINE", {"terms": terms}, sold.ordered_at),
            (2, "REPLY", "LINE", {"reply": "是"}, MONTH_START),
            (3, "CONFIRMED", "LINE", {}, MONTH_START),
        ]
        subscription = Subscription.objects.get(account_id=line.account_id, id=sold.order_id)
        assert (subscription.state, subscription.terms, subscription.started_at) == ("ACTIVE", terms, MONTH_START)
        assert (subscription.ends_at, subscription.cancelled_at) == (None, None)

    def test_opens_the_allowances_of_the_month(self) -> None:
        long_ago = MONTH_START - timedelta(days=400)
        import_subscriptions(
            subscriptions=[imported(make_line(), confirmed_at=long_ago), imported(make_line(), confirmed_at=NOW)],
            now=NOW,
        )
        buckets = Bucket.objects.order_by("starts_at", "usage_kind")
        assert list(buckets.values_list("usage_kind", "total", "used", "starts_at", "ends_at")) == [
            ("DATA", 20 * GB, 0, MONTH_START, DECEMBER.starts_at),
            ("VOICE", 6000, 0, MONTH_START, DECEMBER.starts_at),
            ("DATA", 20 * GB, 0, NOW, DECEMBER.starts_at),
            ("VOICE", 6000, 0, NOW, DECEMBER.starts_at),
        ]

    def test_leaves_what_is_over_ended_and_without_allowance(self) -> None:
        began = Month(2026, 8).starts_at
        import_subscriptions(subscriptions=[imported(make_line(), confirmed_at=began, ends_at=MONTH_START)], now=NOW)
        assert Subscription.objects.get().state == "ENDED"
        assert Bucket.objects.count() == 0

    def test_refuses_all_when_one_was_not_confirmed_in_time(self) -> None:
        late = imported(make_line(), expires_at=MONTH_START)
        with pytest.raises(IntegrityError):
            import_subscriptions(subscriptions=[imported(make_line()), late], now=NOW)
