from packages_app.models.bucket import Bucket, ThresholdCrossing
from packages_app.models.catalogue_part import CataloguePart, PartKind
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
from packages_app.models.order import EvidenceKind, Order, OrderEvidence, OrderStart, OrderState
from packages_app.models.partner_order import PartnerOrder
from packages_app.models.subscription import Subscription, SubscriptionState
from packages_app.models.usage import UsageBeyond, UsageCounter, UsageRecord
from packages_app.models.usage_fee import CapLift, ReminderChoice, UsageFee
from packages_app.models.usage_load import UsageLoad

__all__ = [
    "AllowanceScope",
    "Bucket",
    "CapLift",
    "CataloguePart",
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
    "OrderStart",
    "OrderState",
    "PartKind",
    "PartnerOrder",
    "Recurrence",
    "ReminderChoice",
    "Subscription",
    "SubscriptionState",
    "ThresholdCrossing",
    "UsageBeyond",
    "UsageCounter",
    "UsageFee",
    "UsageKind",
    "UsageLoad",
    "UsageRecord",
]
