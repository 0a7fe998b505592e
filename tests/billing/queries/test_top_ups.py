from datetime import timedelta

import pytest

from billing.models import TopUp
from billing.queries.top_ups import (
    get_top_up,
    get_top_up_by_payment_number,
    get_top_up_for_visitor,
    list_top_ups,
)
from kernel.errors import NotFound
from tests.factories.billing import NOW, make_line, make_top_up

pytestmark = pytest.mark.django_db


class TestGetTopUp:
    def test_finds_it_under_its_account_alone(self) -> None:
        top_up = make_top_up(make_line())
        assert get_top_up(top_up.account_id, top_up.id) == top_up
        with pytest.raises(NotFound):
            get_top_up(make_line().account_id, top_up.id)


class TestGetTopUpForVisitor:
    def test_shows_it_to_the_one_credited_and_the_one_who_paid(self) -> None:
        line, payer, stranger = make_line(), make_line(), make_line()
        top_up = make_top_up(line)
        TopUp.objects.update(payer_account_id=payer.account_id)
        for visitor in (line, payer):
            found = get_top_up_for_visitor(line.account_id, top_up.id, visitor_account_id=visitor.account_id)
            assert found.id == top_up.id
        with pytest.raises(NotFound):
            get_top_up_for_visitor(line.account_id, top_up.id, visitor_account_id=stranger.account_id)


class TestGetTopUpByPaymentNumber:
    def test_finds_its_way_to_the_account(self) -> None:
        top_up = make_top_up(make_line())
        assert get_top_up_by_payment_number(top_up.payment_number) == top_up
        with pytest.raises(NotFound):
            get_top_up_by_payment_number("other")


class TestListTopUps:
    def test_lists_the_newest_first_and_no_more_than_asked(self) -> None:
        line = make_line()
        made = [make_top_up(line, now=NOW + timedelta(minutes=number)) for number in range(3)]
        make_top_up(make_line())
        assert list_top_ups(line.account_id, 2) == [made[2], made[1]]
