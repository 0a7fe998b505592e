import pytest

from accounts.models import Account, Customer, Line, LineState, NumberDirectory
from accounts.operations.numbers import NumberTaken
from accounts.operations.open_account import open_account
from tests.factories.accounts import NOON, fresh_msisdn

pytestmark = pytest.mark.django_db


def open_with(msisdn: str) -> Line:
    return open_account(customer_name="王秀兰", msisdn=msisdn, province="CN-SN", language="zh-hans", now=NOON)


class TestOpenAccount:
    def test_makes_customer_account_line_and_directory_entry(self) -> None:
        msisdn = fresh_msisdn()
        line = open_with(msisdn)
        account = Account.objects.get()
        assert (account.customer.name, account.province, account.created_at) == ("王秀兰", "CN-SN", NOON)
        assert (line.account_id, line.msisdn, line.state, line.language) == (
            account.id,
            msisdn,
            LineState.ACTIVE,
            "zh-hans",
        )
        entry = NumberDirectory.objects.get()
        assert (entry.msisdn, entry.account_id, entry.line_id) == (msisdn, account.id, line.id)

    def test_refuses_a_number_in_use_and_makes_nothing(self) -> None:
        msisdn = fresh_msisdn()
        first = open_with(msisdn)
        with pytest.raises(NumberTaken):
            open_with(msisdn)
        assert (Customer.objects.count(), Account.objects.count(), Line.objects.count()) == (1, 1, 1)
        assert NumberDirectory.objects.get().line_id == first.id
