from pathlib import Path

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import kernel.ids
from django.db import migrations, models


SQL = Path(__file__).resolve().parent.parent / "sql"


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0003_sign_ins'),
        ('billing', "0017_stars"),
    ]

    operations = [
        migrations.AlterField(
            model_name='ledgerentry',
            name='counterpart',
            field=models.CharField(choices=[('PAYMENTS', 'payments received'), ('REVENUE', 'charges'), ('GIFTS', 'bonus given'), ('POINTS', 'points exchanged'), ('ADJUSTMENTS', 'adjustments'), ('OPENING', 'balance brought in')], max_length=16, verbose_name='counterpart'),
        ),
        migrations.CreateModel(
            name='PointsPurse',
            fields=[
                ('account', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='+', serialize=False, to='accounts.account', verbose_name='account')),
                ('points', models.BigIntegerField(default=0, verbose_name='points')),
                ('version', models.BigIntegerField(default=0, verbose_name='version')),
                ('updated_at', models.DateTimeField(verbose_name='updated at')),
            ],
            options={
                'verbose_name': 'points of an account',
                'verbose_name_plural': 'points of accounts',
                'db_table': 'billing_points_purse',
                'constraints': [models.CheckConstraint(condition=models.Q(('points__gte', 0)), name='points_not_below_zero')],
            },
        ),
        migrations.CreateModel(
            name='PointsRule',
            fields=[
                ('version', models.PositiveIntegerField(primary_key=True, serialize=False, verbose_name='version')),
                ('valid_from', models.DateTimeField(unique=True, verbose_name='valid from')),
                ('points_per_yuan', models.PositiveIntegerField(verbose_name='points for a yuan')),
                ('star_percents', django.contrib.postgres.fields.ArrayField(base_field=models.PositiveIntegerField(), help_text='without a star, then one to five stars, such as 100,100,100,120,150,200', size=6, verbose_name='percent by star')),
                ('lifetime_months', models.PositiveSmallIntegerField(verbose_name='months to use them')),
                ('points_per_bonus_yuan', models.PositiveIntegerField(verbose_name='points for a yuan of bonus')),
                ('bonus_days', models.PositiveSmallIntegerField(help_text='0 means for ever', verbose_name='days to spend the bonus')),
                ('created_by', models.BigIntegerField(editable=False, verbose_name='made by')),
                ('created_at', models.DateTimeField(editable=False, verbose_name='made at')),
            ],
            options={
                'verbose_name': 'rule of points',
                'verbose_name_plural': 'rules of points',
                'db_table': 'billing_points_rule',
                'ordering': ['-version'],
                'constraints': [models.CheckConstraint(condition=models.Q(('lifetime_months__gt', 0), ('points_per_bonus_yuan__gt', 0), ('points_per_yuan__gt', 0), ('version__gt', 0)), name='points_rule_gives_something'), models.CheckConstraint(condition=models.Q(('star_percents__len', 6), ('star_percents__0__gte', 100), ('star_percents__1__gte', 100), ('star_percents__2__gte', 100), ('star_percents__3__gte', 100), ('star_percents__4__gte', 100), ('star_percents__5__gte', 100)), name='points_rule_star_adds')],
            },
        ),
        migrations.CreateModel(
            name='PointsDue',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'reason_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('reason_id', models.UUIDField(verbose_name="reason's id")),
                ('kind', models.CharField(choices=[('CHARGE', 'charge'), ('ADJUSTMENT', 'adjustment')], max_length=12, verbose_name='kind')),
                ('spent_fen', models.BigIntegerField(help_text='fen; negative was given back', verbose_name='spent')),
                ('settled_at', models.DateTimeField(verbose_name='at')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'points to be posted',
                'verbose_name_plural': 'points to be posted',
                'db_table': 'billing_points_due',
                'constraints': [models.CheckConstraint(condition=models.Q(('kind__in', ['CHARGE', 'ADJUSTMENT'])), name='points_due_kind_known')],
            },
        ),
        migrations.CreateModel(
            name='PointsEntry',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('version', models.BigIntegerField(verbose_name='version')),
                ('counterpart', models.CharField(choices=[('SPENDING', 'earned by spending'), ('CORRECTION', 'correction of a charge'), ('BONUS', 'exchanged for bonus'), ('DATA', 'exchanged for a data pack'), ('EXPIRY', 'not used in time'), ('OPENING', 'points brought in')], max_length=12, verbose_name='counterpart')),
                ('points', models.BigIntegerField(help_text='negative leaves the account', verbose_name='points')),
                ('after_points', models.BigIntegerField(verbose_name='after')),
                ('base_fen', models.BigIntegerField(default=0, verbose_name='for')),
                ('points_per_yuan', models.PositiveIntegerField(default=0, verbose_name='points for a yuan')),
                ('percent', models.PositiveIntegerField(default=0, verbose_name='percent by star')),
                ('posting_key', models.CharField(help_text='one key, one posting', max_length=120, verbose_name='posting key')),
                ('reason_id', models.UUIDField(verbose_name="reason's id")),
                ('posted_at', models.DateTimeField(verbose_name='posted at')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'movement of points',
                'verbose_name_plural': 'movements of points',
                'db_table': 'billing_points_entry',
                'indexes': [django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['posted_at'], name='points_entry_by_time')],
                'constraints': [models.UniqueConstraint(fields=('account', 'posting_key'), name='points_posting_key_once'), models.CheckConstraint(condition=models.Q(('points', 0), _negated=True), name='points_entry_moves_points'), models.CheckConstraint(condition=models.Q(('after_points__gte', 0)), name='points_entry_not_below_zero'), models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='points_version_from_one')],
            },
        ),
        migrations.CreateModel(
            name='PointsExchange',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False)),
                ('line_id', models.UUIDField(verbose_name='line')),
                ('points', models.BigIntegerField(verbose_name='points')),
                ('bonus_fen', models.BigIntegerField(verbose_name='bonus')),
                ('channel', models.CharField(max_length=16, verbose_name='channel')),
                ('request_key', models.CharField(help_text='one form, one exchange', max_length=40)),
                ('exchanged_at', models.DateTimeField(verbose_name='exchanged at')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'exchange of points',
                'verbose_name_plural': 'exchanges of points',
                'db_table': 'billing_points_exchange',
                'constraints': [models.UniqueConstraint(fields=('account', 'request_key'), name='points_exchange_request_once'), models.CheckConstraint(condition=models.Q(('bonus_fen__gt', 0), ('points__gt', 0)), name='points_exchange_moves_something')],
            },
        ),
        migrations.CreateModel(
            name='PointsLot',
            fields=[
                ('pk', models.CompositePrimaryKey('account_id', 'earned_date', blank=True, editable=False, primary_key=True, serialize=False)),
                ('earned_date', models.DateField(help_text='first day of the month', verbose_name='earned in')),
                ('earned_points', models.BigIntegerField(verbose_name='earned')),
                ('left_points', models.BigIntegerField(verbose_name='left')),
                ('expires_at', models.DateTimeField(verbose_name='to be used before')),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='accounts.account', verbose_name='account')),
            ],
            options={
                'verbose_name': 'points of a month',
                'verbose_name_plural': 'points of months',
                'db_table': 'billing_points_lot',
                'indexes': [models.Index(condition=models.Q(('left_points__gt', 0)), fields=['expires_at'], name='points_to_expire')],
                'constraints': [models.CheckConstraint(condition=models.Q(('left_points__gte', 0), ('left_points__lte', models.F('earned_points'))), name='points_left_within_earned')],
            },
        ),
        migrations.RunSQL((SQL / "points.sql").read_text(), migrations.RunSQL.noop),
        migrations.RunSQL((SQL / "charge.sql").read_text(), migrations.RunSQL.noop),
    ]
