import pytest
from pytest_django import Settings

from channels.capabilities.registry import get_capability
from channels.halls.sms import KEYWORDS, read
from channels.halls.wish import Wish
from messaging.models import Inbound


def wish(body: str) -> Wish:
    return read(Inbound(body=body))


class TestKeywords:
    @pytest.mark.parametrize(
        ("body", "capability"),
        [
            ("CXYE", "balance"),
            ("cxye", "balance"),
            (" cx ye ", "balance"),
            ("ＣＸＹＥ", "balance"),
            ("CXYE。", "balance"),
            ("CXYE!", "balance"),
            ("CXLL", "allowance"),
            ("Cxll\n", "allowance"),
            ("0000", "what_i_have"),
            ("００００", "what_i_have"),
            ("0 0 0 0", "what_i_have"),
            ("10086", "menu"),
        ],
    )
    def test_are_read_however_they_are_typed(self, body: str, capability: str) -> None:
        assert wish(body) == Wish(capability)

    def test_all_name_a_capability(self) -> None:
        assert {get_capability(name).name for name in KEYWORDS.values()} == set(KEYWORDS.values())


class TestYes:
    @pytest.mark.parametrize(
        ("body", "code"),
        [
            ("是", ""),
            (" 是 ", ""),
            ("是。", ""),
            ("是！", ""),
            ("是 4821", "4821"),
            ("是4821", "4821"),
            ("是　４８２１", "4821"),
            ("是 48 21", "4821"),
            ("是 4821（1GB流量包，5.00元）", "4821"),
            ("是 4821 (1 GB data pack, 5.00 yuan)", "4821"),
        ],
    )
    def test_is_read_with_its_code_and_kept_word_for_word(self, body: str, code: str) -> None:
        assert wish(body) == Wish("confirm_order", {"code": code, "reply": body})

    @pytest.mark.parametrize("body", ["是的", "不是", "是不是", "Y", "yep", "ye", "好", "4821 是", "是 abc"])
    def test_is_only_what_was_agreed(self, body: str) -> None:
        assert wish(body) == Wish("menu")

    @pytest.mark.parametrize(
        ("body", "code"), [("YES", ""), ("yes 4821", "4821"), ("Yes.", ""), ("ＹＥＳ4821", "4821")]
    )
    def test_is_english_too_whatever_the_line_speaks(self, body: str, code: str) -> None:
        assert wish(body) == Wish("confirm_order", {"code": code, "reply": body})

    def test_has_the_synonyms_of_the_operator(self, settings: Settings) -> None:
        settings.CONFIRMATION_WORDS, settings.CONFIRMATION_WORDS_EN = ["是", "是的"], ["OK", "yes"]
        assert wish("YES 4821") == Wish("confirm_order", {"code": "4821", "reply": "YES 4821"})
        assert wish("ok") == Wish("confirm_order", {"code": "", "reply": "ok"})
        assert wish("是的") == Wish("confirm_order", {"code": "", "reply": "是的"})


class TestNumbers:
    @pytest.mark.parametrize(
        ("body", "numbers"),
        [
            ("1", [1]),
            ("1,3", [1, 3]),
            ("1，3", [1, 3]),
            ("1、3", [1, 3]),
            ("1 , 3", [1, 3]),
            ("1 3", [1, 3]),
            ("１，１２", [1, 12]),
            ("1,3,", [1, 3]),
            ("1,3。", [1, 3]),
            ("3,1,3", [3, 1, 3]),
            ("0", [0]),
        ],
    )
    def test_are_read_however_they_are_separated(self, body: str, numbers: list[int]) -> None:
        assert wish(body) == Wish("cancel_by_number", {"numbers": numbers})

    @pytest.mark.parametrize("body", ["4821", "1.5", "-1", "1和3", "1,,3", ",1", "1-3"])
    def test_are_nothing_else(self, body: str) -> None:
        assert wish(body) == Wish("menu")


class TestAnythingElse:
    @pytest.mark.parametrize("body", ["", " ", "你好", "帮助", "CXYE CXLL", "TD", "😀", "(", "是" * 500, "%s{x}"])
    def test_brings_the_menu(self, body: str) -> None:
        assert wish(body) == Wish("menu")
