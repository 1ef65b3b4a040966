"""`answerable explain TICKET`: see answerable.sla.explain."""

import sys
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.core.management.base import CommandParser

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.zones import zone
from answerable.ops.command import Command as Base
from answerable.people.queries import vendor
from answerable.sla.explain import Told
from answerable.sla.queries import explained
from answerable.tickets.queries import id_of
from answerable.ui.words import hms, metric_word

_WORDS = {"late": "past the promise", "ahead": "will run", "closed": "closed hours", "closed_ahead": "will be closed"}


class Command(Base):
    help = "Say why each promise of a ticket is due when it is: every span of its clock, and the sum."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("ticket", type=int, metavar="TICKET", help="the ticket's number")
        parser.add_argument("--zone", default="", metavar="ZONE", help="show times in it; else in the vendor's")

    def handle(self, *_args: object, **options: Any) -> None:
        pk = id_of(options["ticket"])
        if pk is None:
            raise Refused("not_found", f"There is no ticket {options['ticket']}.")
        shown = zone(options["zone"], vendor().zone)
        if options["zone"] and shown.key != options["zone"]:
            raise Refused("bad_zone", f"No time zone is called {options['zone']}.")
        told = explained(pk, clock.now())
        sys.stdout.writelines(f"{line}\n" for one in told for line in _lines(one, shown))
        sys.stdout.write(f"Times in {shown.key}.\n" if told else "Nothing was promised on this ticket yet.\n")


def _lines(one: Told, shown: ZoneInfo) -> Iterator[str]:
    leg = one.leg
    promised = "nothing promised" if leg.target is None else f"{hms(leg.target)} promised"
    yield f"{metric_word(leg.metric)} {leg.index + 1}: {leg.state}, {promised}, {hms(leg.elapsed)} counted"
    if leg.breached_at:
        excused = f", excused: {leg.excused}" if leg.excused else ""
        yield f"  broken {_at(leg.breached_at, shown)} ({leg.cause}){excused}"
    elif leg.due_at:
        yield f"  due    {_at(leg.due_at, shown)}, if nothing more happens"
    yield f"  by policy version {one.held.policy}, calendar {one.held.calendar} version {one.held.version}"
    for change in one.changes:
        before, after = ("none" if value is None else hms(value) for value in (change.before, change.after))
        yield f"  {_at(change.at, shown)}  promise {before} -> {after}"
    for line in one.lines:
        what = f"{_WORDS.get(line.kind, line.kind)}{': ' + line.why if line.why else ''}"
        counted = f"{hms(line.seconds):>10} {hms(line.sum):>10}"
        yield f"  {_at(line.start, shown)}  {_at(line.end, shown)} {counted}  {what}"
    yield ""


def _at(moment: datetime, shown: ZoneInfo) -> str:
    return f"{moment.astimezone(shown):%Y-%m-%d %H:%M:%S}"
