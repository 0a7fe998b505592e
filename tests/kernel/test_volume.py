from fractions import Fraction

import pytest

from kernel.volume import allowance_texts

GB, MB, KB = 1024**3, 1024**2, 1024


class TestAllowanceTexts:
    @pytest.mark.parametrize(
        ("total", "used", "texts"),
        [
            (10 * GB, 0, ("10 GB", "0 GB", "10 GB")),
            (10 * GB, 3 * MB, ("10 GB", "0.01 GB", "9.99 GB")),
            (10 * GB, 8 * GB, ("10 GB", "8 GB", "2 GB")),
            (10 * GB, 10 * GB - 1, ("10 GB", "10 GB", "0 GB")),
            (10 * GB, 10 * GB, ("10 GB", "10 GB", "0 GB")),
            (500 * MB, 1, ("500 MB", "0.01 MB", "499.99 MB")),
            (KB, KB // 2, ("1 KB", "0.5 KB", "0.5 KB")),
            (0, 0, ("0 KB", "0 KB", "0 KB")),
        ],
    )
    def test_are_in_the_unit_of_the_total(self, total: int, used: int, texts: tuple[str, str, str]) -> None:
        words = allowance_texts(total, used)
        assert (words.total, words.used, words.left) == texts

    def test_add_up_as_they_stand_and_never_overstate_what_is_left(self) -> None:
        shown = []
        for total in range(GB, 40 * GB, 777_777_777):
            for used in range(0, total, total // 7):
                words = allowance_texts(total, used)
                whole, spent, left = (Fraction(text.split()[0]) for text in (words.total, words.used, words.left))
                shown.append((spent + left == whole, left * GB <= total - used))
        assert len(shown) > 100
        assert set(shown) == {(True, True)}
