import uuid

import pytest
from django.db import IntegrityError, connection, transaction

from kernel.copy_rows import NULL, copy_rows

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def table() -> None:
    with connection.cursor() as cursor:
        cursor.execute('CREATE TEMPORARY TABLE "odd table" (id integer PRIMARY KEY, "a text" text, key uuid)')


def copied(*rows: tuple[object, ...]) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        copy_rows(cursor, "odd table", ("id", "a text", "key"), rows)
        cursor.execute('SELECT * FROM "odd table" ORDER BY id')
        return list(cursor.fetchall())


class TestCopyRows:
    def test_keeps_texts_as_they_are(self) -> None:
        texts = ["", '畅享"套餐", 59元', "two\nlines\r\n", "\\.", "\t\\", "'; DROP TABLE"]
        assert copied(*((number, text, NULL) for number, text in enumerate(texts))) == [
            (number, text, None) for number, text in enumerate(texts)
        ]

    def test_tells_nothing_from_an_empty_text(self) -> None:
        key = uuid.uuid4()
        assert copied((1, "", key), (2, NULL, NULL)) == [(1, "", key), (2, None, None)]

    def test_replaces_what_cannot_be_stored(self) -> None:
        assert copied((1, "a\0b", NULL), (2, "a\ud800b", NULL)) == [(1, "a\ufffdb", None), (2, "a?b", None)]

    def test_copies_no_rows(self) -> None:
        assert copied() == []

    def test_raises_what_django_raises(self) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            copied((1, "a", NULL), (1, "b", NULL))
        assert copied() == []
