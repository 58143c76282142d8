"""Foreign keys with which another index begins need none of their own."""

import django.db.models.deletion
import kernel.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('certification', '0005_sealed_texts'),
    ]

    operations = [
        migrations.AlterField(
            model_name='bulkrow',
            name='bulk',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='rows', to='certification.bulksigning'),
        ),
        migrations.AlterField(
            model_name='contractparty',
            name='contract',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parties', to='certification.contract'),
        ),
        migrations.AlterField(
            model_name='contractproposal',
            name='contract',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='proposals', to='certification.contract'),
        ),
        migrations.AlterField(
            model_name='identitycheck',
            name='identity',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='checks', to='certification.identity'),
        ),
        migrations.AlterField(
            model_name='identitypaper',
            name='identity',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to='certification.identity'),
        ),
        migrations.AlterField(
            model_name='revocationlist',
            name='authority',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.authority'),
        ),
        migrations.AlterField(
            model_name='sealgrant',
            name='seal',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.seal'),
        ),
        migrations.AlterField(
            model_name='sealuse',
            name='seal',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='certification.seal'),
        ),
    ]
