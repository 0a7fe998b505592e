"""Every table of customers is in the copy of their data, or it is said why not; and nothing of it opens a door."""

from importlib import import_module

from django.apps import apps
from django.conf import settings
from django.db import models

from accounts.operations.data_downloads import list_own_data
from kernel.account_owned import Placement

SECRET = ("hash", "token", "pin", "content", "agreement_number", "account_reference", "request_key", "idempotency_key")


def left_out() -> dict[type[models.Model], str]:
    return {
        model: why
        for app in settings.OWN_DATA
        for model, why in import_module(f"{app}.queries.own_data").LEFT_OUT.items()
    }


class TestOwnData:
    def test_holds_every_table_of_customers_or_says_why_not(self) -> None:
        owned = {model for model in apps.get_models() if getattr(model, "placement", None) is Placement.ACCOUNT}
        told = {table.model for table in list_own_data()}
        assert owned - told - set(left_out()) == set(), "Name them in queries/own_data.py of their app."
        assert told & set(left_out()) == set()
        assert [why for why in left_out().values() if not why] == []

    def test_gives_each_table_a_name_of_its_own(self) -> None:
        names = [table.name for table in list_own_data()]
        assert len(names) == len(set(names)) > 30

    def test_holds_no_secrets(self) -> None:
        fields = [(table.name, field) for table in list_own_data() for field in table.fields]
        assert [
            one for one in fields if any(word in one[1].split("_") or one[1].endswith(word) for word in SECRET)
        ] == []
