"""A refund may give only the platform its part back."""

import django.db.models.expressions
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('payments', '0021_fewer_statements'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='refund',
            name='payments_refund_amount',
        ),
        migrations.RemoveConstraint(
            model_name='refundshare',
            name='payments_refundshare_sum',
        ),
        migrations.AddConstraint(
            model_name='refund',
            constraint=models.CheckConstraint(condition=models.Q(('amount__gte', 0)), name='payments_refund_amount'),
        ),
        migrations.AddConstraint(
            model_name='refundshare',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('amount__gt', 0), models.Q(('amount', 0), ('subsidy_back__gt', 0)), _connector='OR'), ('commission_back__gte', 0), ('subsidy_back__gte', 0), ('from_pending__gte', 0), ('from_available__gte', 0), ('from_owed__gte', 0), ('amount', django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('commission_back'), '+', models.F('from_pending')), '+', models.F('from_available')), '+', models.F('from_owed')), '-', models.F('subsidy_back')))), name='payments_refundshare_sum'),
        ),
    ]
