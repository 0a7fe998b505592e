"""A bill as a paper to keep or pass on: the same figures as its page, as a tagged PDF in the reader's language."""

import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from django.conf import settings
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext, pgettext
from django.utils.translation import gettext_lazy as _

from accounts.queries.customers import get_masked_name
from billing.gateways.typesetter import typeset
from billing.queries.bill_comparison import BillComparison, get_bill_comparison
from billing.queries.bills import BillLineView, BillView, get_bill
from kernel.clock import Month
from kernel.errors import DomainError
from kernel.masking import mask_msisdn
from kernel.templatetags.hall_format import signed_yuan, yuan

TEMPLATE = "bill.typ"


class BillTooLong(DomainError):
    """It has more lines than anybody prints."""

    code = "BILL_TOO_LONG"
    message = _("This bill has too many lines for a PDF file.")
    cure = _("Read it on its page, or take the statement home as a table.")


def get_bill_paper(account_id: uuid.UUID, month: Month) -> bytes:
    """Return the bill of an account for a month as PDF, in the language that is active.

    Name and numbers are masked: a file is passed on to employers and accountants.

    :raises NotFound: none was issued.
    :raises BillTooLong: it has more than BILL_PAPER_LINES.
    :raises TypesetterBusy, TypesetterFailed: the paper could not be made now.
    """
    bill = get_bill(account_id, month)
    if len(bill.lines) > settings.BILL_PAPER_LINES:
        raise BillTooLong
    return typeset(template=TEMPLATE, data=_words(bill), dated=bill.issued_at)


def _words(bill: BillView) -> dict[str, Any]:
    """Return everything the paper says."""
    english = get_language() == "en"
    operator = settings.OPERATOR_NAME_EN if english else settings.OPERATOR_NAME
    title = gettext("Bill of %(month)s") % {"month": date_format(bill.month.first_date, "YEAR_MONTH_FORMAT")}
    hall = gettext("%(operator_name)s online business hall") % {"operator_name": operator}
    comparison = get_bill_comparison(bill.account_id, bill.month)
    return {
        "language": "en" if english else "zh",
        "region": None if english else "cn",
        "operator": operator,
        "title": title,
        "month": str(bill.month),
        "description": hall,
        "footer": f"{hall} · {title}",
        "facts": _facts(bill),
        "total": [pgettext("of a bill", "Total"), _yuan(bill.total_fen)],
        "sections": [
            _heads(bill),
            *([_compared(comparison)] if comparison else []),
            *([_charged(bill)] if bill.lines else []),
        ],
    }


def _facts(bill: BillView) -> list[list[str]]:
    numbers = "  ".join(mask_msisdn(msisdn) for msisdn, _fen in bill.numbers)
    return [
        [gettext("Customer"), get_masked_name(bill.account_id)],
        *([[gettext("Phone number"), numbers]] if numbers else []),
        [gettext("Issued on"), date_format(localtime(bill.issued_at), "DATE_FORMAT")],
        *([[gettext("Still to pay"), _owed_words(bill)]] if bill.owed_fen else []),
    ]


def _owed_words(bill: BillView) -> str:
    day = date_format(bill.due_date, "DATE_FORMAT")
    return gettext("%(amount)s yuan until %(day)s") % {"amount": yuan(bill.owed_fen), "day": day}


def _heads(bill: BillView) -> dict[str, Any]:
    rows = [_row(str(head.head.label), [head.amount_fen]) for head in bill.heads]
    return _section(
        gettext("The seven heads of the bill"),
        columns=[pgettext("of a bill", "Head"), gettext("Yuan")],
        groups=[{"head": None, "rows": rows}],
        together=[bill.total_fen],
    )


def _compared(comparison: BillComparison) -> dict[str, Any]:
    groups = [
        {
            "head": [str(head.head.label), *_amounts(head.before_fen, head.after_fen, head.difference_fen)],
            "rows": [
                {
                    "name": line.name,
                    "notes": [str(line.reason.label)],
                    "amounts": _amounts(line.before_fen, line.after_fen, line.difference_fen),
                }
                for line in head.lines
            ],
        }
        for head in comparison.heads
        if head.lines
    ]
    columns = [gettext("What for"), gettext("Before"), pgettext("amount of this month", "Now"), gettext("Difference")]
    together = _amounts(comparison.before_fen, comparison.after_fen, comparison.difference_fen)
    return {
        "title": gettext("Compared with the month before"),
        "lead": _compared_words(comparison),
        "table": {"columns": columns, "groups": groups, "together": [gettext("Together"), *together]}
        if groups
        else None,
    }


def _compared_words(comparison: BillComparison) -> str:
    values = {"before": yuan(comparison.before_fen)}
    if comparison.difference_fen > 0:
        return gettext("%(more)s yuan more than the %(before)s yuan of the month before.") % {
            **values,
            "more": yuan(comparison.difference_fen),
        }
    if comparison.difference_fen < 0:
        return gettext("%(less)s yuan less than the %(before)s yuan of the month before.") % {
            **values,
            "less": yuan(comparison.saved_fen),
        }
    return gettext("As much as in the month before.")


def _charged(bill: BillView) -> dict[str, Any]:
    several = len(bill.numbers) > 1
    groups: list[dict[str, Any]] = [
        {
            "head": [str(head.head.label), yuan(head.amount_fen)],
            "rows": [_row(line.name, [line.amount_fen], _notes(line, several=several)) for line in head.lines],
        }
        for head in bill.heads
        if head.lines
    ]
    if several:
        rows = [_row(mask_msisdn(msisdn), [amount_fen]) for msisdn, amount_fen in bill.numbers]
        groups.append({"head": [gettext("By number"), ""], "rows": rows})
    return _section(
        gettext("What was charged"),
        columns=[gettext("What for"), gettext("Yuan")],
        groups=groups,
        together=[bill.total_fen],
    )


def _notes(line: BillLineView, *, several: bool) -> Iterator[str]:
    if line.provider_name:
        yield gettext("Collected for %(provider)s") % {"provider": line.provider_name}
    if several:
        yield mask_msisdn(line.msisdn)
    if line.reason:
        yield str(line.reason.label)
    else:
        yield ": ".join([gettext("a correction"), *([str(line.correction.label)] if line.correction else [])])
    if line.is_owed:
        yield pgettext("of a line of a bill", "owed")


def _section(title: str, *, columns: list[str], groups: list[dict[str, Any]], together: list[int]) -> dict[str, Any]:
    sums = [gettext("Together"), *map(yuan, together)]
    return {"title": title, "lead": "", "table": {"columns": columns, "groups": groups, "together": sums}}


def _row(name: str, amounts_fen: list[int], notes: Iterable[str] = ()) -> dict[str, Any]:
    return {"name": name, "notes": list(notes), "amounts": [yuan(fen) for fen in amounts_fen]}


def _amounts(before_fen: int, after_fen: int, difference_fen: int) -> list[str]:
    return [yuan(before_fen), yuan(after_fen), signed_yuan(difference_fen)]


def _yuan(amount_fen: int) -> str:
    return f"{yuan(amount_fen)} {gettext('yuan')}"
