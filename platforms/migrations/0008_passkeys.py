import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.sealed_text
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantForeignKeys, TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('platforms', '0007_staff_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='Passkey',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('active', 'Active'), ('suspended', 'Suspended: it may have been copied'), ('removed', 'Removed')], default='active', max_length=10)),
                ('name', kernel.sealed_text.SealedText()),
                ('rp_id', models.CharField(max_length=253)),
                ('credential_id', models.BinaryField()),
                ('credential_hash', models.CharField(max_length=64)),
                ('public_key', models.BinaryField()),
                ('sign_count', models.BigIntegerField(default=0)),
                ('synced', models.BooleanField(default=False)),
                ('last_used_at', models.DateTimeField(null=True)),
                ('person', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.CreateModel(
            name='PasskeyChallenge',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('purpose', models.CharField(choices=[('add', 'Adding a passkey'), ('prove', 'Confirming with a passkey'), ('sign_in', 'Signing in with a passkey')], max_length=10)),
                ('holder_hash', models.CharField(max_length=64)),
                ('challenge_hash', models.CharField(max_length=64)),
                ('rp_id', models.CharField(max_length=253)),
                ('proof_hash', models.CharField(blank=True, default='', max_length=64)),
                ('answered_at', models.DateTimeField(null=True)),
                ('expires_at', models.DateTimeField()),
                ('passkey', kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='platforms.passkey')),
                ('person', kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='platforms.person')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
            },
        ),
        migrations.AddField(
            model_name='recoverycode',
            name='person',
            field=kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='confirmation',
            name='factor',
            field=kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.secondfactor'),
        ),
        migrations.AlterField(
            model_name='recoverycode',
            name='factor',
            field=kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='platforms.secondfactor'),
        ),
        migrations.AddConstraint(
            model_name='recoverycode',
            constraint=models.UniqueConstraint(fields=('platform_id', 'person', 'code_hash'), name='platforms_recovery_of'),
        ),
        migrations.AddField(
            model_name='confirmation',
            name='passkey',
            field=kernel.models.TenantForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.passkey'),
        ),
        migrations.AddIndex(
            model_name='passkey',
            index=models.Index(fields=['platform_id', 'person', 'id'], name='platforms_passkey_of'),
        ),
        migrations.AddConstraint(
            model_name='passkey',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'removed'), _negated=True), fields=('platform_id', 'credential_hash'), name='platforms_passkey_credential'),
        ),
        migrations.AddIndex(
            model_name='passkeychallenge',
            index=models.Index(fields=['platform_id', 'person'], name='platforms_passkey_asked'),
        ),
        migrations.AddIndex(
            model_name='passkeychallenge',
            index=models.Index(fields=['platform_id', 'expires_at'], name='platforms_passkey_expiry'),
        ),
        migrations.AddConstraint(
            model_name='passkeychallenge',
            constraint=models.UniqueConstraint(fields=('platform_id', 'challenge_hash'), name='platforms_passkey_challenge'),
        ),
        TenantTable("passkey", app="SELECT, INSERT, UPDATE"),
        TenantTable("passkeychallenge"),
        TenantForeignKeys("recoverycode", "person"),
        TenantForeignKeys("confirmation", "passkey"),
    ]
