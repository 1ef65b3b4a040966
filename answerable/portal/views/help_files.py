"""Pictures and attachments of articles: for whoever may read the article, and for nobody else."""

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from answerable.knowledge.access import reader_of
from answerable.knowledge.file_queries import file_for, path_of
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.people.models import Person
from answerable.ui.files import hand_out


@require_safe
@anyone
def show(request: HttpRequest, pk: int, file: int, called: str) -> HttpResponseBase:
    """A file of the article; its name in the address is for people, the number counts."""
    person = request.user if isinstance(request.user, Person) else None
    row = file_for(reader_of(person), pk, file)
    if row is None:
        raise Refused("not_found", _("There is no such file."))
    return hand_out(request, path_of(row.sha256), row.name, "")
