"""What the ladder says to customers by mail: what happened, what comes next and by when, and how to answer.

A mail leads to a page with buttons, and names an address of one purpose (mail contract E-41): what is written there
joins the request and takes it to the next level. An ordinary answer is an ordinary answer.
"""

from collections.abc import Sequence
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.casework import ladder_rules
from answerable.casework.ladder_links import answer_page
from answerable.casework.ladder_steps import Case, open_episode, rows_of
from answerable.casework.letters import Letters, tell_all
from answerable.casework.wordings import several
from answerable.escalation.episodes import Episode, LadderStep
from answerable.escalation.ladder import ANSWERED, ASKED, SETTLING, TAKEN, WAITING, Ladder
from answerable.lib.zones import zone
from answerable.mail import tokens
from answerable.mail.queries import addresses, token_keys
from answerable.mail.wording import Value, Values
from answerable.people.models import Person
from answerable.people.queries import vendor
from answerable.tickets.actions import Change
from answerable.tickets.ladder_words import sentence, title
from answerable.tickets.models import Ticket

KIND = "ladder"
_TOLD = {"asked", "waived", "spoke", "confirmed", "raised", "empty", "acked", "lowered", "proposed", "ended"}


def add(letters: Letters, change: Change) -> None:
    """The mails of this change's moves, if there are any that customers should hear of."""
    rows = rows_of(change)
    if not any(_is_told(row) for row in rows):
        return
    said = [sentence(event.data, change.actor.label) for event in change.events if event.kind == "ladder"]
    ladder, episode = Case(change, _whole(change, rows)).ladder, open_episode(change)
    lines = [line for line in said if line]

    def values(person: Person) -> Values:
        return _values(change, person, lines, ladder, episode)

    but = change.actor.id if change.actor.kind == "customer" else None
    told = tell_all(KIND, values, KIND, but)(change)
    letters.deliveries += told.deliveries
    letters.refs += told.refs


def _is_told(row: LadderStep) -> bool:
    """A reply, and the end of the request, have mails of their own."""
    return row.kind in _TOLD and row.cause not in {"reply", "request", "merged"}


def _whole(change: Change, rows: Sequence[LadderStep]) -> list[LadderStep]:
    return [*LadderStep.objects.filter(ticket_id=change.ticket.pk).order_by("id"), *rows]


def _values(
    change: Change, person: Person, lines: list[str], ladder: Ladder, episode: Episode | None
) -> dict[str, Value]:
    by = _moment(ladder.due_at, person, change.ticket) if ladder.due_at else ""
    asks = episode is not None and ladder.stage in {ANSWERED, TAKEN, SETTLING}
    return {
        "news": several(lines),
        "next": Value(_next(ladder, by)),
        "question": Value(_question(ladder, _address(episode, person)) if asks and episode else ""),
        "answer": Value(answer_page(episode, person, change.at) if asks and episode else ""),
    }


def _next(ladder: Ladder, by: str) -> str:
    given = ladder_rules.rules()
    above = title(ladder.level + 1, given.name(ladder.level + 1))
    words = {"by": by, "above": above, "title": title(ladder.level, given.name(ladder.level))}
    if ladder.stage == ASKED:
        return _("The representative has until %(by)s. After that it goes to %(above)s by itself.") % words
    if ladder.stage == WAITING and ladder.level < given.top:
        return _("Acknowledged by %(by)s at the latest; if not, it goes to %(above)s by itself.") % words
    if ladder.stage == WAITING:
        return _("This is the highest level: it is asked again and again until somebody has it.")
    return ""


def _question(ladder: Ladder, address: str) -> str:
    if ladder.stage == SETTLING:
        said = _(
            "Is it settled? Accept it on this page, or say there what is missing and it goes to the next level. "
            "By mail, write what is missing to %(address)s:"
        )
    else:
        said = _("If that is not enough, take it to the next level on this page, or write why to %(address)s:")
    return said % {"address": address}


def _address(episode: Episode | None, person: Person) -> str:
    """Whose only purpose is the next level of this episode, and for this person (E-41)."""
    token = tokens.make("ladder", episode.pk if episode else 0, person.pk, token_keys())
    return f"{token}@{addresses().reply_domain}"


def _moment(at: datetime, person: Person, ticket: Ticket) -> str:
    """In the reader's zone."""
    local = at.astimezone(zone(person.zone, ticket.organization.zone if ticket.organization else "", vendor().zone))
    return f"{local:%-d %B, %H:%M} ({local.tzname()})"
