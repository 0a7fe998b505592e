from django.apps import apps

from kernel.account_owned import Placement
from kernel.distribution import list_statements


class TestListStatements:
    def test_names_every_placed_table_once(self) -> None:
        expected = {
            model._meta.db_table
            for model in apps.get_models()
            if model._meta.managed and getattr(model, "placement", Placement.LOCAL) is not Placement.LOCAL
        }
        tables = [table for table, _sql in list_statements()]
        assert len(tables) == len(set(tables))
        assert set(tables) == expected

    def test_takes_reference_tables_first_and_parents_before_children(self) -> None:
        tables = [table for table, _sql in list_statements()]
        references = {
            model._meta.db_table
            for model in apps.get_models()
            if getattr(model, "placement", Placement.LOCAL) is Placement.REFERENCE
        }
        assert "packages_offering" in references
        assert set(tables[: len(references)]) == references
        parents_and_children = [
            ("packages_offering", "accounts_account"),
            ("accounts_account", "accounts_line"),
            ("accounts_line", "packages_order"),
            ("packages_order", "packages_order_evidence"),
            ("packages_subscription", "packages_bucket"),
        ]
        assert [pair for pair in parents_and_children if tables.index(pair[0]) > tables.index(pair[1])] == []

    def test_colocates_customer_tables_with_the_account(self) -> None:
        statements = dict(list_statements())
        assert statements["billing_wallet"] == (
            "SELECT create_distributed_table('billing_wallet', 'account_id', colocate_with => 'accounts_account')"
        )
        assert statements["accounts_number_directory"] == (
            "SELECT create_distributed_table('accounts_number_directory', 'msisdn', colocate_with => 'none')"
        )
