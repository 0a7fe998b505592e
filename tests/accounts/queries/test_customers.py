import uuid
from collections.abc import Callable

import pytest

from accounts.queries.customers import get_customer_name, get_masked_name
from kernel.errors import NotFound
from tests.factories.accounts import make_line

pytestmark = pytest.mark.django_db


class TestCustomerName:
    def test_is_whole_for_the_customer(self) -> None:
        assert get_customer_name(make_line(customer_name="陈晓雨").account_id) == "陈晓雨"

    @pytest.mark.parametrize(("name", "masked"), [("陈晓雨", "陈**"), ("王芳", "王*"), ("Emma Clarke", "E**")])
    def test_is_masked_for_others(self, name: str, masked: str) -> None:
        assert get_masked_name(make_line(customer_name=name).account_id) == masked

    @pytest.mark.parametrize("query", [get_customer_name, get_masked_name])
    def test_is_not_found_for_an_account_that_does_not_exist(self, query: Callable[[uuid.UUID], str]) -> None:
        with pytest.raises(NotFound):
            query(uuid.UUID(int=1))
