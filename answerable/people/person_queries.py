"""People for those who look after them."""

from answerable.lib.errors import Refused
from answerable.people.models import Person


def person(pk: int) -> Person:
    """The person with this id. Raises Refused."""
    row = Person.objects.filter(pk=pk).first()
    if row is None:
        raise Refused("not_found", "There is no such person.")
    return row
