"""Notices that charges took balances below what their customers want topped up by itself."""

import uuid
from collections.abc import Mapping

from billing.models import AutomaticTopUp, AutomaticTopUpState
from billing.queries.dues import is_owing
from billing.task_names import SWEEP_AUTOMATIC_TOP_UPS, TOP_UP_AUTOMATICALLY
from kernel.enqueue import enqueue_after_commit, nudge_after_commit


def notice_balances(*, balances: Mapping[uuid.UUID, tuple[int, int]]) -> None:
    """Nudge a worker after the commit when a balance is below its customer's threshold, in the caller's transaction.

    A lost nudge, and money that leaves in any other way, is found by `sweep_automatic_top_ups`.

    :param balances: by account the balance before and after in fen; less what is owed, where a charge is owed itself.
    """
    wishes = AutomaticTopUp.objects.filter(account_id__in=balances, state=AutomaticTopUpState.ON)
    fallen, risen_before = [], []
    for account_id, threshold_fen, waits in wishes.values_list("account_id", "threshold_fen", "waits_for_rise"):
        before_fen, after_fen = balances[account_id]
        if after_fen >= threshold_fen:
            continue
        fallen.append(account_id)
        # Whoever owes something was not back at the threshold, whatever the balance alone says.
        if waits and before_fen >= threshold_fen and not is_owing(account_id):
            risen_before.append(account_id)
    if risen_before:
        AutomaticTopUp.objects.filter(account_id__in=sorted(risen_before)).update(waits_for_rise=False)
    if len(fallen) == 1:
        enqueue_after_commit(TOP_UP_AUTOMATICALLY, account_id=str(fallen[0]))
    elif fallen:
        nudge_after_commit(SWEEP_AUTOMATIC_TOP_UPS)
