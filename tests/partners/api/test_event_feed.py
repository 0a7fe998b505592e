"""What happened, found in the rows of the apps and written as TM Forum events."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Line
from accounts.operations.grant_partner import grant_partner_account
from billing.models import LedgerEntry, TopUp, TopUpState
from billing.operations.issue_bills import issue_bills
from kernel.clock import Month
from kernel.rest.registry import list_event_kinds
from kernel.sight import SightKind
from packages_app.models import Order, OrderState, ThresholdCrossing
from partners.api import event_feed
from partners.api.event_feed import gather_events
from partners.models import Hub, HubEvent
from partners.operations.partner_clients import ClientTerms, change_partner_client
from tests.factories import usage
from tests.factories.billing import NOW, give_cash, make_line, make_top_up
from tests.factories.packages_app import ask_for, make_offering
from tests.factories.partners import make_hub, make_partner

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


@pytest.fixture
def line() -> Line:
    return make_line()


def gather(hub: Hub, *, minutes: float = 1) -> list[dict[str, Any]]:
    """Return the events that came with a look at what happened, in the order in which they leave."""
    known = set(HubEvent.objects.values_list("id", flat=True))
    hub.refresh_from_db()
    count = gather_events(hub=hub, now=NOW + minutes * MINUTE)
    new = [event for event in HubEvent.objects.order_by("occurred_at", "rank", "id") if event.id not in known]
    assert len(new) == count
    return [json.loads(event.body) for event in new]


def types(events: list[dict[str, Any]]) -> list[str]:
    return [event["eventType"] for event in events]


class TestGatherEvents:
    def test_writes_a_top_up_as_its_resource_has_it(self, line: Line) -> None:
        partner = make_partner(line)
        hub = make_hub(partner)
        top_up = make_top_up(line)
        [event] = gather(hub)
        [entity] = partner.get("/tmf-api/prepayBalanceManagement/v4/topupBalance").json()
        row = HubEvent.objects.get()
        assert event == {
            "eventId": str(row.id),
            "eventTime": "2026-11-22T06:30:00Z",
            "eventType": "TopupBalanceCreateEvent",
            "event": {"topupBalance": event["event"]["topupBalance"]},
        }
        told = event["event"]["topupBalance"]
        assert {name: told[name] for name in entity if name != "channel"} == {
            name: entity[name] for name in entity if name != "channel"
        }
        assert (row.account_id, row.occurred_at) == (line.account_id, top_up.requested_at)
        assert row.entity == f"topupBalance/{entity['id']}"

    def test_tells_each_thing_once(self, line: Line) -> None:
        hub = make_hub(make_partner(line))
        top_up = make_top_up(line)
        assert types(gather(hub)) == ["TopupBalanceCreateEvent"]
        assert gather(hub) == gather(hub, minutes=15) == []
        TopUp.objects.filter(id=top_up.id).update(state=TopUpState.FAILED, finished_at=NOW + 16 * MINUTE)
        assert types(gather(hub, minutes=16)) == ["TopupBalanceStatusChangeEvent"]
        assert gather(hub, minutes=17) == []

    def test_tells_what_a_wallet_holds(self, line: Line) -> None:
        hub = make_hub(make_partner(line), query="eventType=BucketAttributeValueChangeEvent")
        make_top_up(line)
        give_cash(line, 12_34, now=NOW + MINUTE)
        [event] = gather(hub)
        assert event["event"]["bucket"]["remainingValue"] == {"amount": 12.34, "units": "CNY"}
        assert event["eventTime"] == "2026-11-22T06:31:00Z"

    def test_tells_of_thresholds_passed(self, line: Line) -> None:
        hub = make_hub(make_partner(line), query="eventType=BucketThresholdReachedEvent")
        bucket = usage.make_bucket(line)
        crossing = {"account_id": line.account_id, "line_id": line.id, "cycle_date": NOW.date(), "crossed_at": NOW}
        for percent, superseded in ((80, False), (50, True), (0, False)):
            ThresholdCrossing.objects.create(
                **crossing, bucket_id=bucket.id, threshold_percent=percent, superseded=superseded
            )
        [event] = gather(hub)
        assert event["description"] == "80 % is used"
        assert event["event"]["bucket"]["usageType"] == bucket.usage_kind.lower()

    def test_tells_of_bills_of_a_run_that_began_long_ago(self, line: Line) -> None:
        hub = make_hub(make_partner(line), api="customer-bill")
        make_line()
        month = Month(2026, 11)
        began_at = (month.ends_at - NOW) / MINUTE
        assert gather(hub, minutes=began_at + 180) == []
        assert issue_bills(month=month, now=month.ends_at) == 2
        [event] = gather(hub, minutes=began_at + 200)
        assert (event["eventType"], event["eventTime"]) == ("CustomerBillCreateEvent", "2026-11-30T16:00:00Z")
        assert event["event"]["customerBill"]["billingAccount"]["id"] == str(line.account_id)

    def test_tells_of_orders_and_of_their_end(self) -> None:
        line = make_line(cash_fen=100_00)
        hub = make_hub(make_partner(line), api="product-ordering")
        order = ask_for(line, make_offering())
        [asked] = gather(hub)
        Order.objects.filter(id=order.id).update(state=OrderState.REFUSED, ended_at=NOW + MINUTE)
        [ended] = gather(hub, minutes=2)
        assert types([asked, ended]) == ["ProductOrderCreateEvent", "ProductOrderStateChangeEvent"]
        told = [event["event"]["productOrder"] for event in (asked, ended)]
        assert told[0]["id"] == told[1]["id"]
        assert [entity["state"] for entity in told] == ["acknowledged", "cancelled"]

    def test_finds_what_was_committed_late(self, line: Line) -> None:
        hub = make_hub(make_partner(line))
        assert gather(hub, minutes=5) == []
        make_top_up(line)
        assert gather(hub, minutes=6) == []
        assert types(gather(hub, minutes=11)) == ["TopupBalanceCreateEvent"]

    def test_tells_only_of_accounts_that_the_partner_may_see(self, line: Line) -> None:
        partner, everything = make_partner(), make_partner(sees=SightKind.ALL)
        own, all_of_them = make_hub(partner), make_hub(everything)
        make_top_up(line)
        assert len(gather(all_of_them)) == 1
        assert gather(own) == []
        grant_partner_account(client_id=partner.client_id, account_id=line.account_id, now=NOW)
        make_top_up(line, now=NOW + 2 * MINUTE)
        assert len(gather(own, minutes=2)) >= 1

    def test_tells_nothing_of_before_it_was_made(self, line: Line) -> None:
        make_top_up(line, now=NOW - MINUTE)
        hub = make_hub(make_partner(line))
        assert gather(hub, minutes=15) == []

    def test_tells_only_what_was_asked_for(self, line: Line) -> None:
        hub = make_hub(make_partner(line), query="eventType=TopupBalanceCreateEvent&status=completed")
        make_top_up(line)
        give_cash(line, 1_00)
        assert gather(hub) == []

    def test_tells_nothing_of_a_scope_that_was_taken_away(self, line: Line) -> None:
        partner = make_partner(line)
        hub = make_hub(partner)
        terms = ClientTerms(name="partner", scopes=["bill:read"], calls_per_minute=1)
        change_partner_client(client_id=partner.client_id, terms=terms)
        make_top_up(line)
        assert gather(hub) == []

    def test_pages_through_many_of_one_instant(self, line: Line, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(event_feed, "PAGE", 2)
        monkeypatch.setattr(event_feed, "WRITTEN_AT_ONCE", 1)
        hub = make_hub(make_partner(line), query="eventType=BucketAttributeValueChangeEvent")
        for amount_fen in range(1, 6):
            give_cash(line, amount_fen)
        # Out of time after each page, it goes on where it stopped.
        hub.refresh_from_db()
        assert gather_events(hub=hub, now=NOW + MINUTE, ends_at=0.0) == 2
        hub.refresh_from_db()
        assert hub.gathered_until == NOW
        assert len(gather(hub)) == 3
        assert LedgerEntry.objects.filter(account_id=line.account_id).count() == HubEvent.objects.count() == 5

    def test_asks_as_often_for_many_as_for_one(self) -> None:
        hub = make_hub(make_partner(sees=SightKind.ALL))

        def queries(minutes: int) -> int:
            hub.refresh_from_db()
            with CaptureQueriesContext(connection) as captured:
                assert gather_events(hub=hub, now=NOW + minutes * MINUTE) > 0
            return len(captured)

        make_top_up(make_line())
        one = queries(1)
        for _number in range(5):
            make_top_up(make_line(), now=NOW + 2 * MINUTE)
        assert queries(2) <= one


def test_every_kind_of_event_is_of_a_resource_with_its_own_type() -> None:
    kinds = list_event_kinds()
    assert {kind.resource.api.name for kind in kinds} >= {"prepay-balance", "customer-bill"}
    assert [kind.type for kind in kinds if not kind.type.endswith("Event")] == []
