import pytest

from messaging.sms_parts import count_parts, decode_gsm, encode_gsm, is_gsm, split_parts


class TestCountParts:
    @pytest.mark.parametrize(
        ("words", "parts"),
        [
            ("", 1),
            ("a" * 160, 1),
            ("a" * 161, 2),
            ("a" * 306, 2),
            ("a" * 307, 3),
            # Signs of the extension table count twice.
            ("€" * 80, 1),
            ("€" * 81, 2),
            ("[]{}~^|\\€\f" * 8, 1),
            ("a" * 159 + "€", 2),
            # In 153 places there is room for 76 of them only: none is cut in two.
            ("€" * 152, 2),
            ("€" * 153, 3),
            ("流" * 70, 1),
            ("流" * 71, 2),
            ("流" * 134, 2),
            ("流" * 135, 3),
            ("a" * 69 + "流", 1),
            ("a" * 70 + "流", 2),
            # An emoji is two units.
            ("😀" * 35, 1),
            ("😀" * 36, 2),
            ("😀" * 66, 2),
            ("😀" * 67, 3),
            # What looks Latin and is not in the alphabet.
            ("á" * 71, 2),
            ("`" * 71, 2),
            ("é" * 160, 1),
        ],
    )
    def test_is_what_the_network_counts(self, words: str, parts: int) -> None:
        assert count_parts(words) == parts == len(split_parts(words))


class TestSplitParts:
    @pytest.mark.parametrize("words", ["a" * 1000, "€" * 500, "长" * 900 + "😀" * 40, "x" * 152 + "€" * 200])
    def test_loses_nothing(self, words: str) -> None:
        assert "".join(split_parts(words)) == words

    def test_keeps_a_sign_of_two_codes_in_one_part(self) -> None:
        assert [len(part) for part in split_parts("x" * 152 + "€" * 10)] == [152, 10]

    def test_keeps_an_emoji_in_one_part(self) -> None:
        assert [len(part) for part in split_parts("流" * 66 + "😀" * 10)] == [66, 10]


class TestEncodeGsm:
    def test_has_an_octet_a_sign_and_two_for_extended_ones(self) -> None:
        assert encode_gsm("@Hi €[") == b"\x00Hi \x1be\x1b<"

    def test_is_undone_by_decode_gsm(self) -> None:
        words = "£$¥èéùìòÇ\nØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ ÄÖÑÜ§¿äöñüà^{}\\[~]|€"
        assert is_gsm(words)
        assert decode_gsm(encode_gsm(words)) == words

    def test_refuses_what_is_not_in_the_alphabet(self) -> None:
        with pytest.raises(KeyError):
            encode_gsm("流")


class TestDecodeGsm:
    def test_does_not_stumble_over_garbage(self) -> None:
        assert decode_gsm(b"a\x1b\x01\xffb\x1b") == "a??b?"
