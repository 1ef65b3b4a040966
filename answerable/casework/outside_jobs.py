"""Outside tools by themselves: every second a look at what waits for them, and one job a tool at a time, so that one
that does not answer never holds up pages to people."""

from django.db import transaction
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from answerable.casework import outside_actions as outside
from answerable.escalation.outside_calls import tools_due
from answerable.escalation.outside_policy import tools_by_key
from answerable.escalation.outside_tests import take
from answerable.lib import clock

# A job tells so much at most, then others have their turn.
PIECE = 10


@app.task(queue="pages")
def call_tool(tool_id: int) -> None:
    """Tell one tool what waits for it, in order."""
    for _one in range(PIECE):
        if not outside.call_next(tool_id, clock.now()):
            return


@app.task(queue="pages")
def test_tool(tool_id: int) -> None:
    """Try one tool."""
    outside.send_test(tool_id, clock.now())


@app.periodic(cron="* * * * * *")
@app.task(queue="pages", queueing_lock="outside_due")
def outside_due(timestamp: int) -> None:
    """Each tool that something waits for gets its job; and tests are sent that somebody asked for."""
    now = clock.now()
    if not tools_by_key():
        return
    for pk in tools_due(now):
        try:
            with transaction.atomic():
                call_tool.configure(queueing_lock=f"outside:{pk}").defer(tool_id=pk)
        except AlreadyEnqueued:
            continue
    with transaction.atomic():
        for pk in take(now):
            test_tool.defer(tool_id=pk)
