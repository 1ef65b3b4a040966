"""An address that was typed into the public form: nothing is learned by typing it, and its owner alone confirms it."""

import re
from collections.abc import Callable
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.conf import LazySettings
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework.links import confirmation
from answerable.lib import clock
from answerable.people.actions import contact
from answerable.people.models import Organization, Person
from answerable.people.person_actions import suspend
from answerable.portal.tests.filled import filled
from answerable.sla.actions import TermsSpec, apply_terms
from answerable.sla.models import Terms
from answerable.tickets.models import Event, Ticket
from tests.cast import NOW, Cast, a_ticket

Mails = Callable[[], list[EmailMessage]]


@pytest.fixture
def mails(settings: LazySettings, run_jobs: Callable[[], int]) -> Mails:
    """The mails that have left, the newest last."""

    def read() -> list[EmailMessage]:
        run_jobs()
        paths = sorted(Path(settings.OUTBOX).glob("*.eml"), key=lambda path: path.stat().st_mtime_ns)
        found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in paths]
        return [one for one in found if isinstance(one, EmailMessage)]

    return read


def words(mail: EmailMessage) -> str:
    """Everything that its reader may see: names, subject, both bodies."""
    parts = [part.get_content() for part in mail.walk() if part.get_content_maintype() == "text"]
    return "\n".join([str(mail["Subject"]), str(mail["To"]), str(mail["From"]), *parts])


def link_in(mail: EmailMessage) -> str:
    found = re.search(r"http://portal\.vendor\.test(/requests/confirm/\S+)", words(mail))
    assert found
    return found[1].rstrip('">')


def send(**more: Any) -> Any:
    answer = Client().post("/requests/new", filled(**more), follow=True)
    assert answer.redirect_chain, answer.content.decode()
    return answer


SPAM = {
    "name": "Win https://evil.test",
    "subject": "Buy https://evil.test now",
    "text": "https://evil.test evil",
    "impact": "evil https://evil.test",
}


@pytest.mark.behaviour("B-146")
def test_the_mail_to_an_address_that_anybody_typed_repeats_nothing(cast: Cast, mails: Mails) -> None:
    for email in ("unknown@elsewhere.test", cast.requester.email):
        send(email=email, **SPAM)
    for mail, ticket in zip(mails(), Ticket.objects.order_by("id"), strict=True):
        said = words(mail)
        assert "evil" not in said
        assert "Elin" not in said
        assert mail["Subject"] == f"Re: Your request [#{ticket.number}]"
        links = set(re.findall(r"https?://[^\s\"<>]+", said))
        assert links == {f"http://portal.vendor.test{link_in(mail)}"}
        assert mail["Auto-Submitted"] == "auto-replied"


def test_who_is_signed_in_gets_their_own_words_back(cast: Cast, mails: Mails) -> None:
    client = Client()
    client.force_login(cast.requester)
    client.post("/requests/new", filled())
    (mail,) = mails()
    assert "It broke" in words(mail)
    assert "Elin Berg" in str(mail["To"])
    assert "/requests/confirm/" not in words(mail)


def premium(cast: Cast, first_response: int | None = 3600) -> None:
    """A faster plan, which the cast's organization has."""
    old = Terms.objects.latest("version")
    plans = {**old.plans, "premium": {"name": "Premium", "severities": {"P2": {"first_response": first_response}}}}
    apply_terms(TermsSpec(old.severities, plans, "P2", "standard"), 2, NOW)
    Organization.objects.filter(pk=cast.org.pk).update(plan="premium")


@pytest.mark.behaviour("B-145")
def test_the_answer_is_the_same_whoever_has_the_address(cast: Cast) -> None:
    premium(cast)
    a_ticket(cast)
    merged = contact("elin@private.test", "Elin at home", NOW)
    Person.objects.filter(pk=merged.pk).update(merged_into=cast.requester, is_active=False)
    gone = contact("gone@norrland.test", "Gone", NOW)
    suspend(cast.admin, gone, "left", NOW)
    addresses = ["nobody@nowhere.test", "new@norrland.test", cast.requester.email, cast.agent.email, merged.email]
    seen = set()
    with time_machine.travel(NOW, tick=False):
        for email in [*addresses, gone.email]:
            answer = send(email=email)
            number = Ticket.objects.latest("id").number
            page = answer.content.decode()
            assert f"#{number}" in page
            assert "norrland" not in page.lower()
            seen.add(page.replace(str(number), "N"))
    assert len(seen) == 1


def test_the_time_on_the_page_is_kept_on_every_plan(cast: Cast) -> None:
    """It depends on nothing but the severity, so it tells nobody what an organization has bought."""
    premium(cast)
    with time_machine.travel(NOW, tick=False):
        pages = [send(email=email).content.decode() for email in ("new@norrland.test", "new@nowhere.test")]
    faster, slower = [ticket.due_at for ticket in Ticket.objects.order_by("id")]
    assert faster is not None
    assert slower is not None
    assert (faster, slower) == (NOW + timedelta(hours=1), NOW + timedelta(hours=8))
    assert [re.findall(r'datetime="([^"]+)"', page) for page in pages] == [[slower.isoformat()]] * 2


def test_where_some_plan_promises_nothing_the_page_names_no_time(cast: Cast) -> None:
    premium(cast, None)
    for email in ("new@norrland.test", "new@nowhere.test"):
        assert "<time" not in send(email=email).content.decode()


def test_a_stranger_names_nobody(cast: Cast) -> None:
    Person.objects.filter(pk=cast.requester.pk).update(name="")
    send(email=cast.requester.email, name="Mallory")
    cast.requester.refresh_from_db()
    assert cast.requester.name == ""
    send(email="new@nowhere.test", name="New Person")
    assert Person.objects.get(email="new@nowhere.test").name == "New Person"


@pytest.mark.behaviour("B-28")
def test_a_strangers_p0_counts_once_its_mail_is_confirmed(cast: Cast, mails: Mails) -> None:
    assert "It counts as P0 from then on." in send(severity="P0", impact="all is down").content.decode()
    assert (Ticket.objects.get().severity, Ticket.objects.get().stated_severity) == ("P2", "P0")
    link = link_in(mails()[0])
    page = Client().get(link)
    assert page.status_code == 200
    assert "It counts as P0 from that moment." in page.content.decode()
    assert Ticket.objects.get().severity == "P2"
    assert "counts as P0" in Client().post(link).content.decode()
    assert (Ticket.objects.get().severity, Ticket.objects.get().unverified) == ("P0", False)


@pytest.mark.behaviour("B-147")
def test_whoever_reads_the_mail_confirms_the_request_with_a_button(cast: Cast, mails: Mails) -> None:
    send(email="new@norrland.test", **SPAM)
    ticket = Ticket.objects.get()
    link = link_in(mails()[0])
    assert not may_see(cast.reader, ticket)
    for method in ("get", "head"):
        page = getattr(Client(), method)(link)
        assert page.status_code == 200
        assert "evil" not in page.content.decode()
    ticket.refresh_from_db()
    assert ticket.unverified
    page = Client().post(link)
    assert "evil" not in page.content.decode()
    ticket.refresh_from_db()
    assert not ticket.unverified
    assert may_see(cast.reader, ticket)
    kinds = list(Event.objects.filter(ticket=ticket).order_by("id").values_list("kind", flat=True))
    assert kinds[-1] == "confirmed"
    # Once is enough: pressed again, nothing happens.
    assert Client().post(link).status_code == 200
    assert Event.objects.filter(ticket=ticket).count() == len(kinds)
    assert len(mails()) == 1


def may_see(person: Person, ticket: Ticket) -> bool:
    client = Client()
    client.force_login(person)
    return client.get(f"/requests/{ticket.number}").status_code == 200


def test_an_address_that_no_organization_has_is_confirmed_too(cast: Cast, mails: Mails) -> None:
    send(email="ann@nowhere.test")
    assert Ticket.objects.get().unverified
    Client().post(link_in(mails()[0]))
    assert not Ticket.objects.get().unverified


def test_what_staff_determined_stays(cast: Cast, mails: Mails) -> None:
    send(severity="P0")
    ticket = Ticket.objects.get()
    casework.determine_severity(cast.agent, ticket.pk, "P3", "a question", ticket.created_at)
    page = Client().post(link_in(mails()[0])).content.decode()
    ticket.refresh_from_db()
    assert (ticket.severity, ticket.unverified) == ("P3", False)
    assert "counts as" not in page


@pytest.mark.parametrize("token", ["", "forged", "1:abc:def"])
def test_a_link_that_is_none_of_ours_opens_nothing(cast: Cast, token: str) -> None:
    assert Client().get(f"/requests/confirm/{token}").status_code == 404
    assert Client().post(f"/requests/confirm/{token}").status_code == 404


def test_a_link_is_good_for_a_week(cast: Cast) -> None:
    send()
    link = f"/requests/confirm/{confirmation(Ticket.objects.get().pk)}"
    for days, status in ((6, 200), (8, 404)):
        with time_machine.travel(clock.now() + timedelta(days=days)):
            assert Client().get(link).status_code == status
    assert Ticket.objects.get().unverified


def test_who_was_shut_out_confirms_nothing(cast: Cast) -> None:
    send(severity="P0", email="gone@norrland.test")
    ticket = Ticket.objects.get()
    suspend(cast.admin, ticket.requester, "left", NOW)
    assert Client().post(f"/requests/confirm/{confirmation(ticket.pk)}").status_code == 404
    assert Ticket.objects.get().severity == "P2"


def test_a_receipt_says_no_more_to_whoever_has_it(cast: Cast) -> None:
    answer = send(email=cast.requester.email, **SPAM)
    client = Client()
    client.force_login(cast.requester)
    for one in (Client(), client):
        page = one.get(answer.redirect_chain[0][0]).content.decode()
        assert "evil" not in page
        assert cast.requester.email not in page.split("<main")[1]
