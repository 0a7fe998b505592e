from pathlib import Path

from django.db import migrations

SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):
    """What is left of a top-up's bonus goes when its money was given back."""

    dependencies = [("billing", "0014_bank_cards")]

    operations = [
        migrations.RunSQL((SQL / "post_entries.sql").read_text(), "DROP FUNCTION billing_take_back_bonus"),
    ]
