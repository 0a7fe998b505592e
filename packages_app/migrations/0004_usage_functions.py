import datetime
from pathlib import Path

from django.db import migrations, models
from django.db.models.functions import TruncMonth
from django.db.models.lookups import Exact

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Installs what counts usage and spends buckets, one batch at a time; a bucket stays in its month for it."""

    dependencies = [("packages_app", "0003_one_waiting_order")]

    operations = [
        migrations.AlterField(
            model_name="thresholdcrossing",
            name="superseded",
            field=models.BooleanField(
                default=False,
                help_text="a higher one was passed at once, or it was told before the line came here",
                verbose_name="not told",
            ),
        ),
        migrations.AddConstraint(
            model_name="bucket",
            constraint=models.CheckConstraint(
                condition=Exact(
                    TruncMonth("starts_at"), TruncMonth(models.F("ends_at") - datetime.timedelta(microseconds=1))
                ),
                name="bucket_within_one_month",
            ),
        ),
        migrations.RunSQL(
            (SQL / "record_usage.sql").read_text(),
            """
            DROP FUNCTION packages_record_usage;
            DROP FUNCTION packages_recount_usage;
            DROP FUNCTION packages_lock_usage;
            DROP FUNCTION packages_count_usage;
            DROP FUNCTION packages_lock_shared_buckets;
            DROP FUNCTION packages_begin_usage_batch;
            """,
        ),
    ]
