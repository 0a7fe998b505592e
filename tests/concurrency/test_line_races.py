"""Numbers, documents and sign-ins wanted by many at once. Each race has a control that shows what its guard is for."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from accounts.models import DocumentDirectory, Line, NumberDirectory, SignIn
from accounts.operations import documents
from accounts.operations.change_number import change_number
from accounts.operations.documents import TooManyLinesOfDocument
from accounts.operations.sign_ins import start_sign_in
from accounts.queries.audit import list_checks
from kernel.audit import run_check
from tests.factories.accounts import NOON, fresh_document, fresh_msisdn, make_line
from tests.races import meet_after, outcomes, run_sql

pytestmark = pytest.mark.django_db(transaction=True)

CLERKS = 16


def broken() -> list[str]:
    return [check.name for check in list_checks() if run_check(check).violations]


class TestOneNumber:
    def wanted_by_all(self) -> Counter[str]:
        lines = [make_line() for _ in range(CLERKS)]
        wanted = fresh_msisdn()

        def change(number: int) -> None:
            with transaction.atomic():
                change_number(
                    account_id=lines[number].account_id, line_id=lines[number].id, msisdn=wanted, staff_id=1,
                    reason="x", now=NOON,
                )  # fmt: skip

        return outcomes(change, times=CLERKS)

    def test_goes_to_one_of_all_who_want_it(self) -> None:
        assert self.wanted_by_all() == {"OK": 1, "NUMBER_TAKEN": CLERKS - 1}
        assert broken() == []

    def test_would_go_to_several_if_the_directory_did_not_hold_it(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT conname FROM pg_constraint WHERE conrelid = 'accounts_number_directory'::regclass"
                " AND contype = 'p'"
            )
            (key,) = cursor.fetchone()
        try:
            run_sql(f"ALTER TABLE accounts_number_directory DROP CONSTRAINT {key}")
            assert self.wanted_by_all()["OK"] > 1
        finally:
            run_sql("TRUNCATE accounts_number_directory")
            run_sql(f"ALTER TABLE accounts_number_directory ADD CONSTRAINT {key} PRIMARY KEY (msisdn)")


class TestOneDocument:
    def open_at_once(self) -> Counter[str]:
        document = fresh_document()
        numbers = [fresh_msisdn() for _ in range(CLERKS)]
        return outcomes(lambda number: make_line(msisdn=numbers[number], document=document), times=CLERKS)

    def test_opens_five_numbers_however_many_clerks_there_are(self) -> None:
        assert self.open_at_once() == {"OK": 5, "TOO_MANY_LINES_OF_DOCUMENT": CLERKS - 5}
        assert (DocumentDirectory.objects.get().lines, NumberDirectory.objects.count()) == (5, 5)
        assert broken() == []

    def test_would_open_more_if_lines_were_read_and_then_counted(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read = meet_after(lambda key: DocumentDirectory.objects.filter(number_hash=key).first(), times=CLERKS)

        def read_then_count(*, number_hash: str, lines: int) -> None:
            kept = read(number_hash)
            if kept is not None and kept.lines + lines > 5:
                raise TooManyLinesOfDocument
            DocumentDirectory.objects.bulk_create(
                [DocumentDirectory(number_hash=number_hash, lines=lines)], ignore_conflicts=True
            )

        monkeypatch.setattr(documents, "take_places", read_then_count)
        assert self.open_at_once()["OK"] > 5


class TestSignInWhileTheNumberChanges:
    def sign_in_after_a_change(self) -> Any:
        """Somebody's code was right, and before the sign-in is noted the line gets another number."""
        line = make_line()
        read_before = Line.objects.get(id=line.id)
        with transaction.atomic():
            change_number(
                account_id=line.account_id, line_id=line.id, msisdn=fresh_msisdn(), staff_id=1, reason="x", now=NOON
            )
        later = NOON + timedelta(seconds=1)
        start_sign_in(line=read_before, device="Firefox", device_token="t", place="203.0.113.*", now=later)
        return SignIn.objects.get(account_id=line.account_id).ended_at

    def test_is_over_before_it_begins(self) -> None:
        assert self.sign_in_after_a_change() == NOON + timedelta(seconds=1)
