from collections.abc import Iterator
from typing import Any

import pytest
from django.db import models
from django.test.utils import isolate_apps

from accounts.models import Account, Customer, Line
from kernel.account_owned import AccountOwned, AccountOwnedRow, Placement
from kernel.checks import check_placement, problems_of


@pytest.fixture
def house() -> Iterator[None]:
    """A registry of its own for the bad models below, in which "accounts.Account" still leads to the real one."""
    with isolate_apps("kernel") as registry:
        assert registry is not None
        registry.register_model("accounts", Account)
        yield


def ids_of(model: type[models.Model]) -> list[str]:
    return [str(problem.id) for problem in problems_of(model)]


class TestCheckPlacement:
    def test_finds_nothing_wrong_with_the_house(self) -> None:
        assert check_placement(None) == []


@pytest.mark.usefixtures("house")
class TestProblemsOf:
    def test_wants_a_placement(self) -> None:
        class Homeless(models.Model):
            class Meta:
                app_label = "kernel"

        assert ids_of(Homeless) == ["kernel.E001"]

    def test_wants_customer_tables_to_be_account_owned(self) -> None:
        class Loose(models.Model):
            placement = Placement.ACCOUNT

            class Meta:
                app_label = "kernel"

        assert ids_of(Loose) == ["kernel.E002"]

    def test_wants_the_key_to_begin_with_the_account(self) -> None:
        class Keyed(AccountOwned):
            number = models.BigIntegerField(primary_key=True)

            class Meta:
                app_label = "kernel"

        assert ids_of(Keyed) == ["kernel.E003"]

    def test_wants_the_account_in_every_unique_constraint(self) -> None:
        class Unique(AccountOwnedRow):
            number = models.CharField(max_length=3, unique=True)
            key = models.CharField(max_length=3)

            class Meta:
                app_label = "kernel"
                constraints = [models.UniqueConstraint(fields=["key"], name="key_once")]

        assert ids_of(Unique) == ["kernel.E004", "kernel.E004"]

    def test_wants_no_identity_column(self) -> None:
        class Counted(AccountOwned):
            class Meta:
                app_label = "kernel"

        assert ids_of(Counted) == ["kernel.E003", "kernel.E005"]

    def test_wants_composite_keys_between_customer_tables(self) -> None:
        class Child(AccountOwnedRow):
            line: Any = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="+")

            class Meta:
                app_label = "kernel"

        assert ids_of(Child) == ["kernel.E006"]

    @pytest.mark.parametrize(("held_by_database", "ids"), [(True, ["kernel.E007"]), (False, [])])
    def test_wants_no_database_constraint_across_placements(self, held_by_database: bool, ids: list[str]) -> None:
        class Across(AccountOwnedRow):
            customer = models.ForeignKey(
                Customer, on_delete=models.CASCADE, db_constraint=held_by_database, related_name="+"
            )

            class Meta:
                app_label = "kernel"

        assert ids_of(Across) == ids
