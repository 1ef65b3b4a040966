"""Staff begin to look with a customer's eyes, and stop: each is on the trail, with who, whose and when."""

from datetime import datetime

from django.contrib.sessions.backends.base import SessionBase
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.errors import Refused
from answerable.people.access import may_see_as
from answerable.people.models import Person, Role
from answerable.people.queries import actor_of
from answerable.people.seeing_queries import BEGIN, END, KEY, LONGEST, begun_at


def see_as(by: Person, person: Person, session: SessionBase, now: datetime) -> None:
    """Begin, or begin anew, in this browser. Raises Refused unless this is a customer who sees something."""
    if person.role != Role.CUSTOMER:
        raise Refused("not_a_customer", _("You can see what customers see, not what your colleagues do."))
    if not may_see_as(by, person):
        raise Refused("sees_nothing", _("%(name)s sees nothing: this account is suspended.") % {"name": person.label})
    stop_seeing(by, person.pk, session, now)
    since = int(now.timestamp())
    others = {pk: at for pk, at in session.get(KEY, {}).items() if at > since - LONGEST.total_seconds()}
    session[KEY] = others | {str(person.pk): since}
    record(actor_of(by), BEGIN, ("person", person.pk), now)


def stop_seeing(by: Person, person_id: int, session: SessionBase, now: datetime) -> None:
    """Over; twice is once. What had ended by itself leaves no second end on the trail."""
    begun = begun_at(session, person_id)
    if begun is None:
        return
    session[KEY] = {pk: at for pk, at in session[KEY].items() if pk != str(person_id)}
    if now < begun + LONGEST:
        record(actor_of(by), END, ("person", person_id), now, begun=begun.isoformat())


def stop_all(by: Person, session: SessionBase, now: datetime) -> None:
    """At a sign-out: everybody's."""
    for pk in list(session.get(KEY, {})):
        stop_seeing(by, int(pk), session, now)
