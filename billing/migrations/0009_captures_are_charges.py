from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """What was set aside is charged by the function that makes every charge."""

    dependencies = [("billing", "0008_top_up_tells_of_dues")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION billing_charge_wallet; DROP FUNCTION billing_post_charge", migrations.RunSQL.noop
        ),
        migrations.RunSQL((SQL / "charge.sql").read_text(), migrations.RunSQL.noop),
    ]
