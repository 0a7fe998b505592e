import pytest
from django.utils import translation

from accounts.operations.document_rules import DocumentInvalid, normalised_document
from accounts.operations.sim_rules import SimInvalid, normalised_iccid, normalised_puk


class TestNormalisedDocument:
    @pytest.mark.parametrize(
        ("kind", "written", "kept"),
        [
            ("RESIDENT_CARD", "999999 19491231 005 X", "99999919491231005X"),
            ("RESIDENT_CARD", "９９９９９９19491231005x", "99999919491231005X"),
            ("PASSPORT", "e 1234-5678", "E12345678"),
            ("PASSPORT", "12345", "12345"),
            ("HK_MACAO_PERMIT", "h12345678", "H12345678"),
            ("HK_MACAO_PERMIT", "M1234567890", "M1234567890"),
            ("BUSINESS_LICENCE", "91110000600037341l", "91110000600037341L"),
        ],
    )
    def test_takes_what_stands_on_documents(self, kind: str, written: str, kept: str) -> None:
        assert normalised_document(kind=kind, number=written) == kept

    @pytest.mark.parametrize(
        ("kind", "wrong", "said"),
        [
            ("RESIDENT_CARD", "999999194912310051", "check digit"),
            ("RESIDENT_CARD", "99999919491231050X", "check digit"),
            ("RESIDENT_CARD", "999999194902300026", "day of birth"),
            ("RESIDENT_CARD", "999999189912310029", "day of birth"),
            ("RESIDENT_CARD", "999999491231002", "18 characters"),
            ("RESIDENT_CARD", "X9999919491231005X", "18 characters"),
            ("RESIDENT_CARD", "²9999919491231005X", "check digit"),
            ("RESIDENT_CARD", "", "18 characters"),
            ("PASSPORT", "E123", "five to nine"),
            ("PASSPORT", "ABCDEFGH", "five to nine"),
            ("PASSPORT", "护照12345", "five to nine"),
            ("HK_MACAO_PERMIT", "C12345678", "H or M"),
            ("HK_MACAO_PERMIT", "H123456789", "H or M"),
            ("BUSINESS_LICENCE", "911100006000373410", "check character"),
            ("BUSINESS_LICENCE", "91110000", "18 characters"),
            ("DRIVING_LICENCE", "12345678", "kind of document"),
        ],
    )
    def test_refuses_in_a_sentence_what_cannot_be_right(self, kind: str, wrong: str, said: str) -> None:
        with translation.override("en"):
            with pytest.raises(DocumentInvalid) as refusal:
                normalised_document(kind=kind, number=wrong)
            assert said in str(refusal.value.message)
            assert wrong not in str(refusal.value) or not wrong


class TestNormalisedIccid:
    @pytest.mark.parametrize("written", ["8986 0012 3456 7890 120", "898600123456789012 0"])
    def test_takes_what_is_printed_on_cards(self, written: str) -> None:
        assert normalised_iccid(iccid=written) == "8986001234567890120"

    @pytest.mark.parametrize(
        "wrong", ["8986001234567890125", "7986001234567890124", "89860012345678", "", "89" + "x" * 17]
    )
    def test_refuses_what_cannot_be_one(self, wrong: str) -> None:
        with pytest.raises(SimInvalid):
            normalised_iccid(iccid=wrong)

    @pytest.mark.parametrize("wrong", ["1234567", "123456789", "1234567a", ""])
    def test_refuses_what_cannot_be_a_puk(self, wrong: str) -> None:
        with pytest.raises(SimInvalid) as refusal:
            normalised_puk(puk=wrong)
        assert refusal.value.field == "puk"
