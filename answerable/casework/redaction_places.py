"""Where a ticket's words stand: every column that may hold them, for whoever removes something (decision 0045).

A new column with words of a ticket belongs here; a test plants a secret and looks into every table. Documents of the
search follow their rows by triggers.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Model, QuerySet

from answerable.casework.notice_letters import KIND
from answerable.escalation.episodes import LadderStep
from answerable.knowledge.asking import Searched
from answerable.lib.blanking import Letters, masked, masked_json
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery, Notice, Receipt
from answerable.sla.models import Defect, Leg
from answerable.tickets.begun import Begun, BegunFile
from answerable.tickets.drafts import Draft, DraftFile
from answerable.tickets.handover import HandOver, about
from answerable.tickets.held import Held
from answerable.tickets.models import Attachment, Event, Reply, Ticket
from answerable.tickets.notes import Note, NoteFile
from answerable.tickets.rating import Rating
from answerable.tickets.runs import BulkItem, BulkRun

# What an event says in words; all else in it is fact, and stays (the trigger of tickets migration 0016 knows them too).
EVENT_WORDS = ("why", "impact", "hold_reason")
WORDS_CHANGED = {"kind__in": ["tags", "fields"]}
OF_NOTICES = {"kind": KIND, "ticket_id__isnull": True}
HTML = frozenset({"html", "whole_html"})


@dataclass(frozen=True)
class Place:
    """Columns of one table: `of` leads to the ticket ("": hand-overs have a question of their own). `is_public`:
    customers may read it. `keys`: of what JSON holds, these alone; `only`: of the rows.
    """

    key: str
    model: type[Model]
    of: str
    columns: tuple[str, ...]
    is_public: bool = False
    keys: tuple[str, ...] = ()
    only: dict[str, Any] = field(default_factory=dict)


PLACES = (
    Place("reply", Reply, "ticket_id", ("text", "new_text", "html", "whole_html", "origin", "flags"), is_public=True),
    Place("file_name", Attachment, "ticket_id", ("name", "cid"), is_public=True),
    Place("ticket", Ticket, "pk", ("subject", "impact", "hold_reason", "preview", "fields", "tags"), is_public=True),
    Place("note", Note, "ticket_id", ("text", "html")),
    Place("file_name", NoteFile, "note__ticket_id", ("name",)),
    Place("held", Held, "ticket_id", ("sender_name", "text", "html", "origin", "file_names")),
    Place("rating", Rating, "ticket_id", ("comment",)),
    Place("draft", Draft, "ticket_id", ("text", "html", "reason", "failure")),
    Place("file_name", DraftFile, "draft__ticket_id", ("name",)),
    Place("draft", Begun, "ticket_id", ("text", "cc", "tags")),
    Place("file_name", BegunFile, "begun__ticket_id", ("name",)),
    Place("history", Event, "ticket_id", ("data",), is_public=True, keys=EVENT_WORDS),
    Place("history", Event, "ticket_id", ("data",), keys=("before", "after"), only=WORDS_CHANGED),
    Place("history", LadderStep, "ticket_id", ("why",), is_public=True),
    Place("history", Leg, "ticket_id", ("excused",)),
    Place("history", Defect, "ticket_id", ("stored", "computed")),
    Place("history", BulkItem, "ticket_id", ("was", "why")),
    Place("history", BulkRun, "items__ticket_id", ("args",), keys=("reason", "tags", "text")),
    # Also on the problem to whose incidents it went.
    Place("history", BulkRun, "problem_id", ("args",), keys=("text",)),
    Place("hand_over", HandOver, "", ("text", "html")),
    Place("sent_mail", Delivery, "ticket_id", ("subject", "text", "html", "headers", "last_error")),
    # Mails that tell staff of notices name several requests, and how each is called.
    Place("sent_mail", Delivery, "headers__works__contains", ("subject", "text", "html"), only=OF_NOTICES),
    Place("sent_mail", Receipt, "delivery__ticket_id", ("text",)),
    Place("notice", Notice, "ticket_id", ("data",)),
    # What was typed into the form while it suggested articles.
    Place("searched", Searched, "ticket_id", ("text",)),
    Place("received_mail", RawMail, "ticket_id", ("subject", "trace", "sender")),
)


@dataclass
class Hit:
    """One row that holds the text, how often, and what its columns would be without it."""

    place: Place
    pk: int
    times: int
    after: dict[str, Any] = field(repr=False)


def hits(ticket_id: int, wanted: Letters, mark: str) -> Iterator[Hit]:
    """Every row of the ticket that holds the text."""
    for place in PLACES:
        rows = _all(place, ticket_id).order_by("pk")
        for pk, *values in rows.values_list("pk", *place.columns).iterator(chunk_size=200):
            found = Hit(place, pk, 0, {})
            for name, value in zip(place.columns, values, strict=True):
                after, times = _without(place, name, value, wanted, mark)
                if times:
                    found.after[name] = _fitting(place.model, name, after)
                    found.times += times
            if found.times:
                yield found


def _all(place: Place, ticket_id: int) -> QuerySet[Model]:
    of = {place.of: ticket_id} if place.of else about(ticket_id)
    return QuerySet(place.model).filter(**of, **place.only)


def _without(place: Place, name: str, value: Any, wanted: Letters, mark: str) -> tuple[Any, int]:
    if place.keys:
        after, times = masked_json({key: value[key] for key in place.keys if value.get(key)}, wanted, mark)
        return {**value, **after}, times
    if name == "tags":
        # A mark is no tag: with one, the others could not be changed any more.
        left = [tag for tag in value if not masked(tag, wanted, mark)[1]]
        return left, len(value) - len(left)
    if isinstance(value, str):
        return masked(value, wanted, mark, html=name in HTML)
    return masked_json(value, wanted, mark)


def _fitting(model: type[Model], name: str, value: Any) -> Any:
    column = model._meta.get_field(name)
    most = column.max_length if isinstance(column, CharField) else None
    return value[:most] if most and isinstance(value, str) else value


def blank(hit: Hit) -> None:
    """Write the row without it."""
    # Whoever still has the old words in a browser does not save them over these: theirs went on from another state.
    more = {"mark": secrets.token_hex(8)} if hit.place.model is Begun else {}
    QuerySet(hit.place.model).filter(pk=hit.pk).update(**hit.after, **more)
