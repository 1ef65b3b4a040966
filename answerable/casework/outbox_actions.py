"""The verb for a mail that did not arrive: send it again."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.casework.actions import begin
from answerable.casework.later import DELIVER_PRIORITY, deliver
from answerable.casework.settle import settle
from answerable.lib.errors import Refused
from answerable.lib.jobs import defer
from answerable.notify import actions as notify
from answerable.notify.queries import delivery as find
from answerable.people.access import administers
from answerable.people.models import Person
from answerable.people.queries import actor_of
from answerable.tickets import access


def send_again(by: Person, delivery_id: int, now: datetime) -> None:
    """Queue a mail that failed or came back, under the same Message-ID: who got it after all sees it once.

    On a closed request too. One that waits or has left meanwhile is left alone.
    """
    found = find(delivery_id)
    if found is None:
        raise Refused("not_found", _("There is no such mail."))
    if found.kind == "account":
        raise Refused("personal_link", _("It held a personal link, which is gone. Let them ask for another one."))
    with transaction.atomic():
        change = None
        if found.ticket_id is None:
            access.require(administers(by))
        else:
            change, standing = begin(by, found.ticket_id, now, closed_too=True)
            access.require(access.may_work(standing))
        if not notify.send_again(notify.lock(delivery_id)):
            return
        if change is None:
            record(actor_of(by), "send_again", ("delivery", delivery_id), now)
        else:
            change.event("sent_again", address=found.address, entry=found.entry_id)
            settle(change, "send_again")
        defer(deliver, {"delivery_id": delivery_id}, priority=DELIVER_PRIORITY)
