"""Merchandising, the counts of queries, saved searches."""

import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):
    dependencies = [("search", "0001_index")]

    operations = [
        migrations.CreateModel(
            name='DeclinedSynonym',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('language', models.CharField(max_length=8)),
                ('before', models.CharField(db_collation='C', max_length=100)),
                ('after', models.CharField(db_collation='C', max_length=100)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'language', 'before', 'after'), name='search_declined_once')],
            },
        ),
        migrations.CreateModel(
            name='PopularQuery',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('language', models.CharField(max_length=8)),
                ('query', models.CharField(db_collation='C', max_length=100)),
                ('pinyin', models.CharField(db_collation='C', default='', max_length=300)),
                ('initials', models.CharField(db_collation='C', default='', max_length=100)),
                ('searches', models.PositiveIntegerField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'language', 'query'), name='search_popular_once')],
            },
        ),
        migrations.CreateModel(
            name='QueryCount',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('day', models.DateField()),
                ('language', models.CharField(max_length=8)),
                ('query', models.CharField(db_collation='C', max_length=100)),
                ('searches', models.PositiveIntegerField(default=0)),
                ('empty', models.PositiveIntegerField(default=0)),
                ('clicks', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'day', 'language', 'query'), name='search_querycount_once')],
            },
        ),
        migrations.CreateModel(
            name='QueryPair',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('day', models.DateField()),
                ('language', models.CharField(max_length=8)),
                ('before', models.CharField(db_collation='C', max_length=100)),
                ('after', models.CharField(db_collation='C', max_length=100)),
                ('times', models.PositiveIntegerField(default=0)),
                ('clicks', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'day', 'language', 'before', 'after'), name='search_querypair_once')],
            },
        ),
        migrations.CreateModel(
            name='SavedSearch',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('person_id', models.UUIDField(null=True)),
                ('merchant_id', models.UUIDField(null=True)),
                ('sealed', models.TextField()),
                ('digest', models.CharField(max_length=64)),
                ('alert', models.BooleanField(default=True)),
                ('whole', models.BooleanField(default=True)),
                ('checked_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'person_id', 'id'], name='search_saved_person'), models.Index(fields=['platform_id', 'merchant_id', 'id'], name='search_saved_merchant'), models.Index(fields=['platform_id', 'alert', 'checked_at'], name='search_saved_due')],
                'constraints': [models.CheckConstraint(condition=models.Q(('person_id__isnull', False), ('merchant_id__isnull', False), _connector='OR'), name='search_saved_owned'), models.UniqueConstraint(fields=('platform_id', 'person_id', 'merchant_id', 'digest'), name='search_saved_once', nulls_distinct=False)],
            },
        ),
        migrations.CreateModel(
            name='SearchRedirect',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('match', models.CharField(choices=[('exact', 'Exact'), ('contains', 'Contains'), ('any', 'Any')], default='exact', max_length=8)),
                ('queries', models.JSONField(default=list)),
                ('target', models.CharField(max_length=500)),
                ('enabled', models.BooleanField(default=True)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'id'], name='search_redirect_list')],
            },
        ),
        migrations.CreateModel(
            name='SearchRule',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('name', models.CharField(max_length=120)),
                ('kind', models.CharField(choices=[('pin', 'Pin'), ('bury', 'Bury'), ('boost', 'Boost')], max_length=6)),
                ('enabled', models.BooleanField(default=True)),
                ('match', models.CharField(choices=[('exact', 'Exact'), ('contains', 'Contains'), ('any', 'Any')], default='exact', max_length=8)),
                ('queries', models.JSONField(default=list)),
                ('category_path', models.CharField(db_collation='C', default='', max_length=500)),
                ('product_ids', models.JSONField(default=list)),
                ('condition', models.JSONField(default=dict)),
                ('points', models.DecimalField(decimal_places=1, default=0, max_digits=6)),
                ('starts_at', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'kind', 'id'], name='search_rule_list')],
            },
        ),
        migrations.CreateModel(
            name='SearchTuning',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('weights', models.JSONField(default=dict)),
                ('published', models.PositiveIntegerField(default=0)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id',), name='search_tuning_once')],
            },
        ),
        migrations.CreateModel(
            name='SynonymGroup',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('language', models.CharField(max_length=8)),
                ('source', models.CharField(blank=True, default='', max_length=60)),
                ('terms', models.JSONField(default=list)),
                ('enabled', models.BooleanField(default=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'language', 'id'], name='search_synonym_list')],
            },
        ),
        migrations.CreateModel(
            name='TuningVersion',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('content', models.JSONField()),
                ('note', models.CharField(default='', max_length=200)),
                ('restored_from', models.PositiveIntegerField(null=True)),
                ('published_by', models.UUIDField(null=True)),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'number'), name='search_version_number')],
            },
        ),
        migrations.CreateModel(
            name='SavedMatch',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('product_id', models.UUIDField()),
                ('found_at', models.DateTimeField(null=True)),
                ('seen', models.BooleanField(default=False)),
                ('saved_search', kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='search.savedsearch')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'saved_search', 'product_id'), name='search_match_once')],
            },
        ),
        TenantTable("DeclinedSynonym"),
        TenantTable("PopularQuery"),
        TenantTable("QueryCount"),
        TenantTable("QueryPair"),
        TenantTable("SavedSearch"),
        TenantTable("SearchRedirect"),
        TenantTable("SearchRule"),
        TenantTable("SearchTuning"),
        TenantTable("SynonymGroup"),
        TenantTable("TuningVersion", app="SELECT, INSERT"),
        TenantTable("SavedMatch"),
    ]
