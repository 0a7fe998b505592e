"""A paper is made by a process of its own, which may fail in every way without harm to who asked for it."""

import time
from datetime import UTC, datetime
from pathlib import Path
from threading import BoundedSemaphore

import pytest
from pytest_django import Settings

from billing.gateways import typesetter
from billing.gateways.typesetter import TypesetterBusy, TypesetterFailed, printable, typeset

DATED = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture
def template(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A template of the test's own, with the hall's fonts beside it."""
    (tmp_path / "fonts").symlink_to(typesetter.TEMPLATES / "fonts")
    monkeypatch.setattr(typesetter, "TEMPLATES", tmp_path)
    return tmp_path / "test.typ"


class TestTypeset:
    def test_makes_a_pdf(self, template: Path) -> None:
        template.write_text('#set document(title: "x")\n#json(bytes(sys.inputs.data)).word')
        assert typeset(template="test.typ", data={"word": "张三"}, dated=DATED).startswith(b"%PDF-1.7")

    @pytest.mark.parametrize(
        "source",
        [
            "#panic()",
            '#set document(title: "x")\n#read("/etc/passwd")',
            '#set document(title: "x")\n#read("../../etc/passwd")',
            '#set document(title: "x")\n#import "@preview/cetz:0.3.4"',
            "no title",
        ],
    )
    def test_says_that_it_failed(self, template: Path, source: str) -> None:
        template.write_text(source)
        with pytest.raises(TypesetterFailed):
            typeset(template="test.typ", data={}, dated=DATED)

    def test_is_stopped_when_it_takes_too_long(self, template: Path, settings: Settings) -> None:
        settings.PAPER_SECONDS = 1
        template.write_text('#set document(title: "x")\n#let n = 0\n#while true { n = calc.rem(n + 1, 7) }')
        begun = time.monotonic()
        with pytest.raises(TypesetterFailed):
            typeset(template="test.typ", data={}, dated=DATED)
        assert time.monotonic() - begun < 5

    def test_is_stopped_when_it_wants_too_much_memory(self, template: Path, settings: Settings) -> None:
        settings.PAPER_MEMORY_BYTES = 256 * 1024**2
        template.write_text(
            '#set document(title: "x")\n#let s = "x" * 1000000\n#let a = range(2000).map(n => s + str(n))'
        )
        with pytest.raises(TypesetterFailed):
            typeset(template="test.typ", data={}, dated=DATED)

    def test_turns_away_who_comes_while_all_presses_run(
        self, monkeypatch: pytest.MonkeyPatch, settings: Settings
    ) -> None:
        settings.PAPER_WAIT_SECONDS = 0
        presses = BoundedSemaphore(1)
        monkeypatch.setattr(typesetter, "_presses", presses)
        with presses, pytest.raises(TypesetterBusy):
            typeset(template="bill.typ", data={}, dated=DATED)

    def test_leaves_its_press_free_when_it_fails(self, monkeypatch: pytest.MonkeyPatch) -> None:
        presses = BoundedSemaphore(1)
        monkeypatch.setattr(typesetter, "_presses", presses)
        with pytest.raises(TypesetterFailed):
            typeset(template="none.typ", data={}, dated=DATED)
        assert presses.acquire(blocking=False)


class TestPrintable:
    def test_keeps_what_the_font_has(self) -> None:
        text = "和风通信 · Emma Clarke 138****8000 ¥59.00（代收）玥喆堃"
        assert printable(text) == text

    def test_reaches_into_lists_and_mappings(self) -> None:
        assert printable({"a": ["龘", 1, None, {"b": "é\t"}]}) == {"a": ["〓", 1, None, {"b": "é "}]}

    def test_prints_the_plain_letter_where_only_the_accent_is_missing(self) -> None:
        assert printable("Zażółć Ş") == "Zazó〓c S"
