"""Reads what bars a line, what it may still do, and what helps. The one ownership rule: a bar is reached through its
account and line."""

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Bar, BarReason
from kernel.errors import Text

_SERIOUSNESS = list(BarReason)


@dataclass(frozen=True, slots=True)
class Barred:
    """What a line may not do. Emergency calls are never barred."""

    outgoing: bool = False
    incoming: bool = False
    data: bool = False

    def __or__(self, other: "Barred") -> "Barred":
        return Barred(self.outgoing or other.outgoing, self.incoming or other.incoming, self.data or other.data)

    def __bool__(self) -> bool:
        return self.outgoing or self.incoming or self.data


NOTHING = Barred()
_ALL = Barred(outgoing=True, incoming=True, data=True)
_OWN_USE = Barred(outgoing=True, data=True)
_BARRED_BY = {
    BarReason.LOST_SIM: _ALL,
    BarReason.FRAUD_REVIEW: _OWN_USE,
    BarReason.OPERATOR: _ALL,
    BarReason.ARREARS_TWO_WAY: _ALL,
    BarReason.ARREARS_ONE_WAY: _OWN_USE,
    BarReason.CUSTOMER_REQUEST: _ALL,
}
# In a sentence: "This number is suspended: …".
_WHY: Mapping[BarReason, Text] = {
    BarReason.LOST_SIM: _("its SIM card was reported lost"),
    BarReason.FRAUD_REVIEW: _("it is being checked for fraud"),
    BarReason.OPERATOR: _("we had to stop it"),
    BarReason.ARREARS_TWO_WAY: _("money is owed for it"),
    BarReason.ARREARS_ONE_WAY: _("money is owed for it"),
    BarReason.CUSTOMER_REQUEST: _("you asked us to stop it"),
}
_CURES: Mapping[BarReason, Text] = {
    BarReason.LOST_SIM: _(
        "If you have found the SIM card, restore the number with your service password. Otherwise get a new SIM card in"
        " a shop; bring your identity document."
    ),
    BarReason.FRAUD_REVIEW: _("Visit a shop with your identity document, or ring us: we clear it up with you."),
    BarReason.OPERATOR: _("Ring us: we tell you what has to happen."),
    BarReason.ARREARS_TWO_WAY: _("Top up what is owed: the number is restored by itself within a minute."),
    BarReason.ARREARS_ONE_WAY: _("Top up what is owed: the number is restored by itself within a minute."),
    BarReason.CUSTOMER_REQUEST: _("Restore the number yourself whenever you like."),
}


def barred_by(reasons: Iterable[str]) -> Barred:
    """Return what bars for these reasons together keep a line from."""
    barred = NOTHING
    for reason in reasons:
        barred |= _BARRED_BY[BarReason(reason)]
    return barred


def get_barred(account_id: uuid.UUID, line_id: uuid.UUID) -> Barred:
    """Return what a line may not do now; for the network and whoever asks on its behalf."""
    return barred_by(_open_bars(account_id, line_id).values_list("reason", flat=True))


def list_open_bars(account_id: uuid.UUID, line_id: uuid.UUID) -> list[Bar]:
    """Return what bars a line now, the most serious first."""
    return sorted(_open_bars(account_id, line_id), key=_seriousness)


def list_open_bars_of_lines(account_id: uuid.UUID, line_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Bar]]:
    """Return what bars each of an account's lines, the most serious first; lines without a bar are left out."""
    found: dict[uuid.UUID, list[Bar]] = {}
    for bar in sorted(Bar.objects.filter(account_id=account_id, line_id__in=line_ids, ended_at=None), key=_seriousness):
        found.setdefault(bar.line_id, []).append(bar)
    return found


def list_bars(account_id: uuid.UUID, line_id: uuid.UUID, limit: int) -> list[Bar]:
    """Return the bars of a line, open and lifted, the latest first."""
    bars = Bar.objects.filter(account_id=account_id, line_id=line_id)
    return list(bars.order_by("-started_at", "-id")[:limit])


def count_own_bars(account_id: uuid.UUID, line_id: uuid.UUID, since: datetime) -> int:
    """Return how often a line was stopped at its customer's request from an instant on."""
    return Bar.objects.filter(
        account_id=account_id, line_id=line_id, reason=BarReason.CUSTOMER_REQUEST, started_at__gte=since
    ).count()


def is_sim_lost(account_id: uuid.UUID, line_id: uuid.UUID) -> bool:
    """Return whether the line's SIM card is reported lost: what is texted to it may be read by anybody."""
    return _open_bars(account_id, line_id).filter(reason=BarReason.LOST_SIM).exists()


def get_why(bar: Bar) -> Text:
    """Return why a line is barred, to stand in a sentence; staff's own words follow it on pages (`bar.words`)."""
    return _WHY[BarReason(bar.reason)]


def get_cure(bar: Bar) -> Text:
    """Return what its customer can do about a bar: what staff wrote, else what helps for the reason."""
    return bar.cure or _CURES[BarReason(bar.reason)]


def _open_bars(account_id: uuid.UUID, line_id: uuid.UUID) -> QuerySet[Bar]:
    return Bar.objects.filter(account_id=account_id, line_id=line_id, ended_at=None)


def _seriousness(bar: Bar) -> int:
    return _SERIOUSNESS.index(BarReason(bar.reason))
