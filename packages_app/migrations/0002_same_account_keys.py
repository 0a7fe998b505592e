from django.db import migrations

from kernel.account_owned import same_account_constraint


class Migration(migrations.Migration):
    """Foreign keys between customer tables stay inside one account, so they are composite (ADR 0007, rule 4)."""

    dependencies = [("packages_app", "0001_initial")]

    operations = [
        same_account_constraint(
            table="packages_order", id_column="line_id", to_table="accounts_line", name="order_line_of_same_account"
        ),
        same_account_constraint(
            table="packages_order_evidence",
            id_column="order_id",
            to_table="packages_order",
            name="evidence_order_of_same_account",
        ),
        same_account_constraint(
            table="packages_subscription",
            id_column="line_id",
            to_table="accounts_line",
            name="subscription_line_of_same_account",
        ),
        same_account_constraint(
            table="packages_bucket", id_column="line_id", to_table="accounts_line", name="bucket_line_of_same_account"
        ),
        same_account_constraint(
            table="packages_bucket",
            id_column="subscription_id",
            to_table="packages_subscription",
            name="bucket_subscription_of_same_account",
        ),
    ]
