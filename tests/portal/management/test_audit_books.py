import io

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from tests.factories.billing import make_line

pytestmark = pytest.mark.django_db(transaction=True)


class TestAuditBooks:
    def test_says_that_all_holds(self) -> None:
        make_line(cash_fen=10_00)
        output = io.StringIO()
        call_command("audit_books", stdout=output)
        assert "invariants hold." in output.getvalue()
        assert "wallet_is_sum_of_entries" in output.getvalue()

    def test_fails_and_shows_an_example_without_personal_data(self) -> None:
        line = make_line(cash_fen=10_00, name="李雷")
        with connection.cursor() as cursor:
            cursor.execute("UPDATE billing_wallet SET cash_fen = 1")
        output = io.StringIO()
        with pytest.raises(CommandError, match=r"3 of \d+ invariants are broken") as failure:
            call_command("audit_books", stdout=output)
        assert failure.value.returncode == 1
        assert f"({line.account_id},1,1000,0,0)" in output.getvalue()
        assert line.msisdn[3:] not in output.getvalue()
        assert "李雷" not in output.getvalue()
