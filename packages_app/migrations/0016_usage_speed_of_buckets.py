from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Only buckets that are spent are noted in a batch."""

    dependencies = [("packages_app", "0015_usage_speed")]

    operations = [
        migrations.RunSQL((SQL / name).read_text(), migrations.RunSQL.noop)
        for name in ("record_usage.sql", "spend_buckets.sql", "recount_month.sql", "usage_reminders.sql")
    ]
