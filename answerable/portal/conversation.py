"""The public conversation with the portal's addresses."""

from answerable.lib.addresses import url
from answerable.tickets import conversation as public
from answerable.tickets.conversation import Address, Item
from answerable.tickets.models import Ticket


def conversation(
    ticket: Ticket, *, insider: bool, file_url: Address | None = None, sheet_url: Address | None = None
) -> list[Item]:
    """As `tickets.conversation`; the addresses are those of its own page, unless others are given."""
    return public.conversation(
        ticket,
        insider=insider,
        file_url=file_url or (lambda pk: url("portal:file", number=ticket.number, pk=pk)),
        sheet_url=sheet_url or (lambda pk: url("portal:sheet", number=ticket.number, pk=pk)),
    )
