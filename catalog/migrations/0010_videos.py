"""Products may have videos."""

import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('catalog', '0009_plain_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='VideoFile',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('merchant_id', models.UUIDField()),
                ('digest', models.CharField(max_length=64)),
                ('kind', models.CharField(choices=[('mp4', 'MP4'), ('webm', 'WebM')], max_length=4)),
                ('size', models.PositiveBigIntegerField()),
                ('milliseconds', models.PositiveIntegerField(blank=True, null=True)),
                ('width', models.PositiveIntegerField(blank=True, null=True)),
                ('height', models.PositiveIntegerField(blank=True, null=True)),
                ('filename', models.CharField(blank=True, default='', max_length=200)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'updated_at', 'id'], name='catalog_videofile_age')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'digest', 'merchant_id'), name='catalog_videofile_once')],
            },
        ),
        migrations.CreateModel(
            name='Video',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('titles', models.JSONField(default=dict)),
                ('product', kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='videos', to='catalog.product')),
                ('file', kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='videos', to='catalog.videofile')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'product', 'position', 'id'], name='catalog_video_order'), models.Index(fields=['platform_id', 'file'], name='catalog_video_file')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'product', 'file'), name='catalog_video_once')],
            },
        ),
        TenantTable("videofile"),
        TenantTable("video"),
    ]
