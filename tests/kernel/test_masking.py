import pytest

from kernel.log_masking import HIDDEN, mask_personal_values
from kernel.masking import mask_document, mask_msisdn, mask_name


class TestMasks:
    def test_keep_what_the_owner_recognises(self) -> None:
        assert mask_msisdn("+8613812345678") == "138****5678"
        assert mask_msisdn("10086") == "10086"
        assert mask_document("440102199001011234") == "440*************34"
        assert mask_document("123") == "***"

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
