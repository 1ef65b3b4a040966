"""What the composer begins with: what its reader has begun to write, and what came back to them."""

from dataclasses import dataclass, replace
from datetime import datetime

from answerable.desk.drafts import Restored
from answerable.people.models import Person
from answerable.tickets.begun import KINDS, State, states
from answerable.tickets.models import Ticket


@dataclass(frozen=True)
class Field:
    """One of its two texts. `mark`: the state that was saved; `at`: when; `files`: id, name and bytes of each."""

    kind: str
    text: str = ""
    mark: str = ""
    cc: str = ""
    tags: str = ""
    at: datetime | None = None
    files: tuple[tuple[int, str, int], ...] = ()


def fields(ticket: Ticket, person: Person, restored: Restored | None) -> dict[str, Field]:
    """Reply and note. A reply that came back stands first, with who was CC'd; what was begun after it stands below."""
    found = states(person.pk, ticket.pk)
    shown = {kind: field(kind, found.get(kind)) for kind in KINDS}
    there = found.get("reply")
    if restored is None or (there is not None and there.aside == restored.id):
        return shown
    later = f"\n\n{there.text}" if there is not None and there.text.strip() else ""
    back = field("reply", there, restored.text + later)
    return shown | {"reply": replace(back, cc=", ".join(one for one in (restored.cc, back.cc) if one))}


def field(kind: str, state: State | None, text: str | None = None) -> Field:
    """As the template has it."""
    if state is None:
        return Field(kind, text or "")
    files = tuple((pk, name, size) for pk, name, size in state.files)
    words = state.text if text is None else text
    return Field(kind, words, state.mark, state.cc, ", ".join(state.tags), state.at, files)
