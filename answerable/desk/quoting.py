"""Whether a reply repeats what is for staff alone: words of a note or of held mail, or the address of a held sender."""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from answerable.tickets.held import kept_out
from answerable.tickets.models import Ticket
from answerable.tickets.notes import texts_of
from answerable.tickets.queries import participants, public_texts

# So many words in a row are no accident. A shorter note counts as a whole, down to a few words.
RUN = 8
FEWEST = 4
_EXCERPT = 160
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Slip:
    """What was found: of a note or held mail (`kind`), whose it is, and where the reply says it."""

    kind: str
    whose: str
    excerpt: str


@dataclass(frozen=True)
class Warned:
    """Everything that was found in this very text. `key`: what "send anyway" answers; other words have another one."""

    slips: tuple[Slip, ...]
    key: str


def warning(ticket: Ticket, text: str) -> Warned | None:
    """None where the text holds nothing of the kind."""
    slips = tuple(_found(ticket, text)) if text.strip() else ()
    if not slips:
        return None
    said = "\0".join([text, *(f"{one.kind} {one.whose} {one.excerpt}" for one in slips)])
    return Warned(slips, hashlib.sha256(said.encode()).hexdigest()[:32])


def _found(ticket: Ticket, text: str) -> Iterable[Slip]:
    held = kept_out(ticket.pk)
    on_it = {row.person.email for row in participants(ticket)}
    addresses = {sender for sender, _text in held} - on_it
    secrets = [("note", *one) for one in texts_of(ticket.pk)] + [("held", *one) for one in held]
    if any(excerpt(text, words) for _kind, _whose, words in secrets):
        public = [ticket.subject, ticket.impact, *public_texts(ticket.pk)]
        for kind, whose, words in secrets:
            said = excerpt(text, words, public)
            if said:
                yield Slip(kind, whose, said)
    lower = text.casefold()
    for sender in sorted(addresses):
        if re.search(rf"(?<![\w.+-]){re.escape(sender.casefold())}(?![\w-])", lower):
            yield Slip("address", sender, sender)


def excerpt(text: str, secret: str, public: Sequence[str] = ()) -> str:
    """The first place where the text repeats the secret; what is public already is none. "" where it does not."""
    hidden = words_of(secret)
    size = min(RUN, len(hidden))
    if size < FEWEST:
        return ""
    runs = set(_runs(hidden, size))
    spans = list(_spans(text))
    said = list(_runs([word for word, _start, _end in spans], size))
    if runs.isdisjoint(said):
        return ""
    for one in public:
        runs.difference_update(_runs(words_of(one), size))
    first = next((place for place, run in enumerate(said) if run in runs), None)
    if first is None:
        return ""
    last = first
    while last + 1 < len(said) and said[last + 1] in runs:
        last += 1
    return text[spans[first][1] : spans[last + size - 1][2]][:_EXCERPT]


def words_of(text: str) -> list[str]:
    """The words alone, whatever their case, marks and Markdown."""
    return [word for word, _start, _end in _spans(text)]


def _spans(text: str) -> Iterable[tuple[str, int, int]]:
    for match in _WORD.finditer(text):
        for word in match[0].split("_"):
            if word:
                yield unicodedata.normalize("NFKC", word).casefold(), match.start(), match.end()


def _runs(words: Sequence[str], size: int) -> Iterable[tuple[str, ...]]:
    return (tuple(words[place : place + size]) for place in range(len(words) - size + 1))
