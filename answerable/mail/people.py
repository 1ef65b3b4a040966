"""Who wrote a message and to whom, as far as its header says (email contract E-21 to E-24). Claims, not proofs."""

from collections.abc import Iterable
from dataclasses import dataclass

from answerable.mail import addresses, headers
from answerable.mail.addresses import Mailbox
from answerable.mail.fields import Fields
from answerable.mail.limits import Limits

_DELIVERY_FIELDS = ("delivered-to", "x-original-to", "envelope-to")


@dataclass(frozen=True)
class People:
    """The fields of `Incoming` that name people, and flags about them."""

    sender: str
    sender_name: str
    reply_to: tuple[str, ...]
    to: tuple[str, ...]
    cc: tuple[str, ...]
    recipients: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    original_from: str
    list_addresses: tuple[str, ...]
    flags: tuple[str, ...]


def read(fields: Fields, charset: str, envelope_from: str | None, limits: Limits) -> People:
    """`charset`: of the message's text, for raw 8-bit names. `envelope_from`: None where SMTP did not tell it."""
    flags = []
    authors = addresses.distinct(_mailboxes(fields, "from", charset))
    if len(authors) > 1:
        flags.append("multiple_from")
    sender = authors[0] if authors else _salvaged(fields, charset, envelope_from)
    if _is_spoof(sender):
        flags.append("name_spoof")
    to = addresses.distinct(_mailboxes(fields, "to", charset))
    cc = addresses.distinct(_mailboxes(fields, "cc", charset))
    if len(to) + len(cc) > limits.addresses:
        to = to[: limits.addresses]
        cc = cc[: limits.addresses - len(to)]
        flags.append("truncated")
    delivered = [box for name in _DELIVERY_FIELDS for box in _mailboxes(fields, name, charset)[: limits.addresses]]
    named = addresses.distinct(box for box in (sender, *to, *cc) if box.name)
    return People(
        sender=sender.address,
        sender_name=sender.name,
        reply_to=_addresses(_mailboxes(fields, "reply-to", charset)[: limits.addresses]),
        to=_addresses(to),
        cc=_addresses(cc),
        recipients=_addresses(addresses.distinct([*to, *cc, *delivered])),
        names=tuple((box.address, box.name) for box in named),
        original_from=next(iter(_addresses(_mailboxes(fields, "x-original-from", charset))), ""),
        list_addresses=_list_addresses(fields),
        flags=tuple(flags),
    )


def return_path(fields: Fields, envelope_from: str | None) -> str | None:
    """Where a bounce would go, in lower case: "" for nowhere (`<>`), None where nothing says it."""
    stated = fields.get("return-path")
    header = headers.plain(stated).strip().strip("<>").strip().lower() if stated is not None else None
    if envelope_from is None:
        return header
    envelope = envelope_from.strip().strip("<>").strip().lower()
    return "" if header == "" else envelope


def _mailboxes(fields: Fields, name: str, charset: str) -> list[Mailbox]:
    if name not in fields:
        return []
    return [box for value in fields.all(name) for box in addresses.parse(headers.plain(value, charset))]


def _addresses(mailboxes: Iterable[Mailbox]) -> tuple[str, ...]:
    return tuple(box.address for box in mailboxes)


def _salvaged(fields: Fields, charset: str, envelope_from: str | None) -> Mailbox:
    """The sender of a message whose From holds no proper mailbox (E-21, from its second step on)."""
    for value in fields.all("from"):
        source = headers.plain(value, charset)
        found = addresses.salvage(source) or addresses.salvage(headers.words(source))
        if found:
            return Mailbox("", found)
    for name in ("sender", "reply-to"):
        for box in _mailboxes(fields, name, charset):
            return box
    return Mailbox("", addresses.normal(return_path(fields, envelope_from) or ""))


def _is_spoof(sender: Mailbox) -> bool:
    """The name looks like an address, and like another one (E-23)."""
    return "@" in sender.name and sender.name.strip("<>'\" ").lower() != sender.address


def _list_addresses(fields: Fields) -> tuple[str, ...]:
    """Addresses of mailing lists, which are never people: `List-Post: <mailto:a@b>`, `List-Id: <a.b>`."""
    posts = (addresses.salvage(headers.plain(value).replace("mailto:", " ")) for value in fields.all("list-post"))
    ids = (headers.plain(value).rpartition("<")[2].strip(" >") for value in fields.all("list-id"))
    found = [*posts, *(addresses.normal(one.replace(".", "@", 1)) for one in ids)]
    return tuple(dict.fromkeys(one for one in found if one))
