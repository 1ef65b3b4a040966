"""What an outside tool says of an alert, read without trust: PagerDuty's webhooks (version 3), or a form of our own.

Pure. https://developer.pagerduty.com/docs/webhooks-overview
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from answerable.lib.jsonlines import Malformed, mapping, one_of
from answerable.lib.oneline import one_line
from answerable.lib.posted import at, moment, parsed, text

ACKNOWLEDGE, RESOLVE, REOPEN, NOTHING = "acknowledge", "resolve", "reopen", ""
_PAGERDUTY = {
    "incident.acknowledged": ACKNOWLEDGE,
    "incident.resolved": RESOLVE,
    "incident.unacknowledged": REOPEN,
    "incident.reopened": REOPEN,
}
LONGEST_ID = 100


@dataclass(frozen=True)
class Who:
    """A person there: their name, and by what we might know them. `name` "": no person said it."""

    name: str = ""
    id: str = ""
    email: str = ""

    @property
    def known_by(self) -> tuple[str, ...]:
        """What the policy's table of people may call them: never by a name, which anybody there may choose."""
        return tuple(one for one in (self.id, self.email) if one)


@dataclass(frozen=True)
class Word:
    """`action` "": nothing that we do anything about; `kind` is what it is called there. `at` None: now."""

    id: str
    kind: str
    action: str
    dedup_key: str
    who: Who
    at: datetime | None


def read_pagerduty(body: bytes) -> Word:
    """Raises Malformed. Other kinds of events than ours are words too, of no action: there will be more of them."""
    event = mapping(mapping(parsed(body), "the body").get("event"), "event")
    kind = text(event, "event_type", "event")
    action = _PAGERDUTY.get(kind, NOTHING)
    data = mapping(event.get("data") or {}, "event.data")
    key = text(data, "incident_key", "event.data", needed=False) if action else ""
    said_at = moment(event, "occurred_at", "event")
    return Word(_id(event, "event"), one_line(kind, 40), action, key, _agent(event), said_at)


def _agent(event: Mapping[str, object]) -> Who:
    """A person, by their reference: services and integrations (ours among them) are nobody."""
    agent = event.get("agent")
    if not isinstance(agent, Mapping) or not str(agent.get("type", "")).startswith("user"):
        return Who()
    texts = {name: agent[name] for name in ("summary", "id", "email") if isinstance(agent.get(name), str)}
    number = one_line(texts.get("id", ""), 100)
    return Who(one_line(texts.get("summary", ""), 100) or number, number, one_line(texts.get("email", ""), 254))


def read_own(body: bytes) -> Word:
    """`{"id", "action", "dedup_key", "by": {"name", "email"}}`, as docs/guide/operators.md has it. Raises Malformed."""
    table = mapping(parsed(body), "the body")
    action = one_of(table.get("action"), "action", ACKNOWLEDGE, RESOLVE, REOPEN)
    by = mapping(table.get("by") or {}, "by")
    email = one_line(text(by, "email", "by", needed=False), 254)
    name = one_line(text(by, "name", "by", needed=False), 100) or email
    if not name:
        raise Malformed("by: expected who says it, by name or email")
    return Word(_id(table, ""), action, action, text(table, "dedup_key", ""), Who(name, "", email), None)


def _id(table: Mapping[str, object], where: str) -> str:
    found = text(table, "id", where)
    if len(found) > LONGEST_ID or one_line(found, LONGEST_ID) != found:
        raise Malformed(f"{at(where, 'id')}: expected at most {LONGEST_ID} characters on one line")
    return found
