"""Steps are cut by months; audit rows stay until the day they belong to is sealed."""

from django.db import migrations

from kernel.migrations import PartitionedTable, PartitionHold


class Migration(migrations.Migration):

    dependencies = [
        ('journeys', '0005_onboarding'),
        ('kernel', '0004_partitions'),
    ]

    operations = [
        PartitionedTable(
            'journeystep', unit='month', ahead=2, least='30 days', app='SELECT, INSERT',
        ),
        PartitionHold(
            'journeys_journeystep', 'their journeys are still under way',
            'SELECT EXISTS (SELECT FROM journeys_journeystep s JOIN journeys_journey j '
            'ON j.platform_id = s.platform_id AND j.id = s.journey_id '
            "WHERE s.id >= $1 AND s.id < $2 AND j.state NOT IN ('done', 'undone'))",
        ),
        PartitionHold(
            'journeys_journeystep', 'a platform is under a legal hold',
            'SELECT EXISTS (SELECT FROM kernel_retentionhold WHERE released_at IS NULL)',
        ),
        PartitionHold(
            'kernel_auditrecord', 'days are not sealed yet',
            'SELECT EXISTS (SELECT FROM kernel_auditrecord r JOIN kernel_auditchain c '
            'ON c.platform_id = r.platform_id AND c.record_id = r.id '
            'LEFT JOIN (SELECT platform_id, max(audit_seq) AS seq FROM journeys_chainseal '
            'GROUP BY platform_id) s ON s.platform_id = r.platform_id '
            'WHERE r.id >= $1 AND r.id < $2 AND c.seq > coalesce(s.seq, 0))',
        ),
    ]
