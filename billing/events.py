"""Notices to the apps above, sent with `send_robust` after the transaction has committed."""

from django.dispatch import Signal

# An account has paid all that it owed. Arguments: account_id (UUID), settled_at.
# A receiver may die: whoever lifts what follows from owing also sweeps for accounts that owe nothing
# (`queries.dues.get_due`).
account_settled = Signal()
