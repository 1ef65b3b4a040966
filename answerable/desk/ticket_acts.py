"""What can be done with a whole ticket, and what a ticket that is set aside says of itself."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from answerable.desk.conversation import Item
from answerable.people.models import Person
from answerable.tickets import access
from answerable.tickets.models import SetAside, Status, Ticket
from answerable.tickets.queries import worked_titles

# The event that says who set it aside so.
_SAID = {SetAside.MERGED: "merged_away", SetAside.SPAM: "spam", SetAside.DELETED: "deleted"}


@dataclass(frozen=True)
class Banner:
    """Why the ticket is set aside; `number` and `subject` of the one that it was merged into, where one may see that.

    `undo`: the words of the button that takes it back, "" for who may not.
    """

    kind: str
    title: str
    said: str
    at: datetime | None
    words: str
    undo: str
    number: int | None = None
    subject: str = ""


@dataclass(frozen=True)
class Acts:
    """The menu of the ticket's head."""

    may_merge: bool
    may_spam: bool
    may_block: bool
    may_delete: bool
    banner: Banner | None
    may_link: bool = False

    @property
    def any(self) -> bool:
        """Whether there is a menu at all."""
        return self.may_link or self.may_merge or self.may_spam or self.may_block or self.may_delete


def acts(person: Person, ticket: Ticket, standing: access.Standing, entries: Iterable[Item], now: datetime) -> Acts:
    """One query more on a ticket that was merged, none on any other."""
    works, aside = access.may_work(standing), bool(ticket.set_aside)
    return Acts(
        may_merge=works and not aside and ticket.status != Status.CLOSED,
        may_link=works and not aside,
        may_spam=works and not aside,
        may_block=works,
        may_delete=access.may_delete(standing) and not aside,
        banner=_banner(person, ticket, standing, entries, now) if aside else None,
    )


def _banner(
    person: Person, ticket: Ticket, standing: access.Standing, entries: Iterable[Item], now: datetime
) -> Banner:
    how = SetAside(ticket.set_aside)
    title, words, undo = {
        SetAside.MERGED: (
            _("Merged"),
            _("It is handled there, and its promises are kept there. What was written here stays here."),
            _("Unmerge"),
        ),
        SetAside.SPAM: (
            _("Spam"),
            _("Nobody waits for an answer, and no promise counts. What its sender writes next is a new request."),
            _("No spam"),
        ),
        SetAside.DELETED: (
            _("Deleted"),
            _("No customer sees it, and no mail about it leaves."),
            _("Bring it back"),
        ),
    }[how]
    may = access.may_delete(standing) if how == SetAside.DELETED else access.may_work(standing)
    into = ticket.merged_into_id
    number, subject = worked_titles(person, [into], now).get(into, (None, "")) if into else (None, "")
    last = next((one for one in reversed([*entries]) if one.event == _SAID[how]), None)
    said, at = (last.text, last.at) if last else ("", None)
    return Banner(how.value, title, said, at, words, undo if may else "", number, subject)
