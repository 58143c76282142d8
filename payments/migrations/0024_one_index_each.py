"""Foreign keys with which another index begins need none of their own."""

import django.db.models.deletion
import kernel.models
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0023_held_back'),
    ]

    operations = [
        migrations.AlterField(
            model_name='attempt',
            name='intent',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='attempts', to='payments.paymentintent'),
        ),
        migrations.AlterField(
            model_name='bankcredit',
            name='intent',
            field=kernel.models.TenantForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='credits', to='payments.paymentintent'),
        ),
        migrations.AlterField(
            model_name='dispute',
            name='intent',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='disputes', to='payments.paymentintent'),
        ),
        migrations.AlterField(
            model_name='disputeevidence',
            name='dispute',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='evidence', to='payments.dispute'),
        ),
        migrations.AlterField(
            model_name='disputepart',
            name='dispute',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.dispute'),
        ),
        migrations.AlterField(
            model_name='escrow',
            name='share',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='escrows', to='payments.intentshare'),
        ),
        migrations.AlterField(
            model_name='escrowinspection',
            name='escrow',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='inspections', to='payments.escrow'),
        ),
        migrations.AlterField(
            model_name='escrowsplit',
            name='escrow',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='splits', to='payments.escrow'),
        ),
        migrations.AlterField(
            model_name='fapiao',
            name='invoice',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='payments.salesinvoice'),
        ),
        migrations.AlterField(
            model_name='instalment',
            name='plan',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='instalments', to='payments.instalmentplan'),
        ),
        migrations.AlterField(
            model_name='intentshare',
            name='intent',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='shares', to='payments.paymentintent'),
        ),
        migrations.AlterField(
            model_name='latecharge',
            name='intent',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='late_charges', to='payments.paymentintent'),
        ),
        migrations.AlterField(
            model_name='refund',
            name='intent',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='refunds', to='payments.paymentintent'),
        ),
        migrations.AlterField(
            model_name='refundshare',
            name='refund',
            field=kernel.models.TenantForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='parts', to='payments.refund'),
        ),
    ]
