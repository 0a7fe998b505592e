"""What the database refuses of documents and cards, whatever goes wrong above."""

from collections.abc import Callable

import pytest
from django.db import IntegrityError, transaction

from accounts.models import DocumentDirectory, IdentityDocument, LineAct, SimCard
from tests.factories.accounts import NOON, fresh_document, fresh_sim, make_line

pytestmark = pytest.mark.django_db


def another_card() -> object:
    card = SimCard.objects.get()
    return SimCard.objects.create(
        account_id=card.account_id, line_id=card.line_id, iccid="8986001234567890120", puk_sealed="", reason="LOST",
        from_at=NOON,
    )  # fmt: skip


BROKEN: dict[str, Callable[[], object]] = {
    "document_shown_masked": lambda: IdentityDocument.objects.update(masked="E12345678"),
    "document_kind_known": lambda: IdentityDocument.objects.update(kind="LIBRARY_CARD"),
    "document_lines_not_negative": lambda: DocumentDirectory.objects.update(lines=-1),
    "sim_card_open_once": another_card,
    "sim_card_reason_known": lambda: SimCard.objects.update(reason="LOOKS"),
    "sim_card_ends_after": lambda: SimCard.objects.update(to_at=NOON.replace(year=2020)),
    "line_act_kind_known": lambda: LineAct.objects.create(
        account_id=IdentityDocument.objects.get().account_id, kind="LOOKED", at=NOON
    ),
}


@pytest.mark.parametrize(("name", "breaks"), BROKEN.items(), ids=BROKEN)
def test_refuses(name: str, breaks: Callable[[], object]) -> None:
    make_line(document=fresh_document(), sim=fresh_sim())
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        breaks()
