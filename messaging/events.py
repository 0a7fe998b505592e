"""Notices to the apps above, sent with `send_robust` after the transaction has committed."""

from django.dispatch import Signal

# A text or call from a line was stored for the first time. Arguments: account_id, inbound_id (UUIDs).
# A receiver may die: whoever answers also sweeps `queries.inbound.list_unanswered_inbound`.
inbound_received = Signal()
