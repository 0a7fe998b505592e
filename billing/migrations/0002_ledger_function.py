from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Installs the one function through which money moves (ADR 0003), and the one that marks a top-up as paid with it."""

    dependencies = [("billing", "0001_initial")]

    operations = [
        migrations.RunSQL(
            (SQL / "post_entries.sql").read_text(),
            "DROP FUNCTION billing_post_entries",
        ),
        migrations.RunSQL(
            (SQL / "confirm_top_up.sql").read_text(),
            "DROP FUNCTION billing_confirm_top_up",
        ),
    ]
