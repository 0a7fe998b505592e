"""E-invoices on the way through the tax platform: requests are handed over in a file, and its outcomes come back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count, Sum
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from billing.models import EInvoice, EInvoiceBatch, EInvoiceState
from billing.queries.e_invoice_results import PROBLEM_WORDS, EInvoiceResult, PlannedResult, plan_results
from billing.texts import E_INVOICE_ISSUED, E_INVOICE_REFUSED, invoice_subject_words
from kernel.errors import DomainError
from kernel.ids import uuid7
from kernel.money import yuan_text
from messaging.operations.queue_sms import SmsRequest, queue_sms_batch

BATCH = 5_000


class NothingToExport(DomainError):
    """No request waits."""

    code = "NOTHING_TO_EXPORT"
    message = _("No request waits to be handed over.")


class ResultsWrong(DomainError):
    """Some lines of the file cannot be carried out, so none is."""

    code = "RESULTS_WRONG"

    def __init__(self, wrong: Sequence[PlannedResult]) -> None:
        self.wrong = tuple(wrong)
        first = self.wrong[0]
        super().__init__(
            ngettext_lazy(
                "Nothing was written down: %(count)d line is wrong. Line %(place)d: %(problem)s.",
                "Nothing was written down: %(count)d lines are wrong. Line %(place)d: %(problem)s.",
                len(self.wrong),
            )
            % {
                "count": len(self.wrong),
                "place": first.result.place,
                "problem": PROBLEM_WORDS[first.problem] if first.problem else "",
            }
        )


@dataclass(frozen=True, slots=True)
class SettledResults:
    """How many were issued and refused now, and how many had been before."""

    issued: int
    refused: int
    repeated: int


def export_e_invoices(*, made_by: str, now: datetime, limit: int = BATCH) -> EInvoiceBatch:
    """Hand over what waits, the oldest first: it is EXPORTED and can no more be withdrawn. Each is in one file.

    :param made_by: name of the member of staff.
    :param limit: about how many at most; requests of the same instant stay together.
    :return: the file's record, by which its requests are found again.
    :raises NothingToExport: none waits, or somebody else has just taken them.
    """
    waiting = EInvoice.objects.filter(state=EInvoiceState.REQUESTED)
    instants = list(waiting.order_by("requested_at").values_list("requested_at", flat=True)[:limit])
    if not instants:
        raise NothingToExport
    batch = EInvoiceBatch(id=uuid7(), made_at=now, made_by=made_by)
    with transaction.atomic():
        waiting.filter(requested_at__lte=instants[-1]).update(
            state=EInvoiceState.EXPORTED, batch_id=batch.id, exported_at=now
        )
        taken = EInvoice.objects.filter(batch_id=batch.id).aggregate(count=Count("id"), fen=Sum("amount_fen"))
        if not taken["count"]:
            raise NothingToExport
        batch.count, batch.total_fen = taken["count"], int(taken["fen"])
        batch.save(force_insert=True)
    return batch


def settle_e_invoices(*, results: Sequence[EInvoiceResult], finished_by: str, now: datetime) -> SettledResults:
    """Write down which invoices were issued and which could not be, and tell each customer, once. All or none.

    A file that is read twice changes nothing the second time.

    :param finished_by: name of the member of staff.
    :raises ResultsWrong: a line cannot be carried out; the error has each with its problem.
    """
    with transaction.atomic():
        planned = plan_results(results)
        rows = [plan.e_invoice for plan in planned if plan.e_invoice]
        # In the order of their keys, so that two files that are read at once wait for each other. A file's requests
        # are planned again once nobody else can change them.
        list(
            EInvoice.objects.select_for_update(no_key=True)
            .filter(account_id__in={row.account_id for row in rows}, id__in={row.id for row in rows})
            .order_by("account_id", "id")
            .values_list("id")
        )
        planned = plan_results(results)
        wrong = [plan for plan in planned if plan.problem]
        if wrong:
            raise ResultsWrong(wrong)
        new = [plan for plan in planned if not plan.repeated]
        texts = [_finish(plan.result, plan.e_invoice, finished_by, now) for plan in new if plan.e_invoice]
        queue_sms_batch(requests=texts, now=now)
    issued = sum(plan.result.state == EInvoiceState.ISSUED for plan in new)
    return SettledResults(issued=issued, refused=len(new) - issued, repeated=len(planned) - len(new))


def _finish(result: EInvoiceResult, e_invoice: EInvoice, finished_by: str, now: datetime) -> SmsRequest:
    issued = result.state == EInvoiceState.ISSUED
    EInvoice.objects.filter(account_id=e_invoice.account_id, id=e_invoice.id).update(
        state=result.state,
        invoice_number=result.invoice_number if issued else "",
        refusal="" if issued else result.refusal,
        finished_by=finished_by,
        finished_at=now,
    )
    values = {
        "what": invoice_subject_words(e_invoice.language, e_invoice.period_date),
        "amount": yuan_text(e_invoice.amount_fen),
        "reason": result.refusal,
    }
    return SmsRequest(
        e_invoice.account_id,
        e_invoice.msisdn,
        E_INVOICE_ISSUED if issued else E_INVOICE_REFUSED,
        e_invoice.language,
        values,
        f"e-invoice:{e_invoice.id}",
    )
