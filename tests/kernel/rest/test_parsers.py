from decimal import Decimal
from io import BytesIO

import pytest

from kernel.rest.errors import BodyInvalid
from kernel.rest.parsers import MAX_BODY_BYTES, StrictJSONParser, read_json_object


class TestReadJsonObject:
    def test_reads_fractions_exactly(self) -> None:
        assert read_json_object(b'{"a": 0.10, "b": 7}') == {"a": Decimal("0.10"), "b": 7}

    def test_reads_utf_8(self) -> None:
        assert read_json_object('{"名": "陈"}'.encode()) == {"名": "陈"}

    @pytest.mark.parametrize(
        "body",
        [
            pytest.param(b"", id="nothing"),
            pytest.param(b'{"a": 1', id="cut off"),
            pytest.param(b"{'a': 1}", id="single quotes"),
            pytest.param(b'{"a": 1} {"b": 2}', id="two objects"),
            pytest.param(b"[1]", id="a list"),
            pytest.param(b'"text"', id="a text"),
            pytest.param(b"null", id="null"),
            pytest.param(b'{"a": NaN}', id="NaN"),
            pytest.param(b'{"a": -Infinity}', id="infinity"),
            pytest.param(b'{"a": 1, "a": 2}', id="a key twice"),
            pytest.param(b'{"a": {"b": 1, "b": 1}}', id="a key twice further down"),
            pytest.param('{"a": "陈"}'.encode("gb18030"), id="not UTF-8"),
            pytest.param(rb'{"a": {"\ud800": 1}}', id="a key that is half a character"),
            pytest.param(b'\xef\xbb\xbf{"a": 1}', id="a byte order mark"),
            pytest.param(b'{"a": ' + b"9" * 5_000 + b"}", id="more digits than Python reads"),
            pytest.param(b'{"a": 1e99999999999999999999}', id="an exponent beyond decimals"),
            pytest.param(b'{"a": ' + b"[" * 60_000 + b"}", id="very deep"),
        ],
    )
    def test_refuses_what_is_not_one_object(self, body: bytes) -> None:
        with pytest.raises(BodyInvalid):
            read_json_object(body)

    def test_takes_a_body_of_the_greatest_length_and_not_one_byte_more(self) -> None:
        longest = b'{"a": "' + b"x" * (MAX_BODY_BYTES - 9) + b'"}'
        assert len(longest) == MAX_BODY_BYTES
        assert list(read_json_object(longest)) == ["a"]
        with pytest.raises(BodyInvalid):
            read_json_object(longest + b" ")


class TestStrictJSONParser:
    def test_reads_no_further_than_it_must(self) -> None:
        stream = BytesIO(b"x" * (3 * MAX_BODY_BYTES))
        with pytest.raises(BodyInvalid):
            StrictJSONParser().parse(stream)
        assert stream.tell() == MAX_BODY_BYTES + 1
