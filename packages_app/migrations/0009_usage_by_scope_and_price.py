from pathlib import Path

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids

SQL = Path(__file__).resolve().parent.parent / "sql"

# Fresh tables have these under the same names with other arguments.
FORGET_FORMER_FUNCTIONS = """
    DROP FUNCTION IF EXISTS packages_record_usage(
        timestamptz, timestamptz, timestamptz, bigint, bigint, bigint, integer[], boolean
    );
    DROP FUNCTION IF EXISTS packages_note_thresholds(timestamptz, integer[], boolean);
    DROP FUNCTION IF EXISTS packages_recount_buckets();
"""

# What was beyond before had no price: it belongs to the plan of its last record.
KEEP_WHAT_WAS_BEYOND = """
    INSERT INTO packages_usage_beyond (account_id, line_id, period_date, usage_kind, plan_id, region, amount)
    SELECT counter.account_id, counter.line_id, counter.period_date, counter.usage_kind,
           coalesce(plan.id, '00000000-0000-0000-0000-000000000000'), '', counter.beyond
      FROM packages_usage_counter AS counter
      LEFT JOIN LATERAL packages_plan_at(counter.account_id, counter.line_id, counter.last_record_at) AS plan ON true
     WHERE counter.beyond > 0
"""


class Migration(migrations.Migration):
    """Usage says where and with what; what is beyond the plan has its price, its cap and its fee."""

    dependencies = [
        ('accounts', '0001_initial'),
        ('packages_app', '0008_month_turns'),
    ]

    operations = [
        migrations.CreateModel(
            name='CapLift',
            fields=[
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
                ('pk', models.CompositePrimaryKey('account_id', 'line_id', 'period_date', 'number', blank=True, editable=False, primary_key=True, serialize=False)),
                ('line_id', models.UUIDField(verbose_name='line')),
                ('period_date', models.DateField(verbose_name='month')),
                ('number', models.PositiveSmallIntegerField(help_text="of this month's lifts, from 1", verbose_name='number')),
                ('cap_fen', models.BigIntegerField(verbose_name='new cap')),
                ('channel', models.CharField(max_length=16, verbose_name='channel')),
                ('lifted_at', models.DateTimeField(verbose_name='lifted at')),
            ],
            options={
                'verbose_name': 'lifted cap',
                'verbose_name_plural': 'lifted caps',
                'db_table': 'packages_cap_lift',
            },
        ),
        migrations.CreateModel(
            name='ReminderChoice',
            fields=[
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
                ('pk', models.CompositePrimaryKey('account_id', 'line_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('line_id', models.UUIDField(verbose_name='line')),
                ('percent', models.PositiveSmallIntegerField(verbose_name='remind at (%)')),
                ('changed_at', models.DateTimeField(verbose_name='changed at')),
            ],
            options={
                'verbose_name': 'own reminder threshold',
                'verbose_name_plural': 'own reminder thresholds',
                'db_table': 'packages_reminder_choice',
            },
        ),
        migrations.CreateModel(
            name='UsageBeyond',
            fields=[
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
                ('pk', models.CompositePrimaryKey('account_id', 'line_id', 'period_date', 'usage_kind', 'plan_id', 'region', blank=True, editable=False, primary_key=True, serialize=False)),
                ('line_id', models.UUIDField(verbose_name='line')),
                ('period_date', models.DateField(verbose_name='month')),
                ('usage_kind', models.CharField(choices=[('DATA', 'data (bytes)'), ('VOICE', 'voice (seconds)'), ('SMS', 'texts (messages)')], max_length=8, verbose_name='of')),
                ('plan_id', models.UUIDField(verbose_name='plan')),
                ('region', models.CharField(blank=True, max_length=8, verbose_name='region')),
                ('amount', models.BigIntegerField(help_text='bytes, seconds or messages', verbose_name='amount')),
            ],
            options={
                'verbose_name': 'use beyond the plan',
                'verbose_name_plural': 'use beyond the plan',
                'db_table': 'packages_usage_beyond',
            },
        ),
        migrations.CreateModel(
            name='UsageFee',
            fields=[
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False)),
                ('line_id', models.UUIDField(verbose_name='line')),
                ('period_date', models.DateField(verbose_name='month')),
                ('usage_kind', models.CharField(choices=[('DATA', 'data (bytes)'), ('VOICE', 'voice (seconds)'), ('SMS', 'texts (messages)')], max_length=8, verbose_name='of')),
                ('charged_fen', models.BigIntegerField(default=0, verbose_name='charged so far')),
            ],
            options={
                'verbose_name': 'fee for use beyond the plan',
                'verbose_name_plural': 'fees for use beyond the plan',
                'db_table': 'packages_usage_fee',
            },
        ),
        migrations.AddField(
            model_name='usagecounter',
            name='abroad',
            field=models.BigIntegerField(default=0, verbose_name='abroad'),
        ),
        migrations.AddField(
            model_name='usagerecord',
            name='app',
            field=models.CharField(blank=True, help_text='its code; empty: none known', max_length=40, verbose_name='application'),
        ),
        migrations.AddField(
            model_name='usagerecord',
            name='other_party',
            field=models.CharField(blank=True, help_text='of a call or text', max_length=32, verbose_name='other party'),
        ),
        migrations.AddField(
            model_name='usagerecord',
            name='region',
            field=models.CharField(blank=True, help_text="province or roaming region; empty: the account's province", max_length=8, verbose_name='region'),
        ),
        migrations.AddIndex(
            model_name='bucket',
            index=models.Index(condition=models.Q(('is_shared', True), ('carried_from_id__isnull', False), _connector='OR'), fields=['account', 'id'], name='bucket_of_several'),
        ),
        migrations.AddConstraint(
            model_name='caplift',
            constraint=models.CheckConstraint(condition=models.Q(('cap_fen__gt', 0), ('number__gte', 1)), name='cap_lift_sensible'),
        ),
        migrations.AddConstraint(
            model_name='reminderchoice',
            constraint=models.CheckConstraint(condition=models.Q(('percent__gte', 1), ('percent__lte', 99)), name='reminder_choice_below_hundred'),
        ),
        migrations.AddIndex(
            model_name='usagebeyond',
            index=models.Index(fields=['period_date', 'account', 'line_id'], name='usage_beyond_of_month'),
        ),
        migrations.AddConstraint(
            model_name='usagebeyond',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='usage_beyond_positive'),
        ),
        migrations.AddConstraint(
            model_name='usagefee',
            constraint=models.UniqueConstraint(fields=('account', 'line_id', 'period_date', 'usage_kind'), name='usage_fee_once_per_month'),
        ),
        migrations.AddConstraint(
            model_name='usagefee',
            constraint=models.CheckConstraint(condition=models.Q(('charged_fen__gte', 0)), name='usage_fee_not_negative'),
        ),
        migrations.RunSQL(FORGET_FORMER_FUNCTIONS, migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "record_usage.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL(
            (SQL / "spend_buckets.sql").read_text(),
            """
            DROP FUNCTION packages_mark_carried_months;
            DROP FUNCTION packages_keep_spending;
            DROP FUNCTION packages_pool_months;
            DROP FUNCTION packages_spend_month;
            DROP FUNCTION packages_spend_buckets;
            DROP FUNCTION packages_times_covering;
            DROP FUNCTION packages_plan_at;
            """,
        ),
        migrations.RunSQL((SQL / "recount_month.sql").read_text(), "DROP FUNCTION packages_recount_month"),
        migrations.RunSQL(
            (SQL / "usage_fees.sql").read_text(),
            "DROP VIEW packages_priced_usage; DROP FUNCTION packages_cap_of",
        ),
        migrations.RunSQL((SQL / "usage_reminders.sql").read_text(), "DROP FUNCTION packages_note_thresholds"),
        migrations.RunSQL(KEEP_WHAT_WAS_BEYOND, migrations.RunSQL.noop),
    ]
