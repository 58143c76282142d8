import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0003_contracts'),
    ]

    operations = [
        migrations.CreateModel(
            name='AutomaticConsent',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('given', 'Given'), ('withdrawn', 'Withdrawn')], default='given', max_length=10)),
                ('merchant_id', models.UUIDField()),
                ('template_id', models.UUIDField()),
                ('party', models.CharField(max_length=40)),
                ('certificate_id', models.UUIDField()),
                ('person_id', models.UUIDField(null=True)),
                ('consent_id', models.UUIDField()),
                ('given_at', models.DateTimeField()),
                ('valid_until', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'given')), fields=('platform_id', 'merchant_id', 'template_id', 'party'), name='certification_auto_one')],
            },
        ),
        migrations.CreateModel(
            name='BulkSigning',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('queued', 'Being signed'), ('done', 'Done'), ('cancelled', 'Cancelled')], default='queued', max_length=10)),
                ('merchant_id', models.UUIDField()),
                ('template_id', models.UUIDField()),
                ('total', models.PositiveIntegerField()),
                ('job_id', models.UUIDField(null=True)),
                ('finished_at', models.DateTimeField(null=True)),
                ('consent', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.automaticconsent')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('platform_id', 'merchant_id', 'external_id'), name='certification_bulk_external'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'merchant_id', 'id'], name='certification_bulk_of'),
                ],
            },
        ),
        migrations.CreateModel(
            name='BulkRow',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('place', models.PositiveIntegerField()),
                ('state', models.CharField(choices=[('waiting', 'Waiting'), ('signed', 'Signed'), ('failed', 'Failed')], default='waiting', max_length=8)),
                ('document_id', models.UUIDField()),
                ('values_sealed', models.BinaryField()),
                ('sha256', models.CharField(blank=True, default='', max_length=64)),
                ('result_sealed', models.BinaryField(null=True)),
                ('problem', models.CharField(blank=True, default='', max_length=300)),
                ('signed_at', models.DateTimeField(null=True)),
                ('bulk', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='certification.bulksigning')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'bulk', 'place'), name='certification_row_place'),
                    models.UniqueConstraint(fields=('platform_id', 'document_id'), name='certification_row_document'),
                ],
                'indexes': [
                    models.Index(fields=['platform_id', 'bulk', 'state', 'place'], name='certification_row_todo'),
                ],
            },
        ),
        migrations.CreateModel(
            name='EvidencePackage',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('document_id', models.UUIDField()),
                ('generation', models.PositiveSmallIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.PositiveIntegerField()),
                ('content_sealed', models.BinaryField()),
                ('audit_head', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField()),
                ('renew_at', models.DateTimeField(null=True)),
                ('keep_until', models.DateTimeField()),
            ],
            options={
                'db_table': 'certification_package',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('renew_at__isnull', False)), fields=['platform_id', 'renew_at'], name='certification_package_renew')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'document_id', 'generation'), name='certification_package_once')],
            },
        ),
        migrations.CreateModel(
            name='Signing',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('begun', 'Being signed'), ('done', 'Signed'), ('failed', 'Failed')], default='begun', max_length=8)),
                ('key', models.UUIDField()),
                ('document_id', models.UUIDField()),
                ('sequence', models.PositiveSmallIntegerField()),
                ('field', models.CharField(max_length=60)),
                ('certificate_id', models.UUIDField()),
                ('sm2_certificate_id', models.UUIDField(null=True)),
                ('seal_id', models.UUIDField(null=True)),
                ('consent_id', models.UUIDField()),
                ('level', models.CharField(max_length=5)),
                ('order_sha256', models.CharField(max_length=64)),
                ('lease_until', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=1)),
                ('sha256', models.CharField(blank=True, default='', max_length=64)),
                ('result_sealed', models.BinaryField(null=True)),
                ('sm2_signature', models.BinaryField(null=True)),
                ('seal_signature', models.BinaryField(null=True)),
                ('signed_at', models.DateTimeField(null=True)),
                ('failure', models.CharField(blank=True, default='', max_length=500)),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'key'), name='certification_signing_key'), models.UniqueConstraint(condition=models.Q(('state', 'failed'), _negated=True), fields=('platform_id', 'document_id', 'sequence'), name='certification_signing_turn'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'done'), _negated=True), models.Q(('result_sealed__isnull', False), ('signed_at__isnull', False)), _connector='OR'), name='certification_signing_result')],
            },
        ),
        migrations.CreateModel(
            name='VerificationLink',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('code', models.CharField(max_length=32)),
                ('document_id', models.UUIDField()),
                ('created_at', models.DateTimeField()),
            ],
            options={
                'db_table': 'certification_link',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'code'), name='certification_link_code'), models.UniqueConstraint(fields=('platform_id', 'document_id'), name='certification_link_document')],
            },
        ),
        TenantTable("signing", app="SELECT, INSERT, UPDATE"),
        TenantTable("evidencepackage", app="SELECT, INSERT, UPDATE, DELETE"),
        TenantTable("verificationlink", app="SELECT, INSERT"),
        TenantTable("automaticconsent", app="SELECT, INSERT, UPDATE"),
        TenantTable("bulksigning", app="SELECT, INSERT, UPDATE"),
        TenantTable("bulkrow", app="SELECT, INSERT, UPDATE"),
    ]
