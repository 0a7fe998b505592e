from datetime import timedelta

import pytest

from messaging.gateways.signing import SIGNATURE, TIME, SignatureWrong, signed_headers, verify
from tests.factories.messaging import NOW

SECRET = "only-for-tests-9d8c7b6a"
BODY = b'{"reports":[]}'


def headers() -> dict[str, str]:
    return signed_headers(secret=SECRET, message_id="one", body=BODY, now=NOW)


class TestVerify:
    @pytest.mark.parametrize("seconds", [-300, 0, 300])
    def test_believes_what_was_signed_within_minutes(self, seconds: int) -> None:
        verify(secret=SECRET, headers=headers(), body=BODY, now=NOW + timedelta(seconds=seconds))

    def test_believes_one_of_several_signatures(self) -> None:
        given = headers()
        given[SIGNATURE] = f"v1,AAAA {given[SIGNATURE]} v1a,BBBB"
        verify(secret=SECRET, headers=given, body=BODY, now=NOW)

    @pytest.mark.parametrize(
        ("changed", "body", "later"),
        [
            ({}, BODY + b" ", 0),
            ({}, BODY, 301),
            ({}, BODY, -301),
            ({"webhook-id": "two"}, BODY, 0),
            ({"webhook-id": ""}, BODY, 0),
            ({TIME: ""}, BODY, 0),
            ({TIME: "now"}, BODY, 0),
            ({TIME: "-1"}, BODY, 0),
            ({TIME: "1" * 40}, BODY, 0),
            ({TIME: "١٧٩٥٣٣٥٠٠٠"}, BODY, 0),
            ({SIGNATURE: ""}, BODY, 0),
            ({SIGNATURE: "v1,"}, BODY, 0),
            ({SIGNATURE: "v1,签名"}, BODY, 0),
            ({SIGNATURE: "v2,AAAA"}, BODY, 0),
        ],
    )
    def test_refuses_forgeries_and_old_messages(self, changed: dict[str, str], body: bytes, later: int) -> None:
        with pytest.raises(SignatureWrong):
            verify(secret=SECRET, headers={**headers(), **changed}, body=body, now=NOW + timedelta(seconds=later))

    def test_refuses_everything_without_a_secret(self) -> None:
        given = signed_headers(secret="", message_id="one", body=BODY, now=NOW)
        with pytest.raises(SignatureWrong):
            verify(secret="", headers=given, body=BODY, now=NOW)
