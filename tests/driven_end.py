"""What a driven installation does: the rooms' own functions, on its own database, as lines of JSON say."""

import base64
import json
import sys
from collections.abc import Callable
from typing import Any

from asgiref.sync import async_to_sync
from django.conf import settings

from answerable.casework import actions as casework
from answerable.casework.inbound import Envelope, process_inbound
from answerable.casework.letters import finished
from answerable.casework.work import deliver
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.lib import clock
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.notify.channel_actions import add_channel
from answerable.notify.models import Delivery
from answerable.ops.jobs import retry_stalled
from answerable.people.actions import VendorSpec, apply_vendor
from answerable.people.queries import vendor
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket, assemble, says


class End:
    """The methods are the orders; each answers with JSON."""

    def __init__(self, domain: str) -> None:
        settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
        self.cast: Cast = assemble()
        support = f"support@{domain}"
        apply_vendor(VendorSpec("Acme", "Acme", support, f"http://{domain}", "UTC", {}), 1)
        apply_inboxes([InboxSpec(key="support", address=support)], domain, NOW)

    def take(self, raw: str, path: str) -> str:
        """A message comes in; its kind."""
        return process_inbound(base64.b64decode(raw), vendor().support_address, Envelope(path), clock.now()).kind

    def send(self) -> list[tuple[str, str, str]]:
        """All that waits leaves."""
        rows = list(Delivery.objects.filter(state="queued").order_by("id"))
        for row in rows:
            deliver(row.pk, clock.now())
        return [(row.envelope_from, row.address, base64.b64encode(finished(row)).decode()) for row in rows]

    def answer(self, text: str) -> int:
        """An agent answers the latest request."""
        ticket = Ticket.objects.latest("id")
        return casework.add_reply(self.cast.agent, ticket.pk, says(text, "desk"), clock.now()).pk

    def open_and_answer(self) -> int:
        """A request with two people on it, and an answer: three mails wait, each with its job."""
        a_ticket(self.cast, clock.now())
        return self.answer("We look.")

    def alarms(self, count: int, webhook: str) -> None:
        """So many P0s, whose team's agent is paged by mail and by a webhook at once."""
        add_channel(self.cast.agent, "webhook", "bridge", webhook, NOW)
        plan = Plan((Step((self.cast.agent.email,), 86_400),), 86_400)
        apply_paging([PagingSpec("night", plan, ("cloud",))], NOW)
        for _ in range(count):
            a_ticket(self.cast, clock.now(), severity="P0")
        Delivery.objects.update(state="suppressed")

    def put_back(self) -> None:
        """What a periodic job does when a worker has been silent."""
        async_to_sync(retry_stalled.func)(timestamp=0)


def serve(domain: str) -> None:
    """Until there are no more orders."""
    end = End(domain)
    for line in sys.stdin:
        order: dict[str, Any] = json.loads(line)
        act: Callable[..., object] = getattr(end, order.pop("do"))
        sys.stdout.write(json.dumps(act(**order)) + "\n")
        sys.stdout.flush()
