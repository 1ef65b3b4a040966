"""Which entries of a ticket can be moved to another: those that came as mails of customers, whole."""

from answerable.tickets.models import Reply, Ticket


def movable(ticket: Ticket, pk: int) -> Reply | None:
    """The entry with its author; None where it did not come by mail, or is not on this ticket."""
    rows = Reply.objects.filter(ticket=ticket, pk=pk, from_staff=False, raw_id__isnull=False)
    return rows.select_related("author").first()
