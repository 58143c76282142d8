"""Contract templates, contracts, parties, proposals."""

import django.db.models.deletion
from django.db import migrations, models

import kernel.ids
import kernel.models
import kernel.tenancy
from kernel.tenant_sql import TenantTable


class Migration(migrations.Migration):
    dependencies = [("certification", "0002_authority")]

    operations = [
        migrations.CreateModel(
            name='ContractTemplate',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('published', 'Published'), ('retired', 'Retired')], default='draft', max_length=10)),
                ('merchant_id', models.UUIDField(null=True)),
                ('code', models.CharField(max_length=40)),
                ('number', models.PositiveIntegerField()),
                ('definition', models.JSONField()),
            ],
            options={
                'db_table': 'certification_template',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'merchant_id', 'id'], name='certification_template_of'), models.Index(fields=['platform_id', 'updated_at', 'id'], name='certification_template_upd')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'merchant_id', 'code', 'number'), name='certification_template_number', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('state', 'published')), fields=('platform_id', 'merchant_id', 'code'), name='certification_template_current', nulls_distinct=False), models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('platform_id', 'merchant_id', 'external_id'), name='certification_template_external')],
            },
        ),
        migrations.CreateModel(
            name='Contract',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('external_id', models.CharField(blank=True, max_length=100, null=True)),
                ('metadata', models.JSONField(blank=True, default=dict)),
                ('state', models.CharField(choices=[('draft', 'Draft'), ('negotiating', 'Being negotiated'), ('agreed', 'Agreed'), ('signing', 'Being signed'), ('effective', 'In force'), ('amended', 'In force, amended'), ('terminated', 'Ended by agreement'), ('expired', 'Expired'), ('rejected', 'Rejected'), ('withdrawn', 'Withdrawn')], default='draft', max_length=12)),
                ('kind', models.CharField(choices=[('original', 'Contract'), ('amendment', 'Amendment'), ('termination', 'Termination agreement')], default='original', max_length=12)),
                ('key', models.UUIDField()),
                ('number', models.CharField(max_length=40)),
                ('title', models.CharField(max_length=200)),
                ('language', models.CharField(choices=[('zh-Hans', 'Chinese'), ('en', 'English'), ('both', 'Chinese and English side by side')], max_length=8)),
                ('parent_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('merchant_id', models.UUIDField(null=True)),
                ('drafter', models.CharField(max_length=40)),
                ('round', models.PositiveIntegerField(default=0)),
                ('turn', models.CharField(blank=True, default='', max_length=40)),
                ('values_sealed', models.BinaryField()),
                ('order', models.CharField(choices=[('parallel', 'In any order'), ('sequential', 'One after another')], default='parallel', max_length=12)),
                ('sign_by', models.DateTimeField(null=True)),
                ('ends_at', models.DateTimeField(null=True)),
                ('agreed_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('agreed_sealed', models.BinaryField(null=True)),
                ('document_sha256', models.CharField(blank=True, default='', max_length=64)),
                ('document_sealed', models.BinaryField(null=True)),
                ('places', models.JSONField(default=list)),
                ('signatures', models.PositiveSmallIntegerField(default=0)),
                ('agreed_at', models.DateTimeField(null=True)),
                ('effective_at', models.DateTimeField(null=True)),
                ('ended_at', models.DateTimeField(null=True)),
                ('reason_sealed', models.BinaryField(null=True)),
                ('parent', kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='chained', to='certification.contract')),
                ('template', kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.contracttemplate')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='ContractParty',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('role', models.CharField(max_length=40)),
                ('place', models.PositiveSmallIntegerField()),
                ('merchant_id', models.UUIDField(null=True)),
                ('person_id', models.UUIDField(null=True)),
                ('contact_sealed', models.BinaryField()),
                ('invite_hash', models.CharField(blank=True, default='', max_length=64)),
                ('joined_at', models.DateTimeField(null=True)),
                ('agreed_round', models.PositiveIntegerField(null=True)),
                ('certificate_id', models.UUIDField(null=True)),
                ('sm2_certificate_id', models.UUIDField(null=True)),
                ('seal_id', models.UUIDField(null=True)),
                ('confirmation_id', models.UUIDField(null=True)),
                ('consent', models.JSONField(default=dict)),
                ('signing_key', models.UUIDField(null=True)),
                ('signed_at', models.DateTimeField(null=True)),
                ('rejected_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
                ('contract', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='certification.contract')),
            ],
            options={
                'db_table': 'certification_party',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(condition=models.Q(('merchant_id__isnull', False)), fields=['platform_id', 'merchant_id', 'contract'], name='certification_party_of'), models.Index(condition=models.Q(('person_id__isnull', False)), fields=['platform_id', 'person_id', 'contract'], name='certification_party_person')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'contract', 'role'), name='certification_party_role'), models.UniqueConstraint(fields=('platform_id', 'contract', 'place'), name='certification_party_place'), models.UniqueConstraint(condition=models.Q(('invite_hash', ''), _negated=True), fields=('platform_id', 'invite_hash'), name='certification_party_invite'), models.CheckConstraint(condition=models.Q(('signed_at__isnull', True), ('confirmation_id__isnull', False), _connector='OR'), name='certification_party_consent')],
            },
        ),
        migrations.CreateModel(
            name='ContractProposal',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('number', models.PositiveIntegerField()),
                ('role', models.CharField(max_length=40)),
                ('values_sealed', models.BinaryField()),
                ('message_sealed', models.BinaryField()),
                ('business_at', models.DateTimeField()),
                ('created_at', models.DateTimeField()),
                ('contract', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='certification.contract')),
            ],
            options={
                'db_table': 'certification_proposal',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'contract', 'number'), name='certification_proposal_once')],
            },
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(fields=['platform_id', 'updated_at', 'id'], name='certification_contract_upd'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(condition=models.Q(('state', 'signing')), fields=['platform_id', 'sign_by'], name='certification_contract_due'),
        ),
        migrations.AddIndex(
            model_name='contract',
            index=models.Index(condition=models.Q(('state__in', ['effective', 'amended'])), fields=['platform_id', 'ends_at'], name='certification_contract_end'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(fields=('platform_id', 'key'), name='certification_contract_k'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(fields=('platform_id', 'number'), name='certification_contract_number'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(condition=models.Q(('external_id__isnull', False)), fields=('platform_id', 'merchant_id', 'external_id'), name='certification_contract_external'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.UniqueConstraint(condition=models.Q(('parent__isnull', False), ('state__in', ['draft', 'negotiating', 'agreed', 'signing'])), fields=('platform_id', 'parent'), name='certification_contract_open'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['agreed', 'signing', 'effective', 'amended', 'terminated']), _negated=True), models.Q(('agreed_sha256', ''), _negated=True), _connector='OR'), name='certification_contract_frozen'),
        ),
        migrations.AddConstraint(
            model_name='contract',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['effective', 'amended', 'terminated']), _negated=True), ('effective_at__isnull', False), _connector='OR'), name='certification_contract_effect'),
        ),
        TenantTable("contracttemplate", app="SELECT, INSERT, UPDATE"),
        TenantTable("contract", app="SELECT, INSERT, UPDATE"),
        TenantTable("contractparty", app="SELECT, INSERT, UPDATE"),
        TenantTable("contractproposal", app="SELECT, INSERT"),
    ]
