"""Names of the tasks of this app, so that operations can nudge them without importing the door."""

EXPIRE_BONUSES = "billing.expire_bonuses"
EXPIRE_HOLDS = "billing.expire_holds"
EXPIRE_TOP_UPS = "billing.expire_top_ups"
SEND_SANDBOX_NOTICES = "billing.send_sandbox_notices"
SETTLE_DUES = "billing.settle_dues"
SETTLE_REFUNDS = "billing.settle_refunds"
SWEEP_DUES = "billing.sweep_dues"
