"""What became of the mails of an entry, in words: in short for the conversation, and one by one."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from answerable.notify.queries import Sent
from answerable.ui.words import fate_word


@dataclass(frozen=True)
class Receipts:
    """`broken` need a hand; `rest` are the others; `summary` says in a line how all of them stand."""

    broken: tuple[Sent, ...] = ()
    rest: tuple[Sent, ...] = ()

    @property
    def summary(self) -> str:
        """As in "Mail to 3 people: 2 accepted, 1 waiting"."""
        if len(self.rest) == 1:
            only = self.rest[0]
            return _("Mail to %(name)s: %(state)s") % {"name": only.name, "state": fate_word(only.fate)}
        counts = Counter(one.fate for one in self.rest)
        each = ", ".join(
            fate_word(fate) if len(counts) == 1 else f"{count} {fate_word(fate)}" for fate, count in counts.items()
        )
        many = ngettext("Mail to %(num)s person", "Mail to %(num)s people", len(self.rest)) % {"num": len(self.rest)}
        return f"{many}: {each}"


def receipts(sent: Sequence[Sent]) -> Receipts:
    """Of one entry."""
    return Receipts(tuple(one for one in sent if one.is_broken), tuple(one for one in sent if not one.is_broken))
