from django.conf import settings
from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # indexes are made while the product goes on

    dependencies = [
        ('people', '0017_wall_links'),
        ('tickets', '0017_linked_requests'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_waiting',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_open_due',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_open_team_due',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_open_assignee_due',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_status_due',
        ),
        RemoveIndexConcurrently(
            model_name='ticket',
            name='ticket_to_take',
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'open', 'pending', 'hold'])), fields=['team', 'next_due_at', 'id'], include=('status', 'severity', 'assignee', 'organization', 'requester', 'escalation_level', 'severity_determined_at', 'breached_at', 'sensitive', 'unverified', 'channel', 'created_at', 'updated_at', 'set_aside', 'number', 'snoozed_until'), name='ticket_open_team_due'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'open', 'pending', 'hold'])), fields=['next_due_at', 'id'], include=('status', 'severity', 'team', 'assignee', 'organization', 'requester', 'escalation_level', 'severity_determined_at', 'breached_at', 'sensitive', 'unverified', 'channel', 'created_at', 'updated_at', 'set_aside', 'number', 'snoozed_until'), name='ticket_open_due'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'open', 'pending', 'hold'])), fields=['assignee', 'next_due_at', 'id'], include=('status', 'severity', 'team', 'organization', 'requester', 'escalation_level', 'severity_determined_at', 'breached_at', 'sensitive', 'unverified', 'channel', 'created_at', 'updated_at', 'set_aside', 'number', 'snoozed_until'), name='ticket_open_assignee_due'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'open', 'pending', 'hold'])), fields=['status', 'next_due_at', 'id'], include=('set_aside', 'number'), name='ticket_status_due'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status__in', ['new', 'open', 'pending', 'hold']), ('assignee__isnull', True)), fields=['team', 'next_due_at', 'id'], include=('set_aside', 'number'), name='ticket_to_take'),
        ),
        AddIndexConcurrently(
            model_name='ticket',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['team', 'next_due_at', 'id'], include=('set_aside', 'number'), name='ticket_waiting'),
        ),
        # What is open changes all the time, and lies close together: the server must look after these pages more often
        # than when a fifth of all requests has changed, or no index answers alone (decision 0039).
        migrations.RunSQL(
            "ALTER TABLE tickets_ticket SET (autovacuum_vacuum_scale_factor = 0.002, "
            "autovacuum_vacuum_threshold = 1000)",
            "ALTER TABLE tickets_ticket RESET (autovacuum_vacuum_scale_factor, autovacuum_vacuum_threshold)",
        ),
    ]
