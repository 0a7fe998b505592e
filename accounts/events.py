"""Notices to the apps above and to the network, sent with `send_robust` after the transaction has committed."""

from django.dispatch import Signal

# What a line may do has changed, and it is barred. Arguments: account_id, line_id (UUIDs), barred
# (accounts.queries.bars.Barred: outgoing, incoming, data), at. Emergency calls always go through.
line_barred = Signal()
# Nothing bars a line any more. Arguments: account_id, line_id (UUIDs), at.
line_restored = Signal()
# A line is closed for good, its number taken back. Arguments: account_id, line_id (UUIDs), at.
line_closed = Signal()
