from packages_app.models.bucket import Bucket, ThresholdCrossing
from packages_app.models.offering import Offering, OfferingAllowance, OfferingKind, Recurrence, UsageKind
from packages_app.models.order import EvidenceKind, Order, OrderEvidence, OrderState
from packages_app.models.subscription import Subscription, SubscriptionState
from packages_app.models.usage import UsageCounter, UsageRecord

__all__ = [
    "Bucket",
    "EvidenceKind",
    "Offering",
    "OfferingAllowance",
    "OfferingKind",
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
