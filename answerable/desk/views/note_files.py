"""Files of notes: for who may read the note, and for nobody else."""

from django.http import HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.desk.views.ticket import find
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import PersonRequest, staff_only
from answerable.tickets.files import path_of
from answerable.tickets.notes import find_file
from answerable.ui.files import hand_out


@require_safe
@staff_only
def show(request: PersonRequest, number: int, pk: int) -> HttpResponseBase:
    """A file of a note of this request."""
    ticket, _standing = find(request.user, number, clock.now())
    row = find_file(ticket.pk, pk)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    return hand_out(request, path_of(row.file.sha256), row.name, row.file.infected)
