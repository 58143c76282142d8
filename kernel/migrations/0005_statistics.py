"""A function that looks at tables which have grown."""

from django.db import migrations

from kernel.migrations import SystemFunction


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0004_partitions'),
    ]

    operations = [
        SystemFunction('statistics.sql', 'kernel_analyze_grown()'),
    ]
