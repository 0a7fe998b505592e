import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kernel.ids import PublicId, uuid7


class TestUuid7:
    def test_is_ordered_by_time_and_of_version_7(self) -> None:
        made = [uuid7() for _ in range(100)]
        assert made == sorted(made)
        assert {value.version for value in made} == {7}
        assert type(made[0]) is uuid.UUID


class TestPublicId:
    @given(st.uuids(), st.uuids())
    def test_reads_back_what_it_wrote(self, account_id: uuid.UUID, row_id: uuid.UUID) -> None:
        assert PublicId.parse(str(PublicId(account_id, row_id))) == PublicId(account_id, row_id)

    @pytest.mark.parametrize("text", ["", "x", "!" * 44, "é" * 44, "A" * 43 + "B", "A" * 45, str(uuid.UUID(int=0))])
    def test_refuses_what_it_never_wrote(self, text: str) -> None:
        with pytest.raises(ValueError):
            PublicId.parse(text)
