from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """What a batch does not need is not asked for."""

    dependencies = [("packages_app", "0014_staff_start_orders")]

    operations = [
        migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
        for name in ("record_usage.sql", "spend_buckets.sql", "usage_reminders.sql")
    ]
