"""Publishes to browsers: an event names what changed, never its text, and is heard when the transaction commits.

PostgreSQL lets one transaction with a NOTIFY commit at a time, so publish last and keep the transaction short.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from answerable.lib.rows import cursor

CHANNEL = "live"
MOST_BYTES = 7900


@dataclass(frozen=True)
class Event:
    """`stream` is who hears it (`desk`, `ticket:5:staff`), `kind` what happened, `ids` what it happened to."""

    stream: str
    kind: str
    ids: Mapping[str, int | str] = field(default_factory=dict)


def publish(stream: str, kind: str, **ids: int | str) -> None:
    """Tells everybody who listens to the stream, once the transaction that surrounds this is committed."""
    publish_many([Event(stream, kind, ids)])


def publish_many(events: Iterable[Event]) -> None:
    """Several events in one statement."""
    channel, payloads = heard(events)
    if not payloads:
        return
    with cursor() as asked:
        asked.execute("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload", [channel, payloads])


def heard(events: Iterable[Event]) -> tuple[str, list[str]]:
    """What publishing them says, and on which channel: for a statement that says it besides (`lib.jobs.defer`)."""
    return CHANNEL, [_payload(event) for event in events]


def end_streams(person_id: int) -> None:
    """Ends every open stream of the person and every token issued so far: access has been revoked."""
    publish(f"person:{person_id}", "close")


def _payload(event: Event) -> str:
    if not event.ids.keys().isdisjoint({"s", "k"}):
        raise ValueError("s and k are the stream and the kind")
    payload = json.dumps({"s": event.stream, "k": event.kind, **event.ids}, separators=(",", ":"))
    if len(payload) > MOST_BYTES:
        raise ValueError(f"an event holds ids, never text; {len(payload)} bytes are too many")
    return payload
