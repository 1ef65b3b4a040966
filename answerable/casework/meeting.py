"""Two people at one request: a reply is stopped where its author has not seen what came meanwhile, a change where the
field is not as they saw it. Asked under the ticket's lock, so that nothing slips in between.
"""

from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.tickets.actions import Change
from answerable.tickets.history import sentence
from answerable.tickets.models import Event

# The codes of what is refused until somebody says so once more.
MET, MOVED = "met", "moved"
# What moves each field.
STATUS = ("pause", "resume", "resolve", "reopen", "customer_message", "agent_reply", "closed")
ASSIGNED = ("assigned",)
SEVERITY = ("severity", "severity_stated")


def unmoved(change: Change, person: Person, fields: tuple[str, ...], *values: str | None) -> None:
    """`values`: as their page had the field (None: it does not say), as it is, and as they want it. Raises Refused
    where somebody else moved it meanwhile to something else."""
    was, now_is, to = values
    if was is None or now_is in {was, to}:
        return
    last = Event.objects.filter(ticket=change.ticket, kind__in=fields).order_by("-occurred_at", "-id").first()
    if last is not None and (last.actor_kind, last.actor_id) == ("staff", person.pk):
        return
    said = sentence(last.kind, last.data, last.actor_label, staff=True) if last else ""
    if not said and last is not None:
        said = _("%(who)s wrote") % {"who": last.actor_label}
    raise Refused(MOVED, said or _("Somebody changed it"), at=last.occurred_at.isoformat() if last else "")
