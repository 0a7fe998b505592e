"""Notices to the apps above and to the network, sent with `send_robust` after the transaction has committed.

A receiver may die: which lines are stopped is also found by `queries.usage_fees.list_stopped_lines`.
"""

from django.dispatch import Signal

# Use beyond the plan has reached its cap: nothing more is charged, the network stops it. Arguments: account_id,
# line_id (UUIDs).
beyond_use_stopped = Signal()

# The customer let the cap rise, the network lets use beyond the plan go on. Arguments: account_id, line_id
# (UUIDs).
beyond_use_resumed = Signal()
