"""Ask the requester of a solved request how the help was, and take their answer (docs/decisions/0045).

The mail has two links. Each opens a page with one button that posts: whoever follows links for safety rates nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import system
from answerable.casework.automatic import is_stopped
from answerable.casework.letters import ask_how_it_was
from answerable.casework.notices import rated_notices
from answerable.casework.settle import settle
from answerable.lib import sql
from answerable.lib.errors import Refused
from answerable.lib.limits import allowed
from answerable.mail.queries import addresses
from answerable.notify.actions import tell
from answerable.people.queries import actor_of, vendor
from answerable.tickets import actions as tickets
from answerable.tickets.actions import IMPORT
from answerable.tickets.models import Reply, Status, Ticket
from answerable.tickets.rating import BAD, GOOD, SCORES, Rating, to_ask

_SALT = "casework.csat"
# How long the links of the mail are good.
DAYS = 30
AT_ONCE = 100
MOST_COMMENT = 4_000
# How often somebody may say it otherwise: each time is a line in the history.
ANSWERS_AN_HOUR = 20


@dataclass(frozen=True)
class Rules:
    """The policy's [csat]; times in seconds."""

    ask: bool = False
    after: int = 86_400
    every: int = 30 * 86_400
    change_within: int = 7 * 86_400
    exempt_channels: tuple[str, ...] = ()
    exempt_organizations: tuple[str, ...] = ()


def rules() -> Rules:
    """What is in force."""
    given: dict[str, Any] = vendor().settings.get("csat", {})
    return Rules(**given)


def due(now: datetime) -> list[int]:
    """Tickets that were solved long enough ago, of which this solving was not looked at yet."""
    asked = rules()
    return to_ask(now - timedelta(seconds=asked.after), AT_ONCE) if asked.ask else []


def ask(ticket_id: int, now: datetime) -> None:
    """Ask, or write down why not. Nothing happens where the ticket was opened again, or somebody asked already."""
    with transaction.atomic():
        change = tickets.begin(ticket_id, system("asks how it was"), now, closed_too=True)
        ticket = change.ticket
        if ticket.status != Status.SOLVED or ticket.solved_at is None:
            return
        if Rating.objects.filter(ticket=ticket, solved_at=ticket.solved_at).exists():
            return
        _in_turn(ticket.requester_id)
        row = Rating.objects.create(
            ticket=ticket,
            person=ticket.requester,
            agent=ticket.assignee,
            team=ticket.team,
            organization=ticket.organization,
            solved_at=ticket.solved_at,
            at=now,
            skipped=_why_not(ticket, rules(), now),
        )
        if not row.skipped:
            change.event("csat_asked", label=ticket.requester.label, rating=row.pk)
            settle(change, "ask_csat", ask_how_it_was(_page(row, GOOD), _page(row, BAD)))


def _in_turn(person_id: int) -> None:
    """Two of one person's requests are looked at one after the other, so that the second sees what the first asked."""
    sql.rows("SELECT pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", {"key": f"csat:{person_id}"})


def _why_not(ticket: Ticket, asked: Rules, now: datetime) -> str:
    """Why this requester is not asked about this ticket; "" where they are."""
    person, organization = ticket.requester, ticket.organization
    since = now - timedelta(seconds=asked.every)
    reasons = {
        "set_aside": bool(ticket.set_aside),
        "unverified": ticket.unverified,
        "imported": ticket.channel == IMPORT,
        "channel": ticket.channel in asked.exempt_channels,
        "organization": organization is not None and organization.slug in asked.exempt_organizations,
        "nobody": not person.is_active or person.is_staff or addresses().is_own(person.email),
        "stopped": is_stopped(person, "csat"),
    }
    if why := next((why for why, holds in reasons.items() if holds), ""):
        return why
    if Rating.objects.filter(person=person, skipped="", at__gt=since).exists():
        return "asked_lately"
    said = Reply.objects.filter(ticket=ticket, automatic=False)
    if not said.filter(author=person).exists():
        return "automatic"
    return "" if said.filter(from_staff=True).exists() else "not_answered"


def _page(row: Rating, score: str) -> str:
    return f"{vendor().portal_address}/rate/{signing.dumps(row.pk, salt=_SALT)}?as={score}"


def find_rating(token: str, now: datetime) -> Rating:
    """What the link of the mail leads to. Raises Refused for a forged or old one, and where the request is deleted."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        pk = None
    rows = Rating.objects.filter(pk=pk if isinstance(pk, int) else 0, skipped="").select_related("ticket", "person")
    row = rows.first()
    if row is None or row.ticket.is_deleted or now > row.at + timedelta(days=DAYS):
        raise Refused(
            "not_found", _("This link does not work (any more). Answer the mail if you want to tell us more.")
        )
    return row


def may_change(row: Rating, now: datetime) -> bool:
    """Whether what they said may still be said otherwise."""
    return row.rated_at is None or now <= row.rated_at + timedelta(seconds=rules().change_within)


def rate(token: str, score: str, comment: str, now: datetime) -> Rating:
    """Take the answer of whoever has the mail. The same answer again changes nothing."""
    if score not in SCORES:
        raise Refused("no_score", _("Choose good or not good. What you wrote is still here."))
    # Before the transaction: a try that is refused counts as well.
    if not allowed("csat", str(find_rating(token, now).pk), ANSWERS_AN_HOUR):
        raise Refused("too_many", _("You have answered many times within the hour. Please wait a little."))
    with transaction.atomic():
        row = find_rating(token, now)
        change = tickets.begin(row.ticket_id, actor_of(row.person), now, closed_too=True)
        row = Rating.objects.select_for_update(of=("self",)).select_related("ticket", "person").get(pk=row.pk)
        if not may_change(row, now):
            raise Refused("too_late", _("Your answer stands: the time to change it is over. Thank you all the same."))
        words = comment.strip()[:MOST_COMMENT]
        if (row.score, row.comment) == (score, words):
            return row
        _answer(row, score, words, now)
        change.event("csat_rated", rating=row.pk, score=score)
        settle(change, "rate")
        if score == BAD:
            tell(rated_notices(change.ticket, row.pk, row.person.label, now))
    return row


def _answer(row: Rating, score: str, words: str, now: datetime) -> None:
    row.score, row.comment = score, words
    # The time to change it runs from the first answer.
    row.rated_at = row.rated_at or now
    row.save(update_fields=["score", "comment", "rated_at"])
