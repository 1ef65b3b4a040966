"""An update to all incidents of a problem: what its page says before, while and after it goes out."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from answerable.casework.incident_updates import Update, read, readers, text_for
from answerable.desk.linked import capped
from answerable.lib.html import from_markdown, safe
from answerable.people.models import Person
from answerable.tickets import linked_queries
from answerable.tickets.models import Status
from answerable.tickets.placeholders import LONGEST, PLACES
from answerable.tickets.run_queries import Run
from answerable.tickets.update_queries import Item, names_on, tickets_of

# A shorter name is a word like any other.
SHORTEST_NAME = 4
MOST_NAMED = 8


class UpdateForm(forms.Form):
    """The text, what each incident is left as, who gets it besides. `ack`: the warning in spite of which it goes on."""

    text = forms.CharField(max_length=LONGEST, required=False, strip=False)
    status = forms.ChoiceField(
        required=False,
        choices=[
            ("", gettext_lazy("Stays as it is")),
            (Status.PENDING.value, gettext_lazy("Waiting for customer")),
            (Status.SOLVED.value, gettext_lazy("Solved")),
        ],
    )
    solved_too = forms.BooleanField(required=False)
    itself = forms.BooleanField(required=False)
    ack = forms.CharField(max_length=64, required=False)

    def update(self) -> Update:
        """As the verb takes it."""
        data = self.cleaned_data
        text = data["text"].replace("\r\n", "\n").replace("\x00", "").strip()
        return Update(text, data["status"], data["solved_too"], data["itself"])


@dataclass(frozen=True)
class Letter:
    """What one incident gets: to whom it goes (name, address), and its text."""

    to: list[tuple[str, str]]
    text: str


def letters(run: Run, author: Person, rows: Iterable[Item], now: datetime) -> dict[int, Letter]:
    """By the ids of their tickets, of those on one page of the preview."""
    text = read(run.args).text
    found = tickets_of(author, [row.ticket for row in rows], now)
    return {
        pk: Letter(
            [(row.person.label, row.person.email) for row in readers(author, ticket)],
            text_for(author, ticket, text).text,
        )
        for pk, ticket in found.items()
    }


def html_of(text: str) -> str:
    """As its readers see it."""
    return safe(from_markdown(text))


def has_places(text: str) -> bool:
    """Whether each incident gets words of its own."""
    return "{{" in text and any(place in text for place in PLACES)


def names_in(text: str, names: Iterable[tuple[int, str, str, str]]) -> list[str]:
    """Which customers, and which numbers, a text names that goes to all of them. Pure."""
    words = text.casefold()
    found: dict[str, None] = {}
    for number, organization, address, name in names:
        for one in _telling(number, organization, address, name):
            if one not in found and one.casefold() in words and _stands(one, words):
                found[one] = None
    return list(found)[:MOST_NAMED]


def _telling(number: int, organization: str, address: str, name: str) -> Iterator[str]:
    yield f"#{number}"
    yield address
    yield address.rpartition("@")[2]
    if len(organization) >= SHORTEST_NAME:
        yield organization
    if " " in name:
        yield name


def _stands(name: str, words: str) -> bool:
    return re.search(rf"(?<![\w]){re.escape(name.casefold())}(?![\w])", words) is not None


def named(run: Run, person: Person, now: datetime) -> list[str]:
    """The same of a preview; nothing of what goes to one alone."""
    text = read(run.args).text
    return names_in(text, names_on(run.id, person, now)) if run.total > 1 else []


def effects(args: Mapping[str, Any], *, asks: bool, seconds: int) -> list[str]:
    """What follows from it, for the preview."""
    update = read(args)
    said = [
        _("Each gets a reply of its own by mail, to the people on that request alone, and its clock counts it."),
        _("Who is assigned stays: an update to many takes on none of them."),
    ]
    if update.status == Status.PENDING:
        said.append(_("Each waits for the customer then."))
    if update.status == Status.SOLVED:
        said.append(_("Each is solved then. A customer who answers opens it again."))
        if asks:
            said.append(_("Those who are due for it are asked by mail later how our help was, if it stays solved."))
    said.append(_("An incident that is linked after this preview does not get it."))
    if seconds:
        said.append(
            ngettext(
                "It begins after %(num)s second, and all of it can be taken back until then.",
                "It begins after %(num)s seconds, and all of it can be taken back until then.",
                seconds,
            )
            % {"num": seconds}
        )
    return said


def since(run: Run, person: Person, now: datetime) -> str:
    """How many incidents were linked after its preview, in words; "" for none."""
    count = linked_queries.linked_since(person, run.problem or 0, run.args["latest"], now)
    words = ngettext(
        "%(count)s incident was linked after the preview. It is not part of this.",
        "%(count)s incidents were linked after the preview. They are not part of this.",
        count,
    )
    return words % {"count": capped(count)} if count else ""
