"""Reads what a file of outcomes would do to the requests it names, before anything is done."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from billing.models import EInvoice, EInvoiceState
from kernel.errors import Text
from kernel.ids import PublicId

REASON_LENGTH = 200
# Of the fully digital invoice (数电票); earlier ones have a code and a number, together as long.
LONGEST_NUMBER, SHORTEST_NUMBER = 20, 8


@dataclass(frozen=True, slots=True)
class EInvoiceResult:
    """One line of the file: which request, what came of it, and its number or the reason. `place` counts from 1."""

    place: int
    request: str
    state: str
    invoice_number: str = ""
    refusal: str = ""


class ResultProblem(StrEnum):
    """Why a line cannot be carried out."""

    REQUEST_UNKNOWN = "REQUEST_UNKNOWN"
    STATE_UNKNOWN = "STATE_UNKNOWN"
    NUMBER_WRONG = "NUMBER_WRONG"
    NUMBER_USED = "NUMBER_USED"
    REASON_MISSING = "REASON_MISSING"
    NOT_EXPORTED = "NOT_EXPORTED"
    FINISHED_OTHERWISE = "FINISHED_OTHERWISE"
    NAMED_TWICE = "NAMED_TWICE"


PROBLEM_WORDS: dict[ResultProblem, Text] = {
    ResultProblem.REQUEST_UNKNOWN: _("there is no such request"),
    ResultProblem.STATE_UNKNOWN: _("the result is neither ISSUED nor REFUSED"),
    ResultProblem.NUMBER_WRONG: _("an invoice number has 8 to 20 digits"),
    ResultProblem.NUMBER_USED: _("this invoice number stands on another invoice"),
    ResultProblem.REASON_MISSING: _("a refusal needs a reason, in at most 200 characters"),
    ResultProblem.NOT_EXPORTED: _("the request was not handed over"),
    ResultProblem.FINISHED_OTHERWISE: _("the request was finished before, with another result"),
    ResultProblem.NAMED_TWICE: _("the file names this request more than once"),
}


@dataclass(frozen=True, slots=True)
class PlannedResult:
    """What a line would do: `problem` keeps it from being done, `repeated` is done already."""

    result: EInvoiceResult
    e_invoice: EInvoice | None
    problem: ResultProblem | None = None
    repeated: bool = False


def plan_results(results: Sequence[EInvoiceResult]) -> list[PlannedResult]:
    """Return what each line would do, in the order of the file. Reads all that it needs in two queries."""
    keys = {result.place: _key(result.request) for result in results}
    wanted = [key for key in keys.values() if key]
    rows = EInvoice.objects.filter(
        account_id__in={key.account_id for key in wanted}, id__in={key.row_id for key in wanted}
    )
    found = {PublicId(row.account_id, row.id): row for row in rows}
    numbers = {result.invoice_number for result in results if result.invoice_number}
    holders: dict[str, set[object]] = {}
    for number, row_id in EInvoice.objects.filter(invoice_number__in=numbers).values_list("invoice_number", "id"):
        holders.setdefault(number, set()).add(row_id)
    seen: set[PublicId] = set()
    plans = []
    for result in results:
        key = keys[result.place]
        row = found.get(key) if key else None
        problem = _problem(result, row)
        if row and key and problem is None:
            if key in seen:
                problem = ResultProblem.NAMED_TWICE
            elif holders.get(result.invoice_number, set()) - {row.id}:
                problem = ResultProblem.NUMBER_USED
            seen.add(key)
            if result.invoice_number:
                holders.setdefault(result.invoice_number, set()).add(row.id)
        repeated = problem is None and row is not None and row.state == result.state
        plans.append(PlannedResult(result, row, problem, repeated=repeated))
    return plans


def _key(request: str) -> PublicId | None:
    try:
        return PublicId.parse(request)
    except ValueError:
        return None


def _problem(result: EInvoiceResult, row: EInvoice | None) -> ResultProblem | None:
    """Return what is wrong with a line by itself, and with the request it names."""
    if row is None:
        return ResultProblem.REQUEST_UNKNOWN
    number = result.invoice_number
    if result.state == EInvoiceState.ISSUED:
        if not (number.isascii() and number.isdigit() and SHORTEST_NUMBER <= len(number) <= LONGEST_NUMBER):
            return ResultProblem.NUMBER_WRONG
    elif result.state == EInvoiceState.REFUSED:
        if not result.refusal or len(result.refusal) > REASON_LENGTH:
            return ResultProblem.REASON_MISSING
    else:
        return ResultProblem.STATE_UNKNOWN
    if row.state in (EInvoiceState.ISSUED, EInvoiceState.REFUSED):
        outcome = number if result.state == EInvoiceState.ISSUED else result.refusal
        same = row.state == result.state and outcome in (row.invoice_number, row.refusal)
        return None if same else ResultProblem.FINISHED_OTHERWISE
    return None if row.state == EInvoiceState.EXPORTED else ResultProblem.NOT_EXPORTED
