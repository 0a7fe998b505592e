"""Reads what customers decided about their data, and the copies of it that they asked for."""

import uuid
from datetime import datetime

from accounts.models import DataDownload, DataDownloadState, PrivacyChoice
from kernel.errors import NotFound


def wants_personal_recommendations(account_id: uuid.UUID) -> bool:
    """Tell whether an account may be shown what its own use suggests; one that never said anything may."""
    chosen = PrivacyChoice.objects.filter(account_id=account_id).values_list("personal_recommendations", flat=True)
    return chosen.first() is not False


def get_newest_download(account_id: uuid.UUID, now: datetime) -> DataDownload | None:
    """Return the copy that an account asked for last, without what is in it; one that is over counts as deleted."""
    newest = DataDownload.objects.filter(account_id=account_id).defer("content").order_by("-requested_at").first()
    if newest and newest.state == DataDownloadState.READY and newest.expires_at and newest.expires_at <= now:
        newest.state = DataDownloadState.DELETED
    return newest


def get_download_content(*, account_id: uuid.UUID, download_id: uuid.UUID, now: datetime) -> bytes:
    """Return the archive of a copy.

    :raises NotFound: the account has no such copy, or it is not there yet, or not any more.
    """
    ready = DataDownload.objects.filter(
        account_id=account_id, id=download_id, state=DataDownloadState.READY, expires_at__gt=now
    )
    content = ready.values_list("content", flat=True).first()
    if content is None:
        raise NotFound
    return bytes(content)
