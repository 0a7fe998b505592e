from django.db import migrations, models


class Migration(migrations.Migration):
    """Files of usage records are loaded in steps that survive."""

    dependencies = [
        ('packages_app', '0012_usage_caps'),
    ]

    operations = [
        migrations.CreateModel(
            name='UsageLoad',
            fields=[
                ('fingerprint', models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name='SHA-256')),
                ('file_name', models.CharField(max_length=255, verbose_name='file')),
                ('rows_done', models.PositiveBigIntegerField(default=0, verbose_name='records read')),
                ('recorded', models.PositiveBigIntegerField(default=0, verbose_name='recorded')),
                ('repeated', models.PositiveBigIntegerField(default=0, verbose_name='known before')),
                ('rejected', models.PositiveBigIntegerField(default=0, verbose_name='rejected')),
                ('rejects_bytes', models.PositiveBigIntegerField(default=0, verbose_name='length of the file of rejects')),
                ('started_at', models.DateTimeField(verbose_name='started at')),
                ('finished_at', models.DateTimeField(null=True, verbose_name='finished at')),
            ],
            options={
                'verbose_name': 'load of usage records',
                'verbose_name_plural': 'loads of usage records',
                'db_table': 'packages_usage_load',
            },
        ),
    ]
