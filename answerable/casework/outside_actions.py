"""Outside tools are told what becomes of alerts, and tested when somebody asks."""

import logging
import uuid
from datetime import datetime

from django.db import transaction

from answerable.casework.outside_letters import target, test_told, told
from answerable.escalation import outside_calls as calls
from answerable.escalation import outside_tests as tests
from answerable.lib.errors import Undeliverable
from answerable.live.actions import publish
from answerable.notify.tool_out import tell

logger = logging.getLogger(__name__)


def call_next(tool_id: int, now: datetime) -> bool:
    """Tell a tool the next thing that waits for it. False: there is nothing more to do for now.

    Its row stays locked meanwhile: whoever dies leaves it to the next worker, and nothing is overtaken.
    """
    with transaction.atomic():
        call = calls.take(tool_id, now)
        if call is None:
            return False
        is_down = False
        try:
            calls.done(call, "sent", tell(target(call.tool), told(call), now), now)
        except Undeliverable as error:
            logger.warning("%s of alert %s to %s: %s", call.action, call.alert_id, call.tool.key, error.reason)
            is_down = calls.put_off(call, error, now)
        publish("alerts", "alerts")
    return not is_down


def send_test(tool_id: int, now: datetime) -> None:
    """The test that somebody asked for, and what resolves it again. No row is locked while the tool answers."""
    tool = tests.asked(tool_id)
    if tool is None:
        return
    name, result, works = uuid.uuid4().hex, "", True
    for action in ("trigger", "resolve"):
        try:
            result = tell(target(tool), test_told(action, name, now), now)
        except Undeliverable as error:
            result, works = f"{action}: {error.reason}", False
            break
    tests.note(tool, result, now, works=works)
