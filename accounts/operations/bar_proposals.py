"""Bars that only two members of staff decide on (the operator's own, fraud), and their lifting."""

import uuid
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import NEEDS_TWO_PEOPLE, Bar, BarAction, BarAuthor, BarProposal, BarProposalState, BarReason
from accounts.operations.barring import AlreadyBarred, Author, NotBarred, bar_line, lift_bar
from accounts.operations.line_acts import require_reason
from accounts.queries.lines import get_line
from kernel.channel import Channel
from kernel.errors import DomainError, NotFound


class OnePersonDecides(DomainError):
    """This reason needs no second person, or is nobody's to decide."""

    code = "ONE_PERSON_DECIDES"
    message = _("This reason is not decided by two people.")
    field = "reason"


class ProposalWaits(DomainError):
    """The same was proposed and waits."""

    code = "PROPOSAL_WAITS"
    message = _("The same was proposed already.")
    cure = _("Ask a colleague to check it.")
    http_status = 409


class CheckedByProposer(DomainError):
    """Who proposed it cannot check it."""

    code = "SECOND_PERSON_NEEDED"
    message = _("You proposed this yourself.")
    cure = _("Ask a colleague to check it.")
    http_status = 403


class ProposalDecided(DomainError):
    """Somebody has done or refused it."""

    code = "PROPOSAL_DECIDED"
    message = _("This proposal was decided already.")
    http_status = 409


def propose_bar(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    action: BarAction,
    reason: BarReason,
    words: str,
    cure: str = "",
    proposed_by: int,
    now: datetime,
) -> BarProposal:
    """Write down a bar, or the lifting of one, that somebody else is to check. Nothing is barred or lifted yet.

    :param reason: OPERATOR or FRAUD_REVIEW.
    :param words: why; of a bar the customer reads them. 200 characters at most, as `cure`.
    :param cure: what helps, where it is not what helps for the reason in general.
    :param proposed_by: id of the member of staff.
    :raises OnePersonDecides: the reason is another one.
    :raises ReasonMissing: no words.
    :raises AlreadyBarred: there is such a bar, of a wish to bar.
    :raises NotBarred: there is none, of a wish to lift.
    :raises ProposalWaits: the same was proposed and waits.
    :raises NotFound: the account has no such line in use.
    """
    if reason not in NEEDS_TWO_PEOPLE:
        raise OnePersonDecides
    require_reason(reason=words)
    get_line(account_id=account_id, line_id=line_id)
    is_open = Bar.objects.filter(account_id=account_id, line_id=line_id, reason=reason, ended_at=None).exists()
    if action == BarAction.BAR and is_open:
        raise AlreadyBarred
    if action == BarAction.LIFT and not is_open:
        raise NotBarred
    try:
        with transaction.atomic():
            return BarProposal.objects.create(
                account_id=account_id,
                line_id=line_id,
                action=action,
                reason=reason,
                words=words.strip(),
                cure=cure.strip(),
                proposed_by=proposed_by,
                proposed_at=now,
            )
    except IntegrityError:
        # The line is there and the id is new: only the one that waits can be in the way.
        raise ProposalWaits from None


def approve_bar_proposal(
    *, account_id: uuid.UUID, proposal_id: uuid.UUID, checked_by: int, now: datetime
) -> BarProposal:
    """Bar or lift what was proposed, once, and tell the line by text.

    :param checked_by: id of another member of staff than the one who proposed it.
    :raises CheckedByProposer: it is the same person.
    :raises ProposalDecided: it was done or refused before.
    :raises AlreadyBarred: the line was barred for the reason meanwhile.
    :raises NotBarred: the bar was lifted meanwhile.
    :raises NotFound: the account has no such proposal, or the line is closed.
    """
    with transaction.atomic():
        proposal = _decide(account_id, proposal_id, BarProposalState.DONE, checked_by, "", now)
        author = Author(BarAuthor.STAFF, Channel.STORE, checked_by)
        reason = BarReason(proposal.reason)
        if proposal.action == BarAction.BAR:
            bar_line(
                account_id=account_id,
                line_id=proposal.line_id,
                reason=reason,
                author=author,
                words=proposal.words,
                cure=proposal.cure,
                now=now,
            )
        else:
            lift_bar(
                account_id=account_id,
                line_id=proposal.line_id,
                reason=reason,
                author=author,
                words=proposal.words,
                now=now,
            )
    return proposal


def refuse_bar_proposal(
    *, account_id: uuid.UUID, proposal_id: uuid.UUID, checked_by: int, refusal: str, now: datetime
) -> BarProposal:
    """Turn a proposal down. It stays to be seen, and nothing changes.

    :param checked_by: id of another member of staff than the one who proposed it.
    :param refusal: why, for the one who proposed it; 200 characters at most.
    :raises CheckedByProposer: it is the same person.
    :raises ReasonMissing: no words.
    :raises ProposalDecided: it was done or refused before.
    :raises NotFound: the account has no such proposal.
    """
    require_reason(reason=refusal)
    return _decide(account_id, proposal_id, BarProposalState.REFUSED, checked_by, refusal.strip(), now)


def _decide(
    account_id: uuid.UUID, proposal_id: uuid.UUID, state: BarProposalState, checked_by: int, refusal: str, now: datetime
) -> BarProposal:
    """Take the decision if it is still open: one guarded update, of many checkers one gets the row."""
    proposals = BarProposal.objects.filter(account_id=account_id, id=proposal_id)
    proposal = proposals.first()
    if proposal is None:
        raise NotFound
    if proposal.proposed_by == checked_by:
        raise CheckedByProposer
    waiting = proposals.filter(state=BarProposalState.PROPOSED)
    if not waiting.update(state=state, checked_by=checked_by, checked_at=now, refusal=refusal):
        raise ProposalDecided
    return proposals.get()
