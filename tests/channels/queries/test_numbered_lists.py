import uuid
from datetime import timedelta

import pytest

from channels.models import NumberedList
from channels.queries.numbered_lists import get_numbered_list
from tests.factories.messaging import NOW, make_line

pytestmark = pytest.mark.django_db


class TestGetNumberedList:
    def test_is_valid_until_its_end(self) -> None:
        line, ids = make_line(), [uuid.uuid4(), uuid.uuid4()]
        NumberedList.objects.create(
            account_id=line.account_id,
            line_id=line.id,
            subscription_ids=[str(each) for each in ids],
            sent_at=NOW,
            expires_at=NOW + timedelta(hours=2),
        )
        just_before = NOW + timedelta(hours=2) - timedelta(microseconds=1)
        assert get_numbered_list(line.account_id, line.id, just_before) == ids
        assert get_numbered_list(line.account_id, line.id, NOW + timedelta(hours=2)) is None
        assert get_numbered_list(line.account_id, uuid.uuid4(), NOW) is None
        assert get_numbered_list(uuid.uuid4(), line.id, NOW) is None
