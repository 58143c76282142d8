"""Of tables that have grown only what is in an index is looked at."""

from django.db import migrations

from kernel.migrations import SystemFunction


class Migration(migrations.Migration):

    dependencies = [
        ('kernel', '0006_one_index_each'),
    ]

    operations = [
        SystemFunction('statistics.sql', 'kernel_analyze_grown()'),
    ]
