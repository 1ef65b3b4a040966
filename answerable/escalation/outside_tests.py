"""Tests of outside tools: asked for by an administrator, sent by a worker, and what became of each."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.escalation.outside import OutsideTool
from answerable.escalation.outside_calls import note_sent
from answerable.escalation.outside_policy import ALERTMANAGER
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

# Longer than two calls can take.
HELD = timedelta(seconds=30)


def ask_test(person: Person, key: str, now: datetime) -> None:
    """Try it: a worker does within seconds. Raises Refused."""
    with transaction.atomic():
        row = OutsideTool.objects.select_for_update().filter(key=key, retired_at__isnull=True).first()
        if row is None or row.kind == ALERTMANAGER:
            raise Refused("not_found", _("There is no such tool."))
        row.asked_at, row.tested_at, row.works, row.test_result = now, None, None, ""
        row.save(update_fields=["asked_at", "tested_at", "works", "test_result"])
        record(actor_of(person), "test_outside", ("outside", row.pk), now, key=key)


def take(now: datetime) -> list[int]:
    """Those that wait, in the caller's transaction, which sees to it that they are sent: each is due again soon, so
    that whoever takes it and dies leaves it to the next one."""
    rows = OutsideTool.objects.select_for_update(skip_locked=True, no_key=True).filter(asked_at__lte=now)
    found = list(rows.values_list("pk", flat=True))
    OutsideTool.objects.filter(pk__in=found).update(asked_at=now + HELD)
    return found


def asked(tool_id: int) -> OutsideTool | None:
    """The tool, if its test still waits."""
    return OutsideTool.objects.filter(pk=tool_id, asked_at__isnull=False).first()


def note(tool: OutsideTool, result: str, now: datetime, *, works: bool) -> None:
    """What became of it."""
    tool.tested_at, tool.works, tool.test_result, tool.asked_at = now, works, result[:300], None
    tool.save(update_fields=["tested_at", "works", "test_result", "asked_at"])
    note_sent(tool.pk, now, "" if works else tool.test_result)
