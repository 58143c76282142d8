"""Foreign keys with which another index begins need none of their own."""

import django.db.models.deletion
import kernel.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('platforms', '0008_passkeys'),
    ]

    operations = [
        migrations.AlterField(
            model_name='apikey',
            name='merchant',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='keys', to='platforms.merchant'),
        ),
        migrations.AlterField(
            model_name='confirmation',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='dataexport',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='invitation',
            name='merchant',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='invitations', to='platforms.merchant'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='merchant',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='platforms.merchant'),
        ),
        migrations.AlterField(
            model_name='membership',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='passkey',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='passkeychallenge',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='recoverycode',
            name='factor',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='codes', to='platforms.secondfactor'),
        ),
        migrations.AlterField(
            model_name='recoverycode',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='session',
            name='person',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='platforms.person'),
        ),
        migrations.AlterField(
            model_name='staffrole',
            name='merchant',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='staff_roles', to='platforms.merchant'),
        ),
    ]
