import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('sandbox', '0001_initial'),
    ]

    operations = [
        migrations.AlterField(
            model_name='endpoint',
            name='channel',
            field=models.CharField(choices=[('gateway', 'Gateway'), ('bank', 'Bank'), ('carrier', 'Carrier'), ('identity', 'Identity')], max_length=10),
        ),
        migrations.CreateModel(
            name='IdentityCheck',
            fields=[
                ('id', models.CharField(db_collation='C', max_length=60, primary_key=True, serialize=False)),
                ('created', models.BigIntegerField()),
                ('key', models.CharField(max_length=255)),
                ('fingerprint', models.CharField(max_length=64)),
                ('kind', models.CharField(max_length=10)),
                ('outcome', models.CharField(max_length=20)),
                ('later', models.CharField(default='', max_length=20)),
                ('amount', models.PositiveIntegerField(default=0)),
                ('created_at', models.DateTimeField()),
                ('answered_at', models.DateTimeField(null=True)),
                ('account', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='sandbox.account')),
            ],
            options={
                'abstract': False,
                'indexes': [models.Index(fields=['account', 'id'], name='sbx_identitycheck_new')],
                'constraints': [models.UniqueConstraint(fields=('account', 'key'), name='sandbox_identity_key')],
            },
        ),
    ]
