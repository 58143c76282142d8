import django.db.models.deletion
import kernel.ids
import kernel.models
import kernel.tenancy
from django.db import migrations, models

from kernel.migrations import TenantTable


class Migration(migrations.Migration):

    dependencies = [
        ('platforms', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='session',
            name='awaits_code',
            field=models.BooleanField(default=False),
        ),
        migrations.CreateModel(
            name='SecondFactor',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('version', models.BigIntegerField(default=0, editable=False)),
                ('created_at', models.DateTimeField(editable=False)),
                ('updated_at', models.DateTimeField(editable=False)),
                ('state', models.CharField(choices=[('pending', 'Being set up'), ('active', 'Active'), ('removed', 'Removed')], default='pending', max_length=10)),
                ('secret_sealed', models.TextField()),
                ('last_step', models.BigIntegerField(default=0)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('person', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(condition=models.Q(('state', 'active')), fields=('platform_id', 'person'), name='platforms_factor_active'),
                    models.UniqueConstraint(condition=models.Q(('state', 'pending')), fields=('platform_id', 'person'), name='platforms_factor_pending'),
                ],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('code_hash', models.CharField(max_length=64)),
                ('used_at', models.DateTimeField(null=True)),
                ('factor', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='platforms.secondfactor')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'constraints': [
                    models.UniqueConstraint(fields=('platform_id', 'factor', 'code_hash'), name='platforms_recovery_code'),
                ],
            },
        ),
        migrations.CreateModel(
            name='Confirmation',
            fields=[
                ('id', models.UUIDField(default=kernel.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('platform_id', models.UUIDField(default=kernel.tenancy.current_id, editable=False)),
                ('purpose', models.CharField(max_length=60)),
                ('digest', models.CharField(max_length=64)),
                ('method', models.CharField(max_length=10)),
                ('confirmed_at', models.DateTimeField()),
                ('business_at', models.DateTimeField()),
                ('expires_at', models.DateTimeField()),
                ('used_at', models.DateTimeField(null=True)),
                ('person', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person')),
                ('factor', kernel.models.TenantForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.secondfactor')),
            ],
            options={
                'abstract': False,
                'base_manager_name': 'objects',
                'default_manager_name': 'objects',
                'indexes': [
                    models.Index(fields=['platform_id', 'person', 'id'], name='platforms_confirmation_of'),
                ],
            },
        ),
        TenantTable("secondfactor", app="SELECT, INSERT, UPDATE"),
        TenantTable("recoverycode"),
        TenantTable("confirmation", app="SELECT, INSERT, UPDATE"),
    ]
