import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [('kernel', '0001_initial')]

    operations = [
        migrations.CreateModel(
            name='Identity',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('kind', models.CharField(choices=[('company', 'Company'), ('person', 'Person')], max_length=10)),
                ('merchant_id', models.UUIDField(null=True)),
                ('person_id', models.UUIDField(null=True)),
                ('state', models.CharField(choices=[('draft', 'Being filled in'), ('checking', 'Being checked'), ('in_review', 'In review'), ('needs_more', 'More is needed'), ('verified', 'Verified'), ('rejected', 'Rejected'), ('expired', 'Expired'), ('erased', 'Erased')], default='draft', max_length=12)),
                ('level', models.CharField(default='none', max_length=10)),
                ('proven', models.JSONField(default=list)),
                ('particulars_sealed', models.TextField(blank=True, default='')),
                ('number_kind', models.CharField(blank=True, choices=[('credit_code', 'Unified social credit code'), ('resident', 'Resident identity number'), ('passport', 'Passport'), ('other', 'Other number')], default='', max_length=12)),
                ('number_lookup', models.CharField(blank=True, default='', max_length=64)),
                ('valid_until', models.DateField(null=True)),
                ('reason', models.CharField(blank=True, default='', max_length=500)),
                ('claimed_by', models.UUIDField(null=True)),
                ('claimed_at', models.DateTimeField(null=True)),
                ('submitted_at', models.DateTimeField(null=True)),
                ('verified_at', models.DateTimeField(null=True)),
                ('ever_verified_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField(null=True)),
                ('reminded_at', models.DateTimeField(null=True)),
            ],
            options={
                'verbose_name_plural': 'identities',
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'state', 'submitted_at', 'id'], name='certification_identity_queue'), models.Index(condition=models.Q(('number_lookup', ''), _negated=True), fields=['platform_id', 'number_lookup'], name='certification_identity_number'), models.Index(condition=models.Q(('state', 'verified')), fields=['platform_id', 'expires_at'], name='certification_identity_end')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('merchant_id__isnull', False), models.Q(('state', 'erased'), _negated=True)), fields=('platform_id', 'merchant_id'), name='certification_identity_merchant'), models.UniqueConstraint(condition=models.Q(('person_id__isnull', False), models.Q(('state', 'erased'), _negated=True)), fields=('platform_id', 'person_id'), name='certification_identity_person'), models.CheckConstraint(condition=models.Q(models.Q(('kind', 'company'), ('merchant_id__isnull', False), ('person_id__isnull', True)), models.Q(('kind', 'person'), ('merchant_id__isnull', True), ('person_id__isnull', False)), _connector='OR'), name='certification_identity_subject')],
            },
        ),
        migrations.CreateModel(
            name='IdentityProvider',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('provider', models.CharField(max_length=40)),
                ('base_url', models.CharField(max_length=500)),
                ('sealed_key', models.TextField()),
                ('sealed_secret', models.TextField(default='')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'provider'), name='certification_identity_provider')],
            },
        ),
        migrations.CreateModel(
            name='IdentityCheck',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('kind', models.CharField(choices=[('registry', 'Name and number'), ('portrait', 'Portrait'), ('account', 'Small-amount transfer')], max_length=10)),
                ('state', models.CharField(choices=[('asked', 'Asked'), ('pending', 'Waiting for an answer'), ('passed', 'Passed'), ('failed', 'Failed'), ('given_up', 'No answer')], default='asked', max_length=10)),
                ('key', models.UUIDField()),
                ('question_sealed', models.TextField(blank=True, default='')),
                ('last4', models.CharField(blank=True, default='', max_length=4)),
                ('provider', models.CharField(max_length=40)),
                ('provider_id', models.CharField(blank=True, default='', max_length=100)),
                ('outcome', models.CharField(blank=True, default='', max_length=40)),
                ('asks', models.PositiveIntegerField(default=0)),
                ('guesses', models.PositiveSmallIntegerField(default=0)),
                ('next_at', models.DateTimeField(null=True)),
                ('asked_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('identity', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='certification.identity')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'identity', 'id'], name='certification_check_of'), models.Index(condition=models.Q(('state__in', ['asked', 'pending'])), fields=['platform_id', 'next_at'], name='certification_check_due')],
                'constraints': [models.UniqueConstraint(fields=('platform_id', 'key'), name='certification_check_key')],
            },
        ),
        migrations.CreateModel(
            name='IdentityPaper',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('kind', models.CharField(choices=[('business_licence', 'Business licence'), ('id_card_front', 'Identity card, front'), ('id_card_back', 'Identity card, back'), ('passport', 'Passport'), ('permit', 'Residence permit'), ('portrait', 'Portrait'), ('authorisation', 'Letter of authorisation'), ('other', 'Other paper')], max_length=20)),
                ('content_type', models.CharField(max_length=40)),
                ('size', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('data_sealed', models.BinaryField()),
                ('expires_on', models.DateField(null=True)),
                ('uploaded_at', models.DateTimeField()),
                ('replaced_at', models.DateTimeField(null=True)),
                ('identity', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='certification.identity')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [models.Index(fields=['platform_id', 'identity', 'id'], name='certification_paper_of')],
            },
        ),
        TenantTable("identity", app="SELECT, INSERT, UPDATE"),
        TenantTable("identitypaper"),
        TenantTable("identitycheck", app="SELECT, INSERT, UPDATE"),
        TenantTable("identityprovider", app="SELECT, INSERT, UPDATE"),
    ]
