"""Seals documents, PUKs, the secrets of staff's apps and what upper floors keep sealed anew with the newest key."""

from collections.abc import Callable, Iterator
from typing import Any

from django.conf import settings
from django.db.models import QuerySet
from django.utils.module_loading import import_string

from accounts.models import IdentityDocument, SecondFactor, SimCard
from accounts.operations.documents import place_of_document
from accounts.operations.sim_cards import place_of_puk
from kernel.sealing import newest_key_name, seal, unseal

CHUNK = 500

Progress = Callable[[str, int], None]


def rotate_document_keys(*, progress: Progress = lambda _what, _done: None, chunk: int = CHUNK) -> int:
    """Seal with the newest key whatever another one sealed. What is sealed with it already is not touched, so that a
    run that was cut off goes on where it ended; when it has run to its end, the other keys can go.

    Each row is written by itself and only as it was read: a document recorded meanwhile stays.

    :param progress: called with what is sealed anew and how many there are so far.
    :param chunk: rows read at a time.
    :return: how many were sealed anew.
    :raises CannotUnseal: a key that is needed is not on the ring; what was done stays.
    """
    done = 0
    for document in _sealed_before(IdentityDocument.objects.all(), "number_sealed", ("account_id",), chunk):
        place = place_of_document(account_id=document.account_id)
        rows = IdentityDocument.objects.filter(account_id=document.account_id, number_sealed=document.number_sealed)
        done += rows.update(number_sealed=seal(unseal(document.number_sealed, belongs_to=place), belongs_to=place))
        progress("documents", done)
    cards = 0
    for card in _sealed_before(SimCard.objects.all(), "puk_sealed", ("account_id", "id"), chunk):
        place = place_of_puk(iccid=card.iccid)
        of_card = SimCard.objects.filter(account_id=card.account_id, id=card.id, puk_sealed=card.puk_sealed)
        cards += of_card.update(puk_sealed=seal(unseal(card.puk_sealed, belongs_to=place), belongs_to=place))
        progress("SIM cards", cards)
    apps = 0
    for app in _sealed_before(SecondFactor.objects.all(), "key_sealed", ("id",), chunk):
        place = SecondFactor.place_of_key(app.user_id)
        of_app = SecondFactor.objects.filter(id=app.id, key_sealed=app.key_sealed)
        apps += of_app.update(key_sealed=seal(unseal(app.key_sealed, belongs_to=place), belongs_to=place))
        progress("second factors", apps)
    others = 0
    for path in settings.OTHER_SEALED:
        others += import_string(path)()
        progress(path.rpartition(".")[2], others)
    return done + cards + apps + others


def _sealed_before(rows: QuerySet[Any], column: str, key: tuple[str, ...], chunk: int) -> Iterator[Any]:
    """Yield what another key sealed, a chunk of the table at a time, in the order of the primary key."""
    newest = f"{newest_key_name()}."
    after: tuple[Any, ...] | None = None
    while True:
        found = rows.order_by(*key)
        if after is not None:
            found = found.filter(pk__gt=after if len(key) > 1 else after[0])
        part = list(found[:chunk])
        yield from (row for row in part if not getattr(row, column).startswith(newest))
        if len(part) < chunk:
            return
        after = tuple(getattr(part[-1], name) for name in key)
