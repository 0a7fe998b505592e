from django.db import migrations, models
from django.db.models.deletion import DO_NOTHING

from kernel.account_owned import SameAccountKey, same_account_constraint


class Migration(migrations.Migration):
    """A bucket may hold what is left of another, of the month before; both come from the same allowance."""

    dependencies = [("packages_app", "0006_catalogue_contents")]

    operations = [
        migrations.RemoveConstraint(model_name="bucket", name="bucket_once_per_cycle"),
        migrations.AddField(
            model_name="bucket",
            name="carried_from_id",
            field=models.UUIDField(help_text="last month's bucket", null=True, verbose_name="carried over from"),
        ),
        migrations.AddField(
            model_name="bucket",
            name="carried_from",
            field=SameAccountKey(
                "packages_app.bucket",
                "carried_from_id",
                null=True,
                on_delete=DO_NOTHING,
                related_name="+",
                verbose_name="carried over from",
            ),
        ),
        migrations.AddConstraint(
            model_name="bucket",
            constraint=models.UniqueConstraint(
                condition=models.Q(("carried_from_id__isnull", True)),
                fields=("account", "subscription_id", "allowance_number", "starts_at"),
                name="bucket_once_per_cycle",
            ),
        ),
        migrations.AddConstraint(
            model_name="bucket",
            constraint=models.UniqueConstraint(
                fields=("account", "carried_from_id"), name="bucket_carried_over_once"
            ),
        ),
        same_account_constraint(
            table="packages_bucket",
            id_column="carried_from_id",
            to_table="packages_bucket",
            name="bucket_carried_from_same_account",
        ),
    ]
