"""Verbs about people that reach their open pages and requests: suspend, restore, merge."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.live.actions import end_streams
from answerable.people import mail_stop_actions as mail_stops
from answerable.people import person_actions as people
from answerable.people.models import Person
from answerable.people.person_queries import lock_people
from answerable.people.queries import organizations_of
from answerable.tickets.merging import hand_over_all


def suspend(by: Person, person: Person, reason: str, now: datetime) -> None:
    """Shut the person out at once: log-in, sessions, open pages, mail that waits."""
    with transaction.atomic():
        row = lock_people(person.pk)[person.pk]
        if people.suspend(by, row, reason, now):
            end_streams(row.pk)


def restore(by: Person, person: Person, now: datetime) -> None:
    """Let them in again."""
    with transaction.atomic():
        people.restore(by, lock_people(person.pk)[person.pk], now)


def lift_mail_stop(by: Person, person: Person, now: datetime) -> None:
    """Automatic mail goes to the person again, until their address is refused or complains anew."""
    with transaction.atomic():
        mail_stops.lift(by, lock_people(person.pk)[person.pk], now)


@dataclass(frozen=True)
class Pair:
    """Two people who are one: who stays, who goes, and whether they belong to different organizations."""

    survivor: Person
    other: Person
    across: bool


def pair(survivor: Person, other: Person) -> Pair:
    """Raises Refused where the two cannot be one."""
    if survivor.pk == other.pk:
        raise Refused("same", _("These are the same account already."))
    if "customer" not in {survivor.role, other.role} or survivor.role != other.role:
        raise Refused("staff", _("Only customers are merged: accounts of your team stay apart."))
    if survivor.merged_into_id is not None or other.merged_into_id is not None:
        raise Refused("merged", _("One of them was merged into another account already."))
    mine, theirs = (set(organizations_of(one).values_list("pk", flat=True)) for one in (survivor, other))
    return Pair(survivor, other, across=bool(mine and theirs and not mine & theirs))


def merge_people(by: Person, survivor: Person, other: Person, now: datetime, *, across: bool) -> None:
    """`other` is the survivor: requests, memberships, grants, and mail from the address. It cannot be undone.

    `across`: the administrator knows that they belong to different organizations.
    """
    people.require_admin(by)
    with transaction.atomic():
        rows = lock_people(survivor.pk, other.pk)
        both = pair(rows[survivor.pk], rows[other.pk])
        if both.across and not across:
            raise Refused("across", _("They belong to different organizations. Confirm that they are one person."))
        hand_over_all(both.other, both.survivor)
        people.absorb(by, both.survivor, both.other, now)
        end_streams(both.other.pk)
