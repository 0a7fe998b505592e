from packages_app.models.bucket import Bucket, ThresholdCrossing
from packages_app.models.month_turn import MonthTurn
from packages_app.models.offering import FirstMonthRule, Offering, OfferingKind, Recurrence
from packages_app.models.offering_contents import (
    AllowanceScope,
    LinkKind,
    OfferingAllowance,
    OfferingLink,
    OfferingUnitPrice,
    OfferingVersion,
    UsageKind,
)
from packages_app.models.order import EvidenceKind, Order, OrderEvidence, OrderState
from packages_app.models.subscription import Subscription, SubscriptionState
from packages_app.models.usage import UsageCounter, UsageRecord

__all__ = [
    "AllowanceScope",
    "Bucket",
    "EvidenceKind",
    "FirstMonthRule",
    "LinkKind",
    "MonthTurn",
    "Offering",
    "OfferingAllowance",
    "OfferingKind",
    "OfferingLink",
    "OfferingUnitPrice",
    "OfferingVersion",
    "Order",
    "OrderEvidence",
    "OrderState",
    "Recurrence",
    "Subscription",
    "SubscriptionState",
    "ThresholdCrossing",
    "UsageCounter",
    "UsageKind",
    "UsageRecord",
]
