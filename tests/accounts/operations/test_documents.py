from typing import Any

import pytest

from accounts.models import Account, DocumentDirectory, IdentityDocument, Line, LineAct, LineState
from accounts.operations.document_rules import DocumentInvalid
from accounts.operations.documents import (
    DocumentsDiffer,
    ShownDocument,
    TooManyLinesOfDocument,
    record_document,
    require_document_of,
    reveal_document,
)
from accounts.operations.line_acts import ReasonMissing
from accounts.operations.rotate_document_keys import rotate_document_keys
from accounts.operations.sim_cards import look_up_puk
from accounts.queries.audit import list_checks
from kernel.audit import run_check
from kernel.errors import NotFound
from kernel.sealing import CannotUnseal, newest_key_name
from tests.factories.accounts import NOON, fresh_document, fresh_sim, make_line, make_second_factor, make_staff

LICENCE = ShownDocument("BUSINESS_LICENCE", "91110000600037341L")


def counted() -> dict[str, int]:
    return dict(DocumentDirectory.objects.values_list("number_hash", "lines"))


def record(line: Line, document: ShownDocument, **changes: Any) -> IdentityDocument:
    arguments = {"staff_id": 7, "reason": "showed a new passport", **changes}
    return record_document(account_id=line.account_id, document=document, now=NOON, **arguments)


@pytest.mark.django_db
class TestOpeningUnderADocument:
    def test_counts_lines_up_to_the_limit_and_then_makes_nothing(self, settings: Any) -> None:
        settings.LINES_PER_DOCUMENT = 2
        document = fresh_document()
        make_line(document=document)
        make_line(document=ShownDocument(document.kind, f" {document.number[:6]} {document.number[6:]}"))
        accounts = Account.objects.count()
        with pytest.raises(TooManyLinesOfDocument):
            make_line(document=document)
        assert (list(counted().values()), Account.objects.count()) == ([2], accounts)
        make_line(document=fresh_document())

    def test_makes_nothing_when_the_number_cannot_be_right(self) -> None:
        with pytest.raises(DocumentInvalid):
            make_line(document=ShownDocument("PASSPORT", "no"))
        assert (Account.objects.count(), Line.objects.count()) == (0, 0)

    def test_never_prints_the_number(self) -> None:
        assert fresh_document().number not in repr(fresh_document())
        assert "number" not in repr(LICENCE)


@pytest.mark.django_db
class TestRecordDocument:
    def test_takes_the_place_of_the_one_before_and_says_who_did_it(self) -> None:
        line = make_line(document=fresh_document())
        before = IdentityDocument.objects.get()
        kept = record(line, LICENCE)
        assert IdentityDocument.objects.get() == kept
        assert counted() == {before.number_hash: 0, kept.number_hash: 1}
        act = LineAct.objects.get()
        assert (act.kind, act.staff_id, act.reason) == ("DOCUMENT_RECORDED", 7, "showed a new passport")
        assert (act.before, act.after) == (before.masked, "911*************1L")
        assert [check.name for check in list_checks() if run_check(check).violations] == []

    def test_counts_the_same_document_once(self) -> None:
        document = fresh_document()
        line = make_line(document=document)
        record(line, document)
        assert list(counted().values()) == [1]

    def test_registers_whom_another_system_brought(self) -> None:
        line = make_line()
        record(line, LICENCE)
        assert list(counted().values()) == [1]
        assert [check.name for check in list_checks() if run_check(check).violations] == []

    @pytest.mark.parametrize(
        ("changes", "refusal"),
        [
            ({"reason": " "}, ReasonMissing),
            ({"reason": "x" * 201}, ReasonMissing),
            ({"document": ShownDocument("PASSPORT", "no")}, DocumentInvalid),
        ],
    )
    def test_changes_nothing_when_refused(self, changes: dict[str, Any], refusal: type[Exception]) -> None:
        line = make_line(document=fresh_document())
        before = list(IdentityDocument.objects.values())
        with pytest.raises(refusal):
            record(line, **{"document": LICENCE, **changes})
        assert (list(IdentityDocument.objects.values()), LineAct.objects.count()) == (before, 0)

    def test_finds_no_account_without_a_line_in_use(self) -> None:
        line = make_line()
        Line.objects.update(state=LineState.CLOSED)
        with pytest.raises(NotFound):
            record(line, LICENCE)
        assert IdentityDocument.objects.count() == 0


@pytest.mark.django_db
class TestRevealDocument:
    def test_shows_the_number_and_records_who_looked_and_why(self) -> None:
        document, clerk = fresh_document(), make_staff("supervisor")
        line = make_line(document=document)
        shown = reveal_document(account_id=line.account_id, staff_id=clerk.pk, reason="police asked", now=NOON)
        assert shown == document.number
        act = LineAct.objects.get()
        assert (act.kind, act.staff_id, act.reason, act.at) == ("DOCUMENT_REVEALED", clerk.pk, "police asked", NOON)

    def test_shows_nothing_without_a_reason(self) -> None:
        line = make_line(document=fresh_document())
        with pytest.raises(ReasonMissing):
            reveal_document(account_id=line.account_id, staff_id=1, reason="", now=NOON)
        assert LineAct.objects.count() == 0

    def test_finds_no_document_where_there_is_none(self) -> None:
        with pytest.raises(NotFound):
            reveal_document(account_id=make_line().account_id, staff_id=1, reason="police", now=NOON)
        assert LineAct.objects.count() == 0

    def test_does_not_open_a_number_that_was_copied_from_another_account(self) -> None:
        line, other = make_line(document=fresh_document()), make_line(document=fresh_document())
        stolen = IdentityDocument.objects.get(account_id=other.account_id).number_sealed
        IdentityDocument.objects.filter(account_id=line.account_id).update(number_sealed=stolen)
        with pytest.raises(CannotUnseal):
            reveal_document(account_id=line.account_id, staff_id=1, reason="look", now=NOON)


@pytest.mark.django_db
class TestRequireDocumentOf:
    def test_knows_the_document_however_it_is_written(self) -> None:
        document = fresh_document()
        line = make_line(document=document)
        require_document_of(account_id=line.account_id, document=ShownDocument(document.kind, document.number.lower()))

    def test_refuses_another_and_an_account_without_one(self) -> None:
        line, unknown = make_line(document=fresh_document()), make_line()
        for account_id in (line.account_id, unknown.account_id):
            with pytest.raises(DocumentsDiffer):
                require_document_of(account_id=account_id, document=fresh_document())


@pytest.mark.django_db
class TestRotateDocumentKeys:
    OLD = "old-" + "k" * 40
    NEW = "new-" + "k" * 40

    def test_seals_all_anew_goes_on_where_it_was_cut_off_and_then_needs_the_newest_key_alone(
        self, settings: Any
    ) -> None:
        settings.DOCUMENT_KEYS = [self.OLD]
        documents = [fresh_document() for _ in range(5)]
        lines = [make_line(document=document, sim=fresh_sim(puk=f"0000000{n}")) for n, document in enumerate(documents)]
        app = make_second_factor("clerk")
        hashes, secret = set(counted()), app.bin_key
        settings.DOCUMENT_KEYS = [self.NEW, self.OLD]

        def cut_off(what: str, done: int) -> None:
            if done == 3:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            rotate_document_keys(progress=cut_off, chunk=2)
        sealed_anew = IdentityDocument.objects.filter(number_sealed__startswith=newest_key_name())
        assert sealed_anew.count() == 3
        assert rotate_document_keys(chunk=2) == 2 + 5 + 1
        assert rotate_document_keys(chunk=2) == 0
        settings.DOCUMENT_KEYS = [self.NEW]
        shown = [reveal_document(account_id=one.account_id, staff_id=1, reason="x", now=NOON) for one in lines]
        assert shown == [document.number for document in documents]
        puks = [look_up_puk(account_id=one.account_id, line_id=one.id, now=NOON) for one in lines]
        assert puks == [f"0000000{number}" for number in range(5)]
        app.refresh_from_db()
        assert (set(counted()), app.bin_key) == (hashes, secret)

    def test_stops_at_a_value_that_no_key_opens(self, settings: Any) -> None:
        settings.DOCUMENT_KEYS = [self.OLD]
        make_line(document=fresh_document())
        settings.DOCUMENT_KEYS = [self.NEW]
        before = list(IdentityDocument.objects.values())
        with pytest.raises(CannotUnseal):
            rotate_document_keys()
        assert list(IdentityDocument.objects.values()) == before
