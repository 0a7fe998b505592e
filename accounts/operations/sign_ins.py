"""Keeps where a line is signed in, tells it of a new device, and signs it out."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from accounts.models import Line, LineState, SignIn
from accounts.texts import NEW_DEVICE
from kernel.errors import NotFound
from messaging.operations.queue_sms import queue_sms
from messaging.texts import instant_words


def start_sign_in(*, line: Line, device: str, device_token: str, place: str, now: datetime) -> uuid.UUID:
    """Note that a line was signed in. A device that it was not seen on before is told to it by text, except its first.

    Sign-ins older than SIGN_IN_KEEP_DAYS are forgotten here. When the line got another number or owner since it was
    read, the sign-in is noted as ended.

    :param device: what the browser calls itself, in words.
    :param device_token: what the browser keeps to be known again.
    :param place: its address, masked.
    :return: id of the sign-in.
    """
    device_hash = SignIn.hash_of(device_token)
    ours = SignIn.objects.filter(account_id=line.account_id, line_id=line.id)
    with transaction.atomic():
        ours.filter(signed_in_at__lt=now - timedelta(days=settings.SIGN_IN_KEEP_DAYS)).delete()
        # Whoever is changing the number or the owner holds this row: a sign-in that began before ends with the others.
        held = Line.objects.select_for_update(of=("self",), no_key=True).filter(account_id=line.account_id, id=line.id)
        is_theirs = held.exclude(state=LineState.CLOSED).values_list("msisdn", flat=True).first() == line.msisdn
        known = set(ours.values_list("device_hash", flat=True))
        row = SignIn.objects.create(
            account_id=line.account_id, line_id=line.id, device=device, device_hash=device_hash, place=place,
            signed_in_at=now, seen_at=now, ended_at=None if is_theirs else now,
        )  # fmt: skip
        if is_theirs and known and device_hash not in known:
            queue_sms(
                account_id=line.account_id,
                msisdn=line.msisdn,
                template=NEW_DEVICE,
                language=line.language,
                values={
                    "at": instant_words(line.language, now),
                    "device": device,
                    "service_number": settings.SERVICE_NUMBER,
                },
                dedup_key=f"new-device:{row.id}",
                now=now,
            )
    return row.id


def touch_sign_ins(*, keys: Collection[tuple[uuid.UUID, uuid.UUID]], now: datetime) -> None:
    """Note that sign-ins are in use.

    :param keys: (account id, sign-in id) of each.
    """
    if keys:
        SignIn.objects.filter(_named(keys), ended_at=None).update(seen_at=now)


def end_sign_ins(*, keys: Collection[tuple[uuid.UUID, uuid.UUID]], now: datetime) -> None:
    """Sign out; repeating changes nothing.

    :param keys: (account id, sign-in id) of each.
    """
    if keys:
        SignIn.objects.filter(_named(keys), ended_at=None).update(ended_at=now)


def end_sign_in(*, account_id: uuid.UUID, line_id: uuid.UUID, sign_in_id: uuid.UUID, now: datetime) -> None:
    """Sign a line out on one browser, wherever that is.

    :raises NotFound: the line has no such sign-in, or it has ended.
    """
    found = SignIn.objects.filter(account_id=account_id, line_id=line_id, id=sign_in_id, ended_at=None)
    if not found.update(ended_at=now):
        raise NotFound


def end_other_sign_ins(*, account_id: uuid.UUID, line_id: uuid.UUID, kept_id: uuid.UUID | None, now: datetime) -> int:
    """Sign a line out everywhere but on one browser.

    :param kept_id: the sign-in there; None leaves none.
    :return: how many sign-ins were ended.
    """
    others = SignIn.objects.filter(account_id=account_id, line_id=line_id, ended_at=None)
    if kept_id is not None:
        others = others.exclude(id=kept_id)
    return others.update(ended_at=now)


def _named(keys: Collection[tuple[uuid.UUID, uuid.UUID]]) -> Q:
    wanted = Q()
    for account_id, sign_in_id in keys:
        wanted |= Q(account_id=account_id, id=sign_in_id)
    return wanted
