"""An operator's hold of payouts stands beside the rest that the bank account asks for."""

from django.db import migrations, models

MOVE = """
UPDATE payments_payoutplan
SET held = true, held_until = paused_until, pause = '', paused_until = NULL
WHERE pause = 'operator'
"""


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0016_sealed_texts'),
    ]

    operations = [
        migrations.AddField(
            model_name='payoutplan',
            name='held',
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name='payoutplan',
            name='held_until',
            field=models.DateTimeField(null=True),
        ),
        migrations.RunSQL(MOVE, migrations.RunSQL.noop),
    ]
