"""Two people who decide on one message at the same moment: one of them is told that it was decided."""

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from django.db import connection

from answerable.casework import quarantine_actions as quarantine
from answerable.casework.mail_check import check
from answerable.casework.tests.test_reception import SUPPORT, arrives
from answerable.lib.errors import Refused
from answerable.mail.models import RawMail
from answerable.people.models import Person
from answerable.tickets.models import Ticket
from tests.cast import NOW, assemble, inbox
from tests.running import mail

Verb = Callable[[Person, int, datetime], RawMail]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
def test_a_message_is_released_once() -> None:
    cast = assemble()
    inbox(known_contacts_only=True)
    row = arrives(mail("m@elsewhere.test", "Hello", "x", SUPPORT))
    together, ended = threading.Barrier(3), list[str]()

    def decide(verb: Verb) -> None:
        together.wait()
        try:
            verb(cast.admin, row.pk, NOW + timedelta(hours=1))
            ended.append("done")
        except Refused as refused:
            ended.append(refused.code)
        finally:
            connection.close()

    verbs: list[Verb] = [quarantine.release, quarantine.release, quarantine.discard]
    threads = [threading.Thread(target=decide, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(ended) == ["conflict", "conflict", "done"]
    released = RawMail.objects.get().outcome == "new"
    assert Ticket.objects.count() == int(released)
    assert check(NOW + timedelta(hours=2)) == []
