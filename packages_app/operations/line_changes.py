"""Gives a line another number, or another owner. The customer stands in the shop with their document."""

import uuid
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Line, LineActKind
from accounts.operations.change_number import change_number
from accounts.operations.document_rules import DocumentInvalid
from accounts.operations.documents import (
    DocumentsDiffer,
    ShownDocument,
    TooManyLinesOfDocument,
    lock_places,
    require_document_of,
)
from accounts.operations.hand_over import take_line_out
from accounts.operations.line_acts import record_line_act, require_reason
from accounts.operations.sim_cards import take_over_sim
from accounts.queries.lines import get_line, lock_line
from kernel.errors import DomainError
from packages_app.operations.closed_lines import end_subscriptions_of_line
from packages_app.operations.open_line import open_line
from packages_app.queries.obstacles import Obstacle, list_hand_over_obstacles, list_number_change_obstacles


class LineNotFree(DomainError):
    """Something stands in the way.

    :ivar obstacles: each reason with its cure.
    """

    code = "LINE_NOT_FREE"
    message = _("This cannot be done with the number now.")
    http_status = 409

    def __init__(self, *, obstacles: Sequence[Obstacle]) -> None:
        super().__init__(cure=" ".join(str(obstacle) for obstacle in obstacles))
        self.obstacles = obstacles


class SameOwner(DomainError):
    """Both documents are the same: there is nobody to hand over to."""

    code = "SAME_OWNER"
    message = _("The number is registered under this document already.")
    http_status = 409
    field = "new_document_number"


def change_number_of_line(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    new_msisdn: str,
    document: ShownDocument,
    staff_id: int,
    reason: str,
    now: datetime,
) -> Line:
    """Give a line another number (改号), when nothing stands in the way.

    :param new_msisdn: E.164, not in use and rested.
    :param document: what the customer shows; it must be the one the account is registered under.
    :return: the line with its new number.
    :raises NotFound: the account has no such line in use.
    :raises ReasonMissing: no reason was given.
    :raises DocumentInvalid: the document's number cannot be right.
    :raises DocumentsDiffer: it is not the registered one.
    :raises LineNotFree: it says what stands in the way.
    :raises DomainError: the number cannot be had, as `change_number`.
    """
    require_reason(reason=reason)
    require_document_of(account_id=account_id, document=document)
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        obstacles = list_number_change_obstacles(line=line, now=now)
        if obstacles:
            raise LineNotFree(obstacles=obstacles)
        return change_number(
            account_id=account_id, line_id=line_id, msisdn=new_msisdn, staff_id=staff_id, reason=reason, now=now
        )


def hand_over_line(
    *,
    account_id: uuid.UUID,
    line_id: uuid.UUID,
    document: ShownDocument,
    new_customer_name: str,
    new_document: ShownDocument,
    province: str,
    language: str,
    offering_code: str,
    staff_id: int,
    reason: str,
    now: datetime,
) -> Line:
    """Hand a line over to another owner (过户): the number and its card go on in a new account with a plan of its own.

    The old account keeps everything else, and the new owner sees nothing of it. What the line has ends now.

    :param document: of the old owner; it must be the one the account is registered under.
    :param new_document: of the new owner.
    :param province: where the new account is, ISO 3166-2.
    :param language: of the new owner's texts.
    :param offering_code: the new owner's plan.
    :return: the line in its new account.
    :raises NotFound: the account has no such line in use.
    :raises ReasonMissing: no reason was given.
    :raises DocumentInvalid: the number of a document cannot be right.
    :raises DocumentsDiffer: the first is not the registered one.
    :raises SameOwner: both documents are one.
    :raises LineNotFree: it says what stands in the way.
    :raises DomainError: the new owner may not have the line or the plan, as `open_line`.
    """
    require_reason(reason=reason)
    get_line(account_id=account_id, line_id=line_id)
    require_document_of(account_id=account_id, document=document)
    try:
        if _is_registered(account_id, new_document):
            raise SameOwner
    except DocumentInvalid as refusal:
        refusal.field = "new_document_number"
        raise
    with transaction.atomic():
        line = lock_line(account_id=account_id, line_id=line_id)
        obstacles = list_hand_over_obstacles(line=line, now=now)
        if obstacles:
            raise LineNotFree(obstacles=obstacles)
        end_subscriptions_of_line(account_id=account_id, line_id=line_id, now=now)
        lock_places(account_id=account_id, document=new_document)
        left = take_line_out(account_id=account_id, line_id=line_id, staff_id=staff_id, reason=reason, now=now)
        try:
            taken = open_line(
                customer_name=new_customer_name,
                document=new_document,
                msisdn=line.msisdn,
                province=province,
                language=language,
                offering_code=offering_code,
                now=now,
            )
        except TooManyLinesOfDocument as refusal:
            refusal.field = "new_document_number"
            raise
        if left.sim is not None:
            take_over_sim(card=left.sim, account_id=taken.account_id, line_id=taken.id, now=now)
        record_line_act(
            account_id=taken.account_id,
            line_id=taken.id,
            kind=LineActKind.TAKEN_OVER,
            staff_id=staff_id,
            reason=reason,
            now=now,
        )
    return taken


def _is_registered(account_id: uuid.UUID, document: ShownDocument) -> bool:
    try:
        require_document_of(account_id=account_id, document=document)
    except DocumentsDiffer:
        return False
    return True
