from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """The function that credits a top-up says whether the account owes something."""

    dependencies = [("billing", "0007_dues")]

    operations = [
        migrations.RunSQL(
            "DROP FUNCTION billing_confirm_top_up(uuid, uuid, numeric, text, text, text, timestamptz)",
            migrations.RunSQL.noop,
        ),
        migrations.RunSQL((SQL / "confirm_top_up.sql").read_text(), migrations.RunSQL.noop),
    ]
