"""Gives lines their SIM cards, changes them, and tells the PUK."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import BarAuthor, BarReason, LineActKind, SimCard, SimDirectory, SimReason
from accounts.operations.barring import Author, lift_bar
from accounts.operations.line_acts import record_line_act, require_reason
from accounts.operations.sim_rules import SimInvalid, normalised_iccid, normalised_puk
from accounts.queries.bars import is_sim_lost
from accounts.queries.lines import lock_line
from accounts.queries.sim_cards import get_recent_sim_change, get_sim
from accounts.texts import PUK_LOOKED_UP, SIM_CHANGED
from kernel.channel import Channel
from kernel.errors import DomainError, NotFound
from kernel.masking import mask_iccid
from kernel.sealing import seal, unseal
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words

# Why staff change a card; the other reasons are the house's own.
CHANGE_REASONS = (SimReason.LOST, SimReason.BROKEN, SimReason.UPGRADE)


class SimTaken(DomainError):
    """The card was given to a line before."""

    code = "SIM_TAKEN"
    message = _("This card was given to a number before.")
    cure = _("Take a fresh card.")
    http_status = 409
    field = "iccid"


class NoSimNoted(NotFound):
    """Nobody noted which card the line has."""

    code = "NO_SIM_NOTED"
    message = _("We have not noted which card this number has.")
    cure = _("The PUK is printed beside the card. In a shop you get another card at once.")


@dataclass(frozen=True, slots=True)
class IssuedSim:
    """A card that is handed out, as its carrier says.

    :ivar iccid: 19 or 20 digits.
    :ivar puk: 8 digits; it never stands in a log.
    """

    iccid: str
    puk: str = field(repr=False)


def issue_first_sim(*, account_id: uuid.UUID, line_id: uuid.UUID, sim: IssuedSim, now: datetime) -> SimCard:
    """Note the card of a line that has none yet, in the caller's transaction.

    :raises SimInvalid: its number or PUK cannot be right.
    :raises SimTaken: it was given to a line before.
    """
    return _issue(account_id, line_id, sim, SimReason.FIRST, now)


def change_sim(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    sim: IssuedSim,
    why: str,
    staff_id: int,
    reason: str,
    now: datetime,
) -> SimCard:
    """Give a line another card: the old one stops working, and sensitive acts online wait for SIM_CHANGE_WAIT_SECONDS.

    A lost one no longer stops the line, which is told by text. A line without a noted card gets its first one noted
    so; that waits too.

    :param why: one of CHANGE_REASONS.
    :param reason: in the words of the member of staff, who has seen the document.
    :raises NotFound: the account has no such line in use.
    :raises ReasonMissing: no reason was given.
    :raises SimInvalid: the card's number or PUK cannot be right, or `why` is none of those reasons.
    :raises SimTaken: the card was given to a line before.
    """
    require_reason(reason=reason)
    if why not in CHANGE_REASONS:
        raise SimInvalid(_("Say what happened to the old card."), cure="", field="why")
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        before = SimCard.objects.filter(account_id=account_id, line_id=line_id, to_at=None).first()
        SimCard.objects.filter(account_id=account_id, line_id=line_id, to_at=None).update(to_at=now)
        card = _issue(account_id, line_id, sim, SimReason(why), now)
        record_line_act(
            account_id=account_id,
            line_id=line_id,
            kind=LineActKind.SIM_CHANGED,
            staff_id=staff_id,
            reason=reason,
            before=mask_iccid(before.iccid) if before else "",
            after=mask_iccid(card.iccid),
            now=now,
        )
        queue_sms(
            account_id=account_id,
            msisdn=line.msisdn,
            template=SIM_CHANGED,
            language=line.language,
            values={
                "at": instant_words(line.language, now),
                "until": instant_words(line.language, now + timedelta(seconds=settings.SIM_CHANGE_WAIT_SECONDS)),
                "service_number": settings.SERVICE_NUMBER,
            },
            dedup_key=f"sim-changed:{card.id}",
            now=now,
        )
        if is_sim_lost(account_id, line_id):
            lift_bar(
                account_id=account_id,
                line_id=line_id,
                reason=BarReason.LOST_SIM,
                author=Author(BarAuthor.STAFF, Channel.STORE, staff_id),
                words=reason,
                now=now,
            )
    return card


def take_over_sim(
    *,
    card: SimCard,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    now: datetime,
) -> SimCard:
    """Let a card go on with the line of another account, in the caller's transaction that has closed its row.

    :param card: the closed row of the line that the number came from.
    """
    SimDirectory.objects.filter(iccid=card.iccid).update(account_id=account_id, line_id=line_id)
    return SimCard.objects.create(
        account_id=account_id,
        line_id=line_id,
        iccid=card.iccid,
        puk_sealed=card.puk_sealed,
        reason=SimReason.TAKEN_OVER,
        from_at=now,
    )


def look_up_puk(
    *, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime, staff_id: int | None = None, reason: str = ""
) -> str:
    """Return the PUK of a line's card. That it was looked up is recorded first, and told to the line by text.

    :param staff_id: of the staff, who say why; None for the customer, who has shown who they are.
    :raises NotFound: the account has no such line in use.
    :raises NoSimNoted: nobody noted the card.
    :raises ReasonMissing: staff gave no reason.
    """
    if staff_id is not None:
        require_reason(reason=reason)
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        card = get_sim(account_id=account_id, line_id=line_id)
        if card is None:
            raise NoSimNoted
        record_line_act(
            account_id=account_id,
            line_id=line_id,
            kind=LineActKind.PUK_SHOWN,
            staff_id=staff_id,
            reason=reason,
            now=now,
        )
        queue_sms(
            account_id=account_id,
            msisdn=line.msisdn,
            template=PUK_LOOKED_UP,
            language=line.language,
            values={"at": instant_words(line.language, now), "service_number": settings.SERVICE_NUMBER},
            # Whoever looks again on the same day is not told again.
            dedup_key=f"puk:{card.id}:{now:%Y-%m-%d}",
            now=now,
        )
    return unseal(card.puk_sealed, belongs_to=place_of_puk(iccid=card.iccid))


def require_no_recent_sim_change(*, account_id: uuid.UUID, line_id: uuid.UUID, now: datetime) -> None:
    """Refuse a sensitive act online shortly after a change of card: the code of a text then proves little.

    :raises RecentSimChange: it tells until when.
    """
    recent = get_recent_sim_change(account_id=account_id, line_id=line_id, now=now)
    if recent is not None:
        raise recent


def place_of_puk(*, iccid: str) -> str:
    """Return what a sealed PUK belongs to (`kernel.sealing`)."""
    return f"puk:{iccid}"


def _issue(account_id: uuid.UUID, line_id: uuid.UUID, sim: IssuedSim, why: SimReason, now: datetime) -> SimCard:
    iccid, puk = normalised_iccid(iccid=sim.iccid), normalised_puk(puk=sim.puk)
    try:
        with transaction.atomic():
            SimDirectory.objects.create(iccid=iccid, account_id=account_id, line_id=line_id)
    except IntegrityError:
        raise SimTaken from None
    return SimCard.objects.create(
        account_id=account_id,
        line_id=line_id,
        iccid=iccid,
        puk_sealed=seal(puk, belongs_to=place_of_puk(iccid=iccid)),
        reason=why,
        from_at=now,
    )
