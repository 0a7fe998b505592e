from collections.abc import Callable

import pytest

from kernel.log_masking import HIDDEN, mask_personal_values
from kernel.masking import mask_document, mask_email, mask_iccid, mask_msisdn, mask_name


class TestMasks:
    @pytest.mark.parametrize(
        ("mask", "value", "shown"),
        [
            (mask_msisdn, "+8613812345678", "138****5678"),
            (mask_msisdn, "13812345678", "138****5678"),
            (mask_msisdn, "+861064912345678", "106****5678"),
            (mask_msisdn, "10086", "10086"),
            (mask_msisdn, "", ""),
            (mask_document, "440102199001011234", "440*************34"),
            (mask_document, "91110000600037341L", "911*************1L"),
            (mask_document, "H1234567890", "H********90"),
            (mask_document, "E12345678", "E******78"),
            (mask_document, "123456", "1***56"),
            (mask_document, "12345", "*****"),
            (mask_document, "123", "***"),
            (mask_document, "", ""),
            (mask_iccid, "8986001234567890120", "****0120"),
            (mask_iccid, "89860", "*****"),
            (mask_iccid, "", ""),
            (mask_email, "chen@example.com", "c***@example.com"),
            (mask_email, "c@example.com", "c***@example.com"),
            (mask_email, "chen", "c***"),
            (mask_email, "", ""),
        ],
    )
    def test_keep_what_the_owner_recognises(self, mask: Callable[[str], str], value: str, shown: str) -> None:
        assert mask(value) == shown

    @pytest.mark.parametrize(
        ("name", "masked"), [("张三", "张*"), ("张小三", "张**"), ("Emma Clarke", "E**"), ("张", "张*"), ("", "")]
    )
    def test_keep_the_first_character_of_a_name(self, name: str, masked: str) -> None:
        assert mask_name(name) == masked


class TestMaskPersonalValues:
    def test_masks_numbers_wherever_they_stand(self) -> None:
        event = {
            "event": "text to +8613812345678 and 13912345678",
            "path": "/top-up/?to=13812345678",
            "list": ["13812345678"],
        }
        assert mask_personal_values(None, "info", event) == {
            "event": "text to 138****5678 and 139****5678",
            "path": "/top-up/?to=138****5678",
            "list": ["138****5678"],
        }

    @pytest.mark.parametrize(
        "written",
        ["%2B8613812345678", "%2b86%20138%201234%205678", "138+1234+5678", "138 1234 5678", "008613812345678"],
    )
    def test_masks_a_number_as_addresses_and_people_write_it(self, written: str) -> None:
        event = {"request": f"GET /handset/?msisdn={written}"}
        masked = mask_personal_values(None, "info", event)["request"].removeprefix("GET /handset/?msisdn=")
        assert masked.removeprefix("%2B").removeprefix("%2b") == "138****5678"

    @pytest.mark.parametrize(
        ("written", "shown"),
        [
            ("card 99999919900228001X shown", "card 999*************1X shown"),
            ("to chen.xiaoyu@mail.example.com", "to c***@mail.example.com"),
        ],
    )
    def test_masks_documents_and_addresses_wherever_they_stand(self, written: str, shown: str) -> None:
        assert mask_personal_values(None, "info", {"event": written}) == {"event": shown}

    def test_hides_values_whose_name_is_a_secret(self) -> None:
        event = {"event": "x", "Code": "123456", "data": {"password": "hunter2", "n": 1}}
        assert mask_personal_values(None, "info", event) == {
            "event": "x",
            "Code": HIDDEN,
            "data": {"password": HIDDEN, "n": 1},
        }

    def test_leaves_ids_and_hashes_alone(self) -> None:
        event = {"event": "id 0193813812345678abcd", "order": "019a-13812345678-f"}
        assert mask_personal_values(None, "info", dict(event)) == event
