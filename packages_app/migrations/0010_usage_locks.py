from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Usage is kept from being counted while a month is opened."""

    dependencies = [("packages_app", "0009_usage_by_scope_and_price")]

    operations = [
        # What it returns has changed.
        migrations.RunSQL("DROP FUNCTION packages_lock_shared_buckets", migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "record_usage.sql").read_text(), migrations.RunSQL.noop),
    ]
