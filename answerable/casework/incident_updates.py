"""One text to every incident of a problem: each gets a reply of its own, as if somebody had written it there alone.

It is a bulk run (decision 0040): previewed as rows, confirmed once, an incident and its row in one transaction, so that
whoever is killed in between leaves each told once or not yet. Nothing of one incident stands in what another gets
(decision 0047).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext as _

from answerable.casework import actions as casework
from answerable.casework.bulk_verbs import said
from answerable.casework.canned_actions import values
from answerable.casework.draft_actions import MARGIN, undo_seconds
from answerable.casework.undo_actions import caused
from answerable.lib.errors import Refused
from answerable.lib.html import from_markdown
from answerable.people.models import Person
from answerable.tickets import access, presence
from answerable.tickets.actions import Message, why_closed
from answerable.tickets.linked_queries import incident_ids, latest_link
from answerable.tickets.models import Participant, Status, Ticket
from answerable.tickets.placeholders import Filled, fill, problems
from answerable.tickets.runs import BulkItem, BulkRun
from answerable.tickets.shown import people_on, people_on_all
from answerable.tickets.ticket_links import problem_of

UPDATE = "update"
# How many incidents one update takes.
MOST = 5000
STATUSES = ("", Status.PENDING.value, Status.SOLVED.value)


@dataclass(frozen=True)
class Update:
    """What was written, in Markdown with {{places}}. `status` that it leaves ("" leaves it); `solved_too`: incidents
    that are solved get it and stay so; `itself`: the problem's own people, too.
    """

    text: str
    status: str = ""
    solved_too: bool = False
    itself: bool = False


def read(args: Mapping[str, Any]) -> Update:
    """As a run keeps it."""
    return Update(args["text"], args["status"], args["solved_too"], args["itself"])


def prepare(person: Person, problem_id: int, update: Update, now: datetime) -> BulkRun:
    """The preview: who would get it, and who not and why. Nothing is sent. Raises Refused where nobody is left."""
    problem = _problem(person, problem_id, now)
    _require_words(update)
    ids = incident_ids(person, problem_id, MOST + 1, now)
    wanted = [*([problem_id] if update.itself else []), *ids[:MOST]]
    if not wanted:
        raise Refused("none", _("This request has no incidents that you may see."))
    found = _tickets(wanted)
    writing = {number for number, here in presence.others_anywhere(person, now) if here.doing == presence.REPLY}
    args = asdict(update) | {"label": "", "latest": latest_link(problem_id)}
    with transaction.atomic():
        run = BulkRun.objects.create(
            by=person, verb=UPDATE, args=args, problem=problem, created_at=now, left_out=len(ids) - len(ids[:MOST])
        )
        rows = [_item(run, found[pk], is_met=found[pk].number in writing, now=now) for pk in wanted if pk in found]
        BulkItem.objects.bulk_create(rows, batch_size=500)
    return run


def _problem(person: Person, problem_id: int, now: datetime) -> Ticket:
    if person.seen_by is not None:
        raise Refused("not_allowed", _("You are looking as somebody else: nothing can be changed."))
    problem = access.visible_to(person, now).filter(access.worked_by(person), pk=problem_id).first()
    if problem is None:
        raise Refused("not_found", _("There is no such request, or you may not see it."))
    access.require(access.may_work(access.standing(person, problem, now)))
    return problem


def _require_words(update: Update) -> None:
    wrong = problems(update.text)
    if wrong:
        raise Refused("empty" if not update.text.strip() else "wrong", wrong[0])
    if update.status not in STATUSES:
        raise Refused("invalid", _("Choose a status that an update can leave."))


def _tickets(ids: Sequence[int]) -> dict[int, Ticket]:
    rows = Ticket.objects.filter(pk__in=ids).select_related("organization", "team", "requester", "assignee")
    found = {ticket.pk: ticket for ticket in rows}
    people_on_all(list(found.values()))
    return found


def _item(run: BulkRun, ticket: Ticket, *, is_met: bool, now: datetime) -> BulkItem:
    update = read(run.args)
    filled = text_for(run.by, ticket, update.text)
    code, why = _judge(run, ticket, filled, now)
    if not code and is_met:
        code, why = "collision", _being_written("")
    return BulkItem(
        run=run,
        ticket=ticket,
        seen=_seen(run.by, ticket, filled),
        was=str(Status(ticket.status).label)[:300],
        state=BulkItem.LEFT if code else BulkItem.TODO,
        code=code,
        why=why[:500],
    )


def _judge(run: BulkRun, ticket: Ticket, filled: Filled, now: datetime) -> tuple[str, str]:
    """Why this one does not get it, as (code, words); ("", "") where it does."""
    standing = access.standing(run.by, ticket, now)
    if not access.may_see_notes(standing):
        return "not_found", _("It is no longer yours to see.")
    if not access.may_reply(standing):
        return "not_allowed", _("You may not do this on it.")
    if standing.requester:
        return "own", _("You asked for this one yourself: what you write there is a customer's message.")
    return _as_it_stands(ticket, filled, solved_too=read(run.args).solved_too)


def _as_it_stands(ticket: Ticket, filled: Filled, *, solved_too: bool) -> tuple[str, str]:
    if ticket.status == Status.CLOSED:
        return "closed", why_closed(ticket, staff=True)
    if ticket.status == Status.SOLVED and not solved_too:
        return "solved", _("It is solved already.")
    if ticket.waiting_drafts:
        return "collision", _("A reply on it is about to leave.")
    if filled.missing:
        words = _("Nothing is known for %(places)s.")
        return "unfilled", words % {"places": ", ".join(dict.fromkeys(filled.missing))}
    return "", ""


def _being_written(name: str) -> str:
    return _("%(name)s is writing a reply on it.") % {"name": name or _("Somebody")}


def _seen(author: Person, ticket: Ticket, filled: Filled) -> list[str]:
    """How it stands, to whom it goes and what it says: compared before it is sent. Digests, for what they are of would
    have to be blanked here too."""
    to = [f"{row.person_id} {row.answers_to}" for row in readers(author, ticket)]
    return [f"{ticket.status} {ticket.set_aside}", said(ticket), _digest(to), _digest([filled.text])]


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(sorted(parts)).encode()).hexdigest()[:16]


def readers(author: Person, ticket: Ticket) -> list[Participant]:
    """Who gets a reply of this author by mail, as `letters.tell_participants` has it."""
    return [
        row
        for row in people_on(ticket)
        if row.role != "follower" and not row.pending and row.person.is_active and row.person_id != author.pk
    ]


def text_for(author: Person, ticket: Ticket, text: str) -> Filled:
    """What this ticket would get."""
    return fill(text, values(author, ticket, promised="promise." in text))


def begins_at(run: BulkRun, now: datetime) -> datetime | None:
    """When the first of it leaves: it can be taken back as long as one reply can. At once (None) where a promise falls
    due meanwhile."""
    seconds = undo_seconds()
    todo = run.items.filter(state=BulkItem.TODO, ticket__next_due_at__gte=now)
    due = todo.aggregate(first=Min("ticket__next_due_at"))["first"]
    begins = now + timedelta(seconds=seconds)
    return None if not seconds or (due is not None and due <= begins + MARGIN) else begins


def send(item: BulkItem, now: datetime) -> None:
    """Tell one incident, in the transaction that locked its row. Raises Refused where it is left as it is."""
    run, update = item.run, read(item.run.args)
    ticket = access.lock(item.ticket_id)
    filled = text_for(run.by, ticket, update.text)
    code, why = _judge(run, ticket, filled, now)
    if code:
        raise Refused(code, why)
    if ticket.pk != run.problem_id and problem_of(ticket.pk) != run.problem_id:
        raise Refused("unlinked", _("It is no longer an incident of this problem."))
    writing = next((one for one in presence.others_on(run.by, ticket.pk, now) if one.doing == presence.REPLY), None)
    if writing:
        raise Refused("collision", _being_written(writing.name))
    _unchanged(item.seen, _seen(run.by, ticket, filled))
    message = Message(text=filled.text, new_text=filled.text, html=from_markdown(filled.text), channel="desk")
    status = "" if ticket.status == Status.SOLVED else update.status
    with caused(ticket.pk, run):
        casework.add_reply(run.by, ticket.pk, message, now, casework.Next(status=status, takes=False))


def _unchanged(seen: Sequence[str], now_is: Sequence[str]) -> None:
    words = (
        _("It was changed since the preview. Look at it first."),
        _("Somebody wrote on it since the preview. Look at it first."),
        _("Who is on it was changed since the preview."),
        _("What it would be told has changed since the preview."),
    )
    for was, is_now, why in zip(seen, now_is, words, strict=True):
        if was != is_now:
            raise Refused("changed", why)
