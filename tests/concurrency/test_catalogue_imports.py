"""Files of offerings confirmed at once. The control: without its lock, each overwrites the other unseen."""

from collections import Counter
from collections.abc import Iterator

import pytest

from packages_app.models import Offering, OfferingVersion
from packages_app.operations import import_offerings as importing
from packages_app.operations.import_offerings import PreviewOutdated, import_offerings, preview_import
from packages_app.operations.keep_offering import keep_offering
from packages_app.queries.catalogue import list_whole_catalogue
from packages_app.sheets.draft import draft_of, fingerprint, texts_of
from packages_app.sheets.notation import parse_allowances
from tests.factories.billing import NOW
from tests.factories.packages_app import make_offering
from tests.races import meet_after, outcomes

pytestmark = pytest.mark.django_db(transaction=True)

TIMES = 8
NEW = "code,kind,name_zh,name_en,price,recurrence,head,on_sale_from\nNEW,PLAN,新,New,{price},MONTHLY,PLAN,2026-01-01\n"


def confirm_all(files: list[bytes]) -> Counter[str]:
    """Confirm each file with its preview, all of which were shown before any was confirmed."""
    digests = [preview_import(content=content).digest for content in files]
    return outcomes(
        lambda number: import_offerings(content=files[number], author="", now=NOW, seen_digest=digests[number]),
        times=len(files),
    )


@pytest.fixture
def renamings() -> Iterator[list[bytes]]:
    offering = make_offering()
    yield [f"code,name_en\n{offering.code},Name {number}\n".encode() for number in range(TIMES)]
    OfferingVersion.objects.all().delete()


class TestFilesAtOnce:
    def test_that_change_the_same_offering_let_one_in_and_show_the_others_what_changed(
        self, renamings: list[bytes]
    ) -> None:
        assert confirm_all(renamings) == {"OK": 1, "PREVIEW_OUTDATED": TIMES - 1}

    def test_control_comparing_without_the_lock_is_no_guard(
        self, renamings: list[bytes], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        digests = [preview_import(content=content).digest for content in renamings]
        monkeypatch.setattr(importing, "lock_catalogue", lambda: None)
        monkeypatch.setattr(importing, "preview_import", meet_after(preview_import, times=TIMES))
        ended = outcomes(
            lambda number: import_offerings(content=renamings[number], author="", now=NOW, seen_digest=digests[number]),
            times=TIMES,
        )
        assert ended == {"OK": TIMES}

    def test_that_meet_a_form_are_not_overwritten_by_it(self, renamings: list[bytes]) -> None:
        (offering,) = list_whole_catalogue()
        digest, seen = preview_import(content=renamings[0]).digest, fingerprint(texts_of(draft_of(offering)))

        def act(number: int) -> None:
            if number == 0:
                import_offerings(content=renamings[0], author="", now=NOW, seen_digest=digest)
            else:
                offering.name_en = "From the form"
                allowances = parse_allowances("DATA 1GB")
                keep_offering(offering=offering, allowances=allowances, author="", now=NOW, seen=seen)

        ended = outcomes(act, times=2)
        assert ended in ({"OK": 1, "PREVIEW_OUTDATED": 1}, {"OK": 1, "OFFERING_CHANGED": 1})
        kept = Offering.objects.get().name_en
        assert kept == ("From the form" if ended["PREVIEW_OUTDATED"] else "Name 0")

    def test_that_bring_the_same_new_offering_let_one_in(self) -> None:
        files = [NEW.format(price=price).encode() for price in range(1, TIMES + 1)]
        assert confirm_all(files) == {"OK": 1, "PREVIEW_OUTDATED": TIMES - 1}
        assert Offering.objects.count() == OfferingVersion.objects.count() == 1

    def test_that_bring_a_code_which_came_in_after_the_comparison_do_not_overwrite_it(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        one, other = (NEW.format(price=price).encode() for price in (1, 2))
        digest = preview_import(content=one).digest
        came_in: list[Counter[str]] = []

        def compare_and_be_late(*, content: bytes) -> object:
            preview = preview_import(content=content)
            if content == one:
                came_in.append(outcomes(lambda _number: import_offerings(content=other, author="", now=NOW), times=1))
            return preview

        monkeypatch.setattr(importing, "preview_import", compare_and_be_late)
        with pytest.raises(PreviewOutdated):
            import_offerings(content=one, author="", now=NOW, seen_digest=digest)
        assert came_in == [{"OK": 1}]
        assert Offering.objects.get().price_fen == 2_00
