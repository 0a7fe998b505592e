"""What an automatic payment leaves behind, in the caller's transaction: tried again, stopped, or armed once more."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings

from billing.models import AutomaticTopUp, AutomaticTopUpState, CardPayment, TopUpFailure
from billing.queries.balance import get_balance
from billing.queries.bank_cards import get_card
from billing.queries.top_ups import get_top_up
from billing.texts import AUTOMATIC_TOP_UP_FAILED, AUTOMATIC_TOP_UP_STOPPED, failure_words
from kernel.masking import mask_msisdn
from kernel.money import yuan_text
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

# The bank's own trouble is not the card's fault: it neither counts nor is told, and is tried again soon.
_NOT_THE_CARD = (TopUpFailure.BANK_NOT_ASKED, TopUpFailure.NOT_PAID_IN_TIME)


def note_automatic_success(*, account_id: uuid.UUID) -> None:
    """Begin the count of failures anew. A balance that is still too low waits for its next rise and fall."""
    automatic = _locked(account_id)
    automatic.failures = 0
    automatic.waits_for_rise = get_balance(account_id).net_fen < automatic.threshold_fen
    automatic.save(update_fields=["failures", "waits_for_rise"])


def note_automatic_failure(*, payment: CardPayment, failure: TopUpFailure, now: datetime) -> None:
    """Say when it is tried again, or stop after one failure more than there are pauses; one text either way.

    :param payment: automatic, FAILED.
    """
    automatic = _locked(payment.account_id)
    if automatic.state != AutomaticTopUpState.ON or automatic.card_id != payment.card_id:
        return
    if failure in _NOT_THE_CARD:
        automatic.next_try_at = now + timedelta(seconds=settings.TOP_UP_ASK_AGAIN_AFTER[0])
        automatic.save(update_fields=["next_try_at"])
        return
    pauses = settings.AUTOMATIC_TOP_UP_TRY_AGAIN_AFTER
    automatic.failures += 1
    if automatic.failures > len(pauses) or failure is TopUpFailure.AGREEMENT_ENDED:
        automatic.state, automatic.changed_at = AutomaticTopUpState.STOPPED, now
    else:
        automatic.next_try_at = now + timedelta(seconds=pauses[automatic.failures - 1])
    automatic.save(update_fields=["failures", "state", "changed_at", "next_try_at"])
    _tell(automatic, payment, failure, now)


def _locked(account_id: uuid.UUID) -> AutomaticTopUp:
    return AutomaticTopUp.objects.select_for_update(no_key=True, of=("self",)).get(account_id=account_id)


def _tell(automatic: AutomaticTopUp, payment: CardPayment, failure: TopUpFailure, now: datetime) -> None:
    top_up = get_top_up(payment.credited_account_id, payment.id)
    stopped = automatic.state == AutomaticTopUpState.STOPPED
    queue_sms(
        account_id=top_up.account_id,
        msisdn=top_up.msisdn,
        template=AUTOMATIC_TOP_UP_STOPPED if stopped else AUTOMATIC_TOP_UP_FAILED,
        language=top_up.language,
        values={
            "number": mask_msisdn(top_up.msisdn),
            "amount": yuan_text(payment.amount_fen),
            "card": get_card(payment.account_id, payment.card_id).last_four,
            "reason": failure_words(top_up.language, failure),
            "tries": automatic.failures,
            "at": instant_words(top_up.language, automatic.next_try_at),
        },
        dedup_key=f"automatic-top-up-failed:{payment.id}",
        now=now,
    )
