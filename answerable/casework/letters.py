"""Mails that a change causes: outbox rows in its transaction, made into finished messages when they are sent."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

from django.utils import timezone
from django.utils.translation import gettext as _

from answerable.casework.addressing import address_for
from answerable.casework.automatic import AUTOMATIC, is_held_back
from answerable.casework.links import confirmation, reading
from answerable.casework.wordings import greeting, words
from answerable.lib.html import from_text
from answerable.lib.mail_html import for_mail
from answerable.lib.zones import zone
from answerable.mail import compose, tokens
from answerable.mail.actions import remember
from answerable.mail.models import MessageRef
from answerable.mail.queries import addresses, instance_id, thread_of, token_keys
from answerable.mail.quote_words import REPLY_MARKS
from answerable.mail.wording import Value, Values
from answerable.notify.models import Delivery
from answerable.people.models import Person, Vendor
from answerable.people.queries import vendor
from answerable.tickets.actions import Change, number_files
from answerable.tickets.files import path_of
from answerable.tickets.models import Attachment, Participant, Reply, Ticket
from answerable.tickets.queries import participants
from answerable.ui.words import size as in_words

# Mails that people answer: above whose first line they do, where the policy has that line (E-64).
_ANSWERED = {"ack", "reply"}
# E-92: files over this in all are not mailed; the request page has them.
MAILED_BYTES = 10 * 1024 * 1024


@dataclass
class Letters:
    """Outbox rows, and the Message-IDs by which answers to them will find the ticket."""

    deliveries: list[Delivery] = field(default_factory=list)
    refs: list[MessageRef] = field(default_factory=list)


Writer = Callable[[Change], Letters]


def arrival_only(change: Change) -> Letters:
    """No mail, but the message that came in may be answered to."""
    letters = Letters()
    reply = change.reply
    if reply and reply.message_id:
        letters.refs.append(
            remember(
                reply.message_id,
                ours=False,
                ticket_id=change.ticket.pk,
                at=change.at,
                entry_id=reply.pk,
                person_id=reply.author_id,
            )
        )
    return letters


def acknowledge(change: Change) -> Letters:
    """To the requester of a new ticket: its number and what is promised. At most five an hour to one address.

    Where anybody may have typed the address, it repeats nothing that they typed (docs/decisions/0025).
    """
    letters = arrival_only(change)
    person = change.ticket.requester
    if is_held_back(change, person, "ack"):
        return letters
    plain = unconfirmed(change.ticket)
    wording = "ack_unconfirmed" if plain else "ack"
    values = ack_values(change.ticket, person, _confirm_page(change.ticket) if plain else "")
    _add(letters, change, Envelope(person, "ack", _thread(letters.refs, person), wording, values, plain=plain))
    return letters


def tell_participants(change: Change) -> Letters:
    """The public reply, to everybody on the ticket but its author and those who have it already."""
    letters = arrival_only(change)
    assert change.reply is not None
    thread = [*thread_of(change.ticket.pk), *letters.refs]
    people = [row.person for row in _on(change)]
    for person in people:
        if person.pk != change.reply.author_id and not {person.email, address_for(change, person)} & change.seen_by:
            links = _file_links(change, person) if _too_large(change.attachments) else []
            values = reply_values(change.reply, change.attachments, change.ticket, _others(person, people), links)
            values["greeting"] = greeting(person.name)
            _add(letters, change, Envelope(person, "reply", _thread(thread, person), "reply", values))
    return letters


def tell_copied(person: Person, by: str) -> Writer:
    """To somebody who takes part from now on."""
    return _said(person, "copied", {"by": Value(by)})


def tell_not_copied(person: Person) -> Writer:
    """To a reader who asked to take part."""
    return _said(person, "not_copied", {})


def tell_asked(asker: Person) -> Writer:
    """To the requester, who may answer."""
    return _said(None, "asked", {"who": Value(f"{asker.label} ({asker.email})")})


def tell_merged(number: int, on_it: Collection[int]) -> Writer:
    """To everybody on a request that is handled as another one now: which, to those who are on that, too (`on_it`)."""

    def write(change: Change) -> Letters:
        letters = Letters()
        for row in _on(change):
            wording = "merged" if row.person_id in on_it else "merged_elsewhere"
            told = _said(row.person, wording, {"into": Value(str(number))})(change)
            letters.deliveries += told.deliveries
            letters.refs += told.refs
        return letters

    return write


def ask_how_it_was(good: str, bad: str) -> Writer:
    """To the requester of a solved request; `good`, `bad`: the pages of their answer."""
    return _said(None, "csat", {"good": Value(good), "bad": Value(bad)}, kind="csat")


def tell_all(wording: str, values: Callable[[Person], Values], kind: str, but: int | None) -> Writer:
    """To everybody on the request but the one who did it, each in their own words."""

    def write(change: Change) -> Letters:
        letters = Letters()
        for row in _on(change):
            if row.person_id != but:
                told = _said(row.person, wording, values(row.person), kind)(change)
                letters.deliveries += told.deliveries
                letters.refs += told.refs
        return letters

    return write


def _said(person: Person | None, wording: str, values: Values, kind: str = "people") -> Writer:
    """About who is on the request, to `person` or to its requester."""

    def write(change: Change) -> Letters:
        letters, to = Letters(), person or change.ticket.requester
        if is_held_back(change, to, kind):
            return letters
        thread = _thread(thread_of(change.ticket.pk), to)
        _add(letters, change, Envelope(to, kind, thread, wording, {"greeting": greeting(to.name), **values}))
        return letters

    return write


def _thread(refs: Sequence[MessageRef], person: Person) -> list[str]:
    """The ids that this person's mail program knows: what customers sent, and our own copies to that person."""
    return [ref.written for ref in refs if ref.written and (not ref.ours or ref.person_id == person.pk)]


def _on(change: Change) -> list[Participant]:
    rows = {
        row.person_id: row for row in [*participants(change.ticket), *change.participants] if row.role != "follower"
    }
    return [row for row in rows.values() if not row.pending and row.person.is_active]


@dataclass(frozen=True)
class Envelope:
    """One mail to be: to whom, of which kind, in answer to which Message-IDs (oldest first), in which words.

    `plain`: neither subject nor name, which may be a stranger's words.
    """

    person: Person
    kind: str
    thread: list[str]
    wording: str
    values: Values
    plain: bool = False


def _add(letters: Letters, change: Change, envelope: Envelope) -> None:
    ticket, person = change.ticket, envelope.person
    entry_id = change.reply.pk if change.reply else None
    house = vendor()
    message_id = compose.new_message_id(ticket.number, entry_id or 0, addresses().reply_domain)
    token = tokens.make("reply", ticket.number, person.pk, token_keys())
    reply_to = f"{token}@{addresses().reply_domain}"
    subject = ("" if envelope.plain else ticket.subject) or _("Your request")
    link = house.portal_address + _page(change, person)
    mark = house.settings.get("mail", {}).get("reply_mark", False) and envelope.kind in _ANSWERED
    values = {**every_value(ticket, link), **envelope.values}
    text, html = words(envelope.wording, values, subject, REPLY_MARKS[0] if mark else "")
    letters.deliveries.append(
        Delivery(
            person=person,
            address=address_for(change, person),
            kind=envelope.kind,
            ticket_id=ticket.pk,
            entry_id=entry_id,
            message_id=message_id,
            subject=compose.tagged_subject(subject, ticket.number, first=_is_first(change)),
            text=text,
            html=html,
            headers={
                "from_name": _from_name(envelope, change, house),
                "from": house.support_address,
                "reply_to": reply_to,
                "thread": envelope.thread,
                "topic": "" if envelope.plain else ticket.subject,
                **({"to_name": ""} if envelope.plain else {}),
            },
            # A bounce of what no person wrote must not come back (E-91); that of a reply names its person by the token.
            envelope_from="" if envelope.kind in AUTOMATIC else reply_to,
            created_at=change.at,
        )
    )
    letters.refs.append(
        remember(message_id, ours=True, ticket_id=ticket.pk, at=change.at, entry_id=entry_id, person_id=person.pk)
    )


def _is_first(change: Change) -> bool:
    """Whether we write before anybody has: a request that staff opened."""
    return change.is_new and change.reply is not None and change.reply.from_staff


def _page(change: Change, person: Person) -> str:
    """Where the mail leads: to the request as this person. Staff log in first, with the second step that they may owe,
    and everybody does if the policy says so."""
    if person.is_staff or vendor().settings.get("mail_links", "read") == "log_in":
        return f"/requests/{change.ticket.number}"
    return f"/r/{reading(change.ticket.pk, person.pk, change.at)}"


def _from_name(envelope: Envelope, change: Change, house: Vendor) -> str:
    if envelope.kind in {"ack", "ladder"} or change.reply is None:
        return _("%(vendor)s support") % {"vendor": house.name}
    return f"{_author(change.reply)} ({house.name})"


def _author(reply: Reply) -> str:
    """The name; of who borrowed somebody else's, the address (E-23)."""
    return reply.author.email if "name_spoof" in reply.flags else reply.author.label


def every_value(ticket: Ticket, link: str) -> dict[str, Value]:
    """What each text about a request may name."""
    return {
        "vendor": Value(vendor().name),
        "number": Value(str(ticket.number)),
        "subject": Value(ticket.subject or _("(no subject)")),
        "link": Value(link),
    }


def ack_values(ticket: Ticket, person: Person, confirm: str) -> dict[str, Value]:
    """`confirm`: the page where its owner confirms the address, "" where it is known who wrote."""
    waits = ticket.stated_severity not in {"", ticket.severity}
    question = _("Was it you? Please confirm it on this page:")
    if waits:
        question = _("Was it you? Confirm it on this page, and it counts as %(severity)s at once:")
    return {
        "greeting": greeting(person.name),
        "promise": Value(_promise(ticket, person)),
        "question": Value(question % {"severity": ticket.stated_severity}),
        "confirm": Value(confirm),
    }


def _promise(ticket: Ticket, person: Person) -> str:
    if ticket.due_at is None:
        return ""
    theirs = zone(person.zone, ticket.organization.zone if ticket.organization else "", vendor().zone)
    due = timezone.localtime(ticket.due_at, theirs)
    text = _("A person will answer by %(due)s (%(zone)s), which is our promise for severity %(severity)s.")
    return text % {"due": f"{due:%-d %B %Y, %H:%M}", "zone": due.tzname(), "severity": ticket.severity}


def _confirm_page(ticket: Ticket) -> str:
    return f"{vendor().portal_address}/requests/confirm/{confirmation(ticket.pk)}"


def unconfirmed(ticket: Ticket) -> bool:
    """Anybody may have typed the requester's address."""
    return ticket.channel in {"form", "widget"} and ticket.unverified


def _others(person: Person, people: list[Person]) -> list[str]:
    return [other.label for other in people if other.pk != person.pk]


Link = tuple[str, int, str]


def reply_values(
    reply: Reply, files: Sequence[Attachment], ticket: Ticket, others: Sequence[str], links: Sequence[Link] = ()
) -> dict[str, Value]:
    """Of one public reply; `others`: who else is on the request, by name; `links`: to files too large for a mail."""
    author = _author(reply)
    if reply.from_staff:
        author = _("%(author)s, %(vendor)s support") % {"author": author, "vendor": vendor().name}
    shown = [] if _too_large(files) else [row for row in files if row.inline]
    solved = _("We consider this solved. Answer this mail and it is open again.")
    return {
        "message": Value(reply.new_text, for_mail(reply.html, {row.position: _cid(row) for row in shown})),
        "author": Value(author),
        "files": _linked(links),
        "solved": Value(solved if ticket.status == "solved" else ""),
        "others": Value(", ".join(others)),
    }


def _linked(links: Sequence[Link]) -> Value:
    if not links:
        return Value()
    said = _("The files of this answer are too large for a mail. These links are yours, and good for seven days:")
    text = "\n".join([said, "", *(f"{name} ({in_words(size)})\n{href}\n" for name, size, href in links)])
    return Value(text.rstrip("\n"), from_text(text))


def _too_large(rows: Sequence[Attachment]) -> bool:
    return sum(row.file.size for row in rows) > MAILED_BYTES


def _file_links(change: Change, person: Person) -> list[Link]:
    """Name, bytes and address of each file: signed for this person and good for seven days, and access is asked again
    when it is opened (E-92). Where links show nothing without logging in, so do these."""
    number_files(change)
    page = vendor().portal_address + _page(change, person)
    return [(row.name, row.file.size, f"{page}/files/{row.pk}") for row in change.attachments]


def finished(delivery: Delivery) -> bytes:
    """The message as it leaves: the same Message-ID on every try."""
    headers = delivery.headers
    return compose.compose(
        compose.Outgoing(
            message_id=delivery.message_id,
            from_name=headers["from_name"],
            from_address=headers["from"],
            to=delivery.address,
            to_name=headers.get("to_name", delivery.person.name),
            reply_to=headers["reply_to"],
            subject=delivery.subject,
            text=delivery.text,
            html=delivery.html,
            references=tuple(headers["thread"]),
            date=delivery.created_at,
            instance=instance_id(),
            auto=AUTOMATIC.get(delivery.kind, ""),
            topic=headers.get("topic", ""),
            unsubscribe=headers.get("unsubscribe", ""),
            attachments=tuple(_files(delivery)),
        )
    )


def _files(delivery: Delivery) -> list[compose.File]:
    if delivery.kind != "reply" or delivery.entry_id is None:
        return []
    rows = list(Attachment.objects.filter(reply=delivery.entry_id, file__infected="").select_related("file"))
    if _too_large(rows):
        return []
    return [
        compose.File(
            row.name, row.content_type, path_of(row.file.sha256).read_bytes(), cid=_cid(row) if row.inline else ""
        )
        for row in rows
    ]


def _cid(row: Attachment) -> str:
    """By which the words of our mail name the picture: the same when they are written and when it is sent."""
    return f"{row.position}.{row.file.sha256[:24]}@files.answerable.invalid"
