"""What outside tools are to be told of an alert: a row for each, written with the change that it tells of, and sent in
that order. A tool is told in addition to people: it is no page, and reaches nobody in the eyes of the policy.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import Max

from answerable.audit.actions import Actor, system
from answerable.escalation.alerts import Alert, AlertEntry
from answerable.escalation.outside import OutsideCall, OutsideTool
from answerable.escalation.outside_policy import listening, tools_by_key
from answerable.lib import sql
from answerable.lib.errors import Undeliverable
from answerable.lib.rows import insert
from answerable.people.queries import vendor

TRIGGER, ACKNOWLEDGE, RESOLVE = "trigger", "acknowledge", "resolve"
# A word that came from a tool is marked so where the log says how: it is not echoed to that tool.
SAID_IN = "tool:"
PAGING = system("paging")
# For about four hours; a tool that failed is left alone for no longer than a minute.
RETRY_SECONDS = (5, 15, 45, 120, 300, *(900,) * 15)
LONGEST_REST = 60


def call_first(alert: Alert, now: datetime) -> None:
    """It was raised: the tools that its paging policy names are told, in the transaction that raised it."""
    rows = [OutsideCall(tool=tool, dedup_key=dedup_key(alert)) for tool in listening(alert.policy)]
    _write(rows, alert, TRIGGER, now)


def call_again(alert: Alert, action: str, now: datetime, how: str = "") -> None:
    """The tools that were told of it are told what became of it: in the transaction of the change, under the alert's
    lock. `how`: as the log has it."""
    more = 1 if action == TRIGGER else 0
    rows = [
        OutsideCall(tool_id=pk, dedup_key=last.dedup_key, number=last.number + more)
        for pk, last in _last_calls(alert).items()
        if last.action != RESOLVE and how != f"{SAID_IN}{last.tool.key}"
    ]
    _write(rows, alert, action, now)


def call_moved(alert: Alert, now: datetime) -> None:
    """Another policy pages it: its tools are told of it, and for those that it does not name it is over."""
    told, tools = _last_calls(alert), {tool.pk: tool for tool in listening(alert.policy)}
    over = [pk for pk, last in told.items() if pk not in tools and last.action != RESOLVE]
    ended = [OutsideCall(tool_id=pk, dedup_key=told[pk].dedup_key, number=told[pk].number) for pk in over]
    _write(ended, alert, RESOLVE, now)
    new = [pk for pk in tools if pk not in told or told[pk].action == RESOLVE]
    number = {pk: told[pk].number + 1 if pk in told else 0 for pk in new}
    for action in (TRIGGER, ACKNOWLEDGE) if alert.state == "acked" else (TRIGGER,):
        rows = [OutsideCall(tool_id=pk, dedup_key=dedup_key(alert), number=number[pk]) for pk in new]
        _write(rows, alert, action, now)


def _last_calls(alert: Alert) -> dict[int, OutsideCall]:
    """By tool, the last thing that it is told of this alert."""
    if not tools_by_key():
        return {}
    rows = OutsideCall.objects.filter(alert=alert).select_related("tool").order_by("id")
    return {row.tool_id: row for row in rows}


def dedup_key(alert: Alert) -> str:
    """By which a tool knows the alert again: no other instance has the same."""
    return f"{vendor().portal_address}/alerts/{alert.pk}"


def _write(rows: Sequence[OutsideCall], alert: Alert, action: str, now: datetime) -> None:
    for row in rows:
        row.alert, row.action, row.made_at, row.due_at = alert, action, now, now
    insert(rows, once=OutsideCall)


def tools_due(now: datetime) -> list[int]:
    """Which tools something waits for; not those that are left alone for a moment."""
    rows = OutsideCall.objects.filter(state="waiting", due_at__lte=now).exclude(tool__rest_until__gt=now)
    return sorted(set(rows.values_list("tool_id", flat=True)[:1000]))


_ONE_AT_A_TIME = "SELECT pg_try_advisory_xact_lock(hashtextextended(%(key)s, 0))"
_TAKE = """
SELECT c.id FROM escalation_outsidecall c
WHERE c.tool_id = %(tool)s AND c.state = 'waiting' AND c.due_at <= %(now)s AND NOT EXISTS (
  SELECT 1 FROM escalation_outsidecall before
  WHERE before.tool_id = c.tool_id AND before.alert_id = c.alert_id AND before.state = 'waiting' AND before.id < c.id
)
ORDER BY c.due_at, c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED
"""


def take(tool_id: int, now: datetime) -> OutsideCall | None:
    """The next call to this tool, locked for the caller's transaction, which sends it: one worker at a time, so that
    none overtakes another. What nobody needs any more is void."""
    if not sql.rows(_ONE_AT_A_TIME, {"key": f"outside:{tool_id}"})[0][0]:
        return None
    while found := sql.rows(_TAKE, {"tool": tool_id, "now": now}):
        call = OutsideCall.objects.select_related("tool", "alert", "alert__team").get(pk=found[0][0])
        if call.tool.rest_until is not None and call.tool.rest_until > now:
            return None
        why = _needless(call)
        if not why:
            return call
        done(call, "void", why, now)
    return None


def _needless(call: OutsideCall) -> str:
    """Why it must not leave any more; "" if it must."""
    same = OutsideCall.objects.filter(tool=call.tool_id, alert=call.alert_id)
    if call.tool.retired_at is not None:
        return "the policy names this tool no more"
    if call.action != RESOLVE and same.filter(action=RESOLVE, pk__gt=call.pk).exists():
        return "the alert was over before the tool could be told"
    # What was tried may have arrived, whatever we heard of it.
    ended = same.filter(action=RESOLVE, pk__lt=call.pk).aggregate(last=Max("pk"))["last"] or 0
    if call.action != TRIGGER and not same.filter(action=TRIGGER, tries__gt=0, pk__gt=ended).exists():
        return "the tool was never told of this alert"
    return ""


def done(call: OutsideCall, state: str, result: str, now: datetime) -> None:
    """What became of it, for good."""
    if state != "void":
        call.tries += 1
    call.state, call.result, call.due_at, call.done_at = state, result[:300], None, now
    call.save(update_fields=["state", "result", "due_at", "done_at", "tries"])
    _say(call, {"sent": True, "failed": False}.get(state), now)
    if state == "sent":
        note_sent(call.tool_id, now)
    elif state == "failed":
        note_sent(call.tool_id, now, call.result)


def put_off(call: OutsideCall, error: Undeliverable, now: datetime) -> bool:
    """Later again, or never. Whether the tool is left alone for a moment, since it seems to be down."""
    if error.permanent or call.tries >= len(RETRY_SECONDS):
        done(call, "failed", error.reason, now)
        return False
    wait = RETRY_SECONDS[call.tries]
    call.tries, call.due_at, call.result = call.tries + 1, now + timedelta(seconds=wait), error.reason[:300]
    call.save(update_fields=["tries", "due_at", "result"])
    _say(call, False, now, wait)
    note_sent(call.tool_id, now, call.result)
    rest = now + timedelta(seconds=min(wait, LONGEST_REST))
    OutsideTool.objects.filter(pk=call.tool_id).update(rest_until=rest)
    return True


def note_sent(tool_id: int, now: datetime, error: str = "") -> None:
    """When a call to it last went well, or did not, and why."""
    values = {"send_failed_at": now, "send_error": error[:300]} if error else {"sent_at": now, "rest_until": None}
    OutsideTool.objects.filter(pk=tool_id).update(**values)


def note_heard(tool_id: int, now: datetime, error: str = "") -> None:
    """The same for calls of its own."""
    values = {"hear_failed_at": now, "hear_error": error[:300]} if error else {"heard_at": now}
    OutsideTool.objects.filter(pk=tool_id).update(**values)


def _say(call: OutsideCall, well: bool | None, now: datetime, wait: int = 0) -> None:
    """A line of the alert's log for each try: `well` None: it was not needed."""
    told = {"tool": call.tool.key, "action": call.action, "well": well, "result": call.result, "try": call.tries}
    insert([log_line(call.alert_id, "outside", PAGING, now, **told, **({"wait": wait} if wait else {}))])


def log_line(alert_id: int, kind: str, actor: Actor, now: datetime, **data: object) -> AlertEntry:
    """A line of the log that moves nothing."""
    who = {"actor_kind": actor.kind, "actor_id": actor.id, "actor_label": actor.label[:254]}
    return AlertEntry(alert_id=alert_id, kind=kind, at=now, written_at=now, data=data, **who)


def calls_of(alert: Alert) -> Sequence[OutsideCall]:
    """Every one about an alert, with its tool."""
    return list(OutsideCall.objects.filter(alert=alert).select_related("tool").order_by("id"))
