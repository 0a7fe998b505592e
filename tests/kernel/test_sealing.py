import pytest

from kernel.sealing import CannotUnseal, newest_key_name, seal, unseal

OLD, NEW = "old-" + "k" * 40, "new-" + "k" * 40
PLACE = "identity-document:1"


class TestSeal:
    def test_hides_the_value_and_never_looks_the_same(self) -> None:
        first, second = (seal("E12345678", belongs_to=PLACE) for _ in range(2))
        assert first != second
        assert "E12345678" not in first
        assert {unseal(sealed, belongs_to=PLACE) for sealed in (first, second)} == {"E12345678"}

    def test_takes_the_newest_key_and_opens_what_older_ones_sealed(self, settings: object) -> None:
        settings.DOCUMENT_KEYS = [OLD]  # type: ignore[attr-defined]
        old = seal("证件", belongs_to=PLACE)
        settings.DOCUMENT_KEYS = [NEW, OLD]  # type: ignore[attr-defined]
        new = seal("证件", belongs_to=PLACE)
        assert [unseal(sealed, belongs_to=PLACE) for sealed in (old, new)] == ["证件", "证件"]
        assert new.startswith(f"{newest_key_name()}.")
        assert not old.startswith(f"{newest_key_name()}.")
        settings.DOCUMENT_KEYS = [NEW]  # type: ignore[attr-defined]
        with pytest.raises(CannotUnseal):
            unseal(old, belongs_to=PLACE)

    @pytest.mark.parametrize("spoil", [lambda s: s[:-4] + "AAA=", lambda s: s[9:], lambda s: "", lambda s: s + "!"])
    def test_does_not_open_what_was_altered(self, spoil: object) -> None:
        sealed = seal("E12345678", belongs_to=PLACE)
        with pytest.raises(CannotUnseal):
            unseal(spoil(sealed), belongs_to=PLACE)  # type: ignore[operator]

    def test_does_not_open_in_another_place(self) -> None:
        with pytest.raises(CannotUnseal):
            unseal(seal("E12345678", belongs_to=PLACE), belongs_to="identity-document:2")
