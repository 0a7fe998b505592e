"""What of this app a customer takes along."""

from collections.abc import Mapping

from django.db import models

from kernel.own_data import OwnData
from packages_app.models import (
    Bucket,
    CapLift,
    Order,
    OrderEvidence,
    PartnerOrder,
    ReminderChoice,
    Subscription,
    ThresholdCrossing,
    UsageBeyond,
    UsageCounter,
    UsageFee,
    UsageRecord,
)

OWN_DATA = [
    OwnData(
        "orders",
        Order,
        (
            *("id", "line_id", "offering_id", "terms", "price_fen", "state", "channel", "quoted_at"),
            *("confirmed_at", "confirmed_channel", "ended_at", "failure"),
        ),
    ),
    OwnData("order_evidence", OrderEvidence, ("order_id", "number", "kind", "channel", "detail", "at")),
    OwnData(
        "orders_of_partners",
        PartnerOrder,
        (
            *("order_id", "client_name", "external_id", "category", "description"),
            *("cancelled_at", "cancellation_reason"),
        ),
    ),
    OwnData(
        "subscriptions",
        Subscription,
        (
            *("id", "line_id", "offering_id", "terms", "state", "started_at", "ends_at"),
            *("committed_until", "cancelled_at", "cancelled_channel"),
        ),
    ),
    OwnData(
        "allowances",
        Bucket,
        ("line_id", "subscription_id", "usage_kind", "total", "used", "starts_at", "ends_at"),
    ),
    OwnData(
        "detail_records",
        UsageRecord,
        ("started_at", "line_id", "usage_kind", "amount", "app", "region", "other_party"),
    ),
    OwnData("usage_by_month", UsageCounter, ("line_id", "period_date", "usage_kind", "total", "abroad", "beyond")),
    OwnData("caps_lifted", CapLift, ("line_id", "period_date", "cap_fen", "channel", "lifted_at")),
    OwnData("reminder_choices", ReminderChoice, ("line_id", "percent", "changed_at")),
    OwnData("reminders", ThresholdCrossing, ("line_id", "cycle_date", "threshold_percent", "crossed_at")),
]

LEFT_OUT: Mapping[type[models.Model], str] = {
    UsageBeyond: "Part of the usage by month, split as prices need it; the charges are there.",
    UsageFee: "How much of the usage by month was charged; the charges are there.",
}
