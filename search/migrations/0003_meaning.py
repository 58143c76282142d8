"""Vectors of documents."""

import kernel.ids
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):
    dependencies = [("search", "0002_merchandising")]

    operations = [
        migrations.CreateModel(
            name='DocumentVector',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('doc_type', models.CharField(max_length=30)),
                ('document', models.CharField(db_collation='C', max_length=64)),
                ('version', models.BigIntegerField()),
                ('text', models.TextField(blank=True, default='')),
                ('model', models.CharField(blank=True, default='', max_length=40)),
                ('vector', models.BinaryField(null=True)),
                ('changed_at', models.DateTimeField()),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'doc_type', 'changed_at'], name='search_vector_changed'), models.Index(condition=models.Q(('vector__isnull', True), models.Q(('text', ''), _negated=True)), fields=['platform_id', 'changed_at'], name='search_vector_waits')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'doc_type', 'document'), name='search_vector_document')],
            },
        ),
        TenantTable("DocumentVector"),
    ]
