"""What of an account a ticket can be about, by kind and id."""

import uuid
from dataclasses import dataclass

from billing.models import Bill, Charge
from billing.queries.top_ups import get_top_up
from care.models import AboutKind
from kernel.clock import month_from_date, parse_month
from kernel.errors import NotFound
from kernel.ids import PublicId
from kernel.money import yuan_text
from packages_app.queries.orders import get_order
from packages_app.queries.terms import get_name


@dataclass(frozen=True, slots=True)
class Subject:
    """What a ticket is about.

    :ivar id: of the row; of a bill, which has none, its month as REST and addresses write it (year × 100 + month).
    :ivar name: month, name or amount in yuan, to stand behind the word for the kind.
    :ivar line_id: whose it is, where it is one line's.
    """

    kind: AboutKind
    id: uuid.UUID
    name: str
    line_id: uuid.UUID | None


def get_subject(*, account_id: uuid.UUID, kind: AboutKind, subject_id: uuid.UUID, language: str) -> Subject:
    """Return what of an account is meant.

    :raises NotFound: the account has nothing of the kind with this id.
    """
    match kind:
        case AboutKind.BILL:
            return _bill(account_id, subject_id)
        case AboutKind.CHARGE:
            charge = Charge.objects.filter(account_id=account_id, id=subject_id).first()
            if charge is None:
                raise NotFound
            return Subject(kind, subject_id, charge.name, charge.line_id)
        case AboutKind.ORDER:
            order = get_order(account_id, subject_id)
            return Subject(kind, subject_id, get_name(order.terms, language), order.line_id)
        case AboutKind.TOP_UP:
            top_up = get_top_up(account_id, subject_id)
            return Subject(kind, subject_id, yuan_text(top_up.amount_fen), top_up.line_id)


def read_subject(text: str, *, account_id: uuid.UUID) -> tuple[AboutKind, uuid.UUID]:
    """Read what addresses name: a kind in lower case, a colon, a public id of the account; of a bill the month.

    :raises NotFound: it is none, or of another account.
    """
    name, _colon, public = text.partition(":")
    try:
        kind = AboutKind(name.upper())
        if kind == AboutKind.BILL:
            month = parse_month(public)
            return kind, uuid.UUID(int=month.year * 100 + month.month)
        named = PublicId.parse(public)
    except ValueError:
        raise NotFound from None
    if named.account_id != account_id:
        raise NotFound
    return kind, named.row_id


def _bill(account_id: uuid.UUID, subject_id: uuid.UUID) -> Subject:
    months = Bill.objects.filter(account_id=account_id).values_list("period_date", flat=True)
    for period_date in months:
        if period_date.year * 100 + period_date.month == subject_id.int:
            return Subject(AboutKind.BILL, subject_id, str(month_from_date(period_date)), None)
    raise NotFound
