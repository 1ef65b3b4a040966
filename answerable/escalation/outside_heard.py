"""What a tool said, kept once; and which alert it means: it has a say in what it was told of, and in nothing else."""

from datetime import datetime

from answerable.audit.actions import system
from answerable.escalation.alerts import Alert, AlertEntry
from answerable.escalation.outside import OutsideCall, OutsideTool, OutsideWord
from answerable.escalation.outside_calls import RESOLVE, SAID_IN, TRIGGER, log_line
from answerable.escalation.outside_words import Who, Word
from answerable.lib.rows import insert
from answerable.people.models import Person
from answerable.people.queries import by_email

# Of whoever said something, and of the tool: both fit into one actor's label.
MOST_NAME = 120


def tool_of(key: str) -> OutsideTool | None:
    """The one in force."""
    return OutsideTool.objects.filter(key=key, retired_at__isnull=True).first()


def alert_of(tool: OutsideTool, key: str) -> int | None:
    """The id of the alert that the tool knows by this key."""
    rows = OutsideCall.objects.filter(tool=tool, action=TRIGGER, dedup_key=key)
    return rows.order_by("-id").values_list("alert_id", flat=True).first() if key else None


def has_a_say(tool: OutsideTool, alert: Alert) -> bool:
    """Not where it was told that it is over, as when another team has it whose policy does not name the tool."""
    last = OutsideCall.objects.filter(tool=tool, alert=alert).order_by("-id").first()
    return last is not None and last.action != RESOLVE


def keep(tool: OutsideTool, word: Word, alert_id: int | None, now: datetime) -> bool:
    """Keep it, in the caller's transaction. False: it was heard before, so there is nothing to do."""
    row = OutsideWord(
        tool=tool,
        word_id=word.id,
        action=word.kind,
        alert_id=alert_id,
        by=word.who.name[:254],
        said_at=word.at or now,
        heard_at=now,
    )
    insert([row], once=OutsideWord)
    return row.pk is not None


def person_of(tool: OutsideTool, who: Who) -> Person | None:
    """Whom of the staff the tool means: by the policy's table, else by their address."""
    named = next((tool.people[one] for one in who.known_by if one in tool.people), who.email)
    found = by_email(named) if named else None
    return found if found is not None and found.is_staff else None


def label(tool: OutsideTool, who: Who) -> str:
    """Somebody whom we do not know, as the tool says it: "Ada (PagerDuty)"."""
    return f"{who.name[:MOST_NAME]} ({tool.name[:MOST_NAME]})" if who.name else tool.name[:MOST_NAME]


def acked_by_tool(alert: Alert, tool: OutsideTool) -> bool:
    """Whether it is this tool that said last that somebody has it."""
    last = AlertEntry.objects.filter(alert=alert, kind__in=["acked", "reopened"]).order_by("-id").first()
    return last is not None and last.kind == "acked" and last.data.get("how") == f"{SAID_IN}{tool.key}"


def opened_since(alert: Alert, at: datetime) -> bool:
    """Whether somebody had it paged again after this moment: what was said before means nothing any more."""
    return AlertEntry.objects.filter(alert=alert, kind="reopened", at__gt=at).exists()


def note_unheard(alert: Alert, tool: OutsideTool, word: Word, why: str, now: datetime) -> None:
    """What was said and moved nothing is on the alert too."""
    told = {"tool": tool.key, "action": word.action, "by": word.who.name, "why": why}
    insert([log_line(alert.pk, "outside_said", system(tool.name), now, **told)])
