from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """Of several plans in a month the highest cap holds."""

    dependencies = [("packages_app", "0011_quotes_carts_and_plan_changes")]

    operations = [migrations.RunSQL((SQL / "usage_fees.sql").read_text(), migrations.RunSQL.noop)]
