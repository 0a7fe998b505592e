import uuid
from datetime import UTC, datetime, timedelta

import pytest

from accounts.models import Account, Customer, Line, NumberDirectory
from accounts.operations.import_customers import ImportedLine, import_customers
from accounts.operations.numbers import NumberTaken
from accounts.operations.open_account import open_account
from accounts.queries.lines import get_line_by_msisdn

pytestmark = pytest.mark.django_db
SINCE = datetime(2020, 5, 1, tzinfo=UTC)


def imported(msisdn: str, *, account: int = 1, since: datetime = SINCE, name: str = '王"小,明\\N') -> ImportedLine:
    return ImportedLine(
        uuid.UUID(int=account), uuid.UUID(int=100 + account), uuid.uuid4(), name, msisdn, "CN-SC", "en", since
    )


class TestImportCustomers:
    def test_brings_in_customer_account_line_and_number(self) -> None:
        row = imported("+8613800000001")
        import_customers(lines=[row])
        line = get_line_by_msisdn("+8613800000001")
        assert (line.account_id, line.id, line.state, line.language) == (row.account_id, row.line_id, "ACTIVE", "en")
        assert line.activated_at == SINCE
        account = Account.objects.get()
        assert (account.customer_id, account.province, account.created_at) == (row.customer_id, "CN-SC", SINCE)
        assert list(Customer.objects.values_list("id", "name", "created_at")) == [
            (row.customer_id, row.customer_name, SINCE)
        ]

    def test_keeps_lines_of_one_account_together(self) -> None:
        later = imported("+8613800000002", since=SINCE + timedelta(days=900))
        import_customers(lines=[later, imported("+8613800000001")])
        assert (Customer.objects.count(), Account.objects.count(), Line.objects.count()) == (1, 1, 2)
        assert Account.objects.get().created_at == SINCE

    def test_takes_several_batches_in_one_transaction(self) -> None:
        import_customers(lines=[imported("+8613800000001")])
        import_customers(lines=[imported("+8613800000002", account=2)])
        assert NumberDirectory.objects.count() == 2

    def test_refuses_all_when_one_number_is_taken(self) -> None:
        open_account(customer_name="张三", msisdn="+8613800000002", province="CN-GD", language="zh-hans", now=SINCE)
        with pytest.raises(NumberTaken):
            import_customers(lines=[imported("+8613800000001"), imported("+8613800000002", account=2)])
        assert (Customer.objects.count(), Account.objects.count(), Line.objects.count()) == (1, 1, 1)
