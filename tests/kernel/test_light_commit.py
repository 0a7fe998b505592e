"""Notes do not wait for the disk; everything else does."""

import pytest
from django.db import connection, transaction

from accounts.models import Budget
from kernel.clock import now
from kernel.light_commit import committed_lightly


def waits() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW synchronous_commit")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
class TestCommittedLightly:
    def test_does_not_wait_within_and_waits_again_afterwards(self) -> None:
        with committed_lightly():
            assert waits() == "off"
        assert waits() == "on"

    def test_leaves_a_transaction_around_it_as_it_is(self) -> None:
        with transaction.atomic(), committed_lightly():
            assert waits() == "on"

    def test_waits_again_after_an_error_and_keeps_nothing(self) -> None:
        def fails() -> None:
            with committed_lightly():
                Budget.objects.create(key="light", count=1, ends_at=now())
                raise LookupError

        with pytest.raises(LookupError):
            fails()
        assert (waits(), Budget.objects.count()) == ("on", 0)
