"""Write the audit trail, inside the transaction of what it records."""

from dataclasses import dataclass
from datetime import datetime

from answerable.audit.models import Record


@dataclass(frozen=True)
class Actor:
    """Who does something: a person, or the system in a named duty (`id` None)."""

    kind: str
    id: int | None
    label: str


def system(duty: str) -> Actor:
    """The program itself, acting by a rule: `duty` says which."""
    return Actor(kind="system", id=None, label=duty)


def record(actor: Actor, verb: str, subject: tuple[str, int | None], at: datetime, **data: object) -> None:
    """One line of the trail. `subject` is (kind, id); `data` must be JSON and never holds what a customer wrote."""
    line(actor, verb, subject, at, **data).save(force_insert=True)


def line(actor: Actor, verb: str, subject: tuple[str, int | None], at: datetime, **data: object) -> Record:
    """`record`, not yet saved: for a caller that stores several rows at once."""
    return Record(
        at=at,
        actor_kind=actor.kind,
        actor_id=actor.id,
        actor_label=actor.label,
        verb=verb,
        subject_kind=subject[0],
        subject_id=subject[1],
        data=data,
    )
