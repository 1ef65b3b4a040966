"""Who asked for help is asked how it was: when, whom and how often as the policy says, and never by a followed link."""

import re
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import removal_actions
from answerable.casework.csat_actions import ask, due, find_rating, rate
from answerable.casework.redact_actions import Order, redact
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery, Notice
from answerable.people.models import MailStop, Vendor
from answerable.tickets.actions import IMPORT
from answerable.tickets.models import Event, Reply, Ticket
from answerable.tickets.queries import history
from answerable.tickets.rating import Rating
from tests.cast import NOW, Cast, a_ticket, assemble, says

DAY = timedelta(days=1)
SOLVED = NOW + timedelta(hours=1)
ASKED = SOLVED + DAY


def the_policy(**more: Any) -> None:
    """Asked a day after."""
    vendor = Vendor.objects.get()
    Vendor.objects.update(settings=vendor.settings | {"csat": {"ask": True, **more}})
    forget_all()


def solved(cast: Cast, at: datetime = SOLVED, **more: Any) -> Ticket:
    """A request that the agent answered and solved."""
    ticket = a_ticket(cast, at - timedelta(minutes=30), **more)
    casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, at)
    casework.add_reply(cast.agent, ticket.pk, says("It works again."), at)
    casework.set_status(cast.agent, ticket.pk, "solved", at)
    return Ticket.objects.get(pk=ticket.pk)


def ask_due(now: datetime) -> int:
    """As the task does it."""
    found = due(now)
    for ticket_id in found:
        ask(ticket_id, now)
    return len(found)


def mails() -> list[Delivery]:
    return list(Delivery.objects.filter(kind="csat").order_by("pk"))


def link_of(mail: Delivery, choice: str) -> str:
    found = re.search(rf"/rate/(\S+)\?as={choice}", mail.text)
    assert found
    return found[1]


@pytest.mark.behaviour("B-317")
def test_a_requester_is_asked_once_a_day_after_it_was_solved(cast: Cast) -> None:
    the_policy()
    ticket = solved(cast)
    assert ask_due(ASKED - timedelta(minutes=1)) == 0
    assert ask_due(ASKED) == 1
    assert ask_due(ASKED + timedelta(minutes=1)) == 0
    [mail] = mails()
    assert (mail.person, mail.envelope_from) == (cast.requester, "")
    assert f"your request {ticket.number} is solved" in mail.text
    row = Rating.objects.get()
    assert (row.agent, row.team, row.organization, row.skipped) == (cast.agent, cast.cloud, cast.org, "")
    assert "Elin Berg was asked how our help was" in [one.text for one in history(ticket, staff=True)]
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"
    # Another one within thirty days: they were asked lately. After that they are asked again.
    solved(cast, ASKED)
    ask_due(ASKED + DAY)
    solved(cast, ASKED + 31 * DAY)
    ask_due(ASKED + 32 * DAY)
    assert [one.skipped for one in Rating.objects.order_by("pk")] == ["", "asked_lately", ""]
    assert len(mails()) == 2


Prepare = Callable[[Cast, Ticket], object]


def _deleted(cast: Cast, ticket: Ticket) -> object:
    return removal_actions.soft_delete(cast.lead, ticket.pk, SOLVED)


def _spam(cast: Cast, ticket: Ticket) -> object:
    return removal_actions.mark_spam(cast.agent, ticket.pk, SOLVED)


def _reopened(cast: Cast, ticket: Ticket) -> object:
    return casework.add_reply(cast.requester, ticket.pk, says("No, it does not."), SOLVED + timedelta(hours=2))


def _unverified(cast: Cast, ticket: Ticket) -> object:
    return Ticket.objects.filter(pk=ticket.pk).update(unverified=True)


def _imported(cast: Cast, ticket: Ticket) -> object:
    return Ticket.objects.filter(pk=ticket.pk).update(channel=IMPORT)


def _stopped(cast: Cast, ticket: Ticket) -> object:
    return MailStop.objects.create(
        person=cast.requester, address=cast.requester.email, kind="complained", since=NOW, why="spam"
    )


def _of_nobody(cast: Cast, ticket: Ticket) -> object:
    type(cast.requester).objects.filter(pk=cast.requester.pk).update(is_active=False)
    return None


def _automatic(cast: Cast, ticket: Ticket) -> object:
    return ticket_replies(ticket, automatic=True)


def ticket_replies(ticket: Ticket, **more: Any) -> int:
    from_them = Event.objects.filter(ticket=ticket, kind="customer_message").values_list("data__reply", flat=True)
    return Reply.objects.filter(pk__in=list(from_them)).update(**more)


@pytest.mark.behaviour("B-318")
@pytest.mark.parametrize(
    "prepare", [_deleted, _spam, _reopened, _unverified, _imported, _stopped, _of_nobody, _automatic]
)
def test_nobody_is_asked_where_there_is_nothing_to_ask(cast: Cast, prepare: Prepare) -> None:
    the_policy()
    ticket = solved(cast)
    prepare(cast, ticket)
    ask_due(ASKED + timedelta(hours=3))
    assert mails() == []
    assert not Rating.objects.filter(skipped="").exists()


@pytest.mark.parametrize(
    "more", [{"exempt_channels": ["portal"]}, {"exempt_organizations": ["norrland"]}, {"ask": False}]
)
def test_the_policy_exempts_channels_and_organizations(cast: Cast, more: dict[str, Any]) -> None:
    the_policy(**more)
    solved(cast)
    ask_due(ASKED)
    assert mails() == []


@pytest.mark.behaviour("B-319")
def test_a_followed_link_rates_nothing_and_one_button_does(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    the_policy()
    ticket = solved(cast)
    ask_due(ASKED)
    token = link_of(mails()[0], "bad")
    monkeypatch.setattr(clock, "now", lambda: ASKED + timedelta(hours=1))
    reader = Client()
    for choice in ("good", "bad", "nonsense", ""):
        page = reader.get(f"/rate/{token}?as={choice}")
        assert (page.status_code, reader.head(f"/rate/{token}?as={choice}").status_code) == (200, 200)
        # Under "no-referrer" a browser posts from origin "null", which is refused.
        assert page.headers["Referrer-Policy"] == "same-origin"
    assert b'value="bad" required checked' in reader.get(f"/rate/{token}?as=bad").content
    assert Rating.objects.get().score == ""

    done = reader.post(f"/rate/{token}?as=bad", {"score": "bad", "comment": "Two days for one line."})
    assert b"You said that it was not good" in done.content
    row = Rating.objects.get()
    assert (row.score, row.comment, row.rated_at) == ("bad", "Two days for one line.", ASKED + timedelta(hours=1))
    notice = Notice.objects.get(kind="rated")
    assert (notice.person, notice.data["who"]) == (cast.agent, "Elin Berg")
    reader.post(f"/rate/{token}", {"score": "bad", "comment": "Two days for one line."})
    assert Event.objects.filter(ticket=ticket, kind="csat_rated").count() == 1

    reader.post(f"/rate/{token}", {"score": "good", "comment": ""})
    assert Rating.objects.get().score == "good"
    told = [one.text for one in history(ticket, staff=True)]
    assert "Elin Berg says that our help was not good" in told
    assert "Elin Berg says that our help was good" in told
    assert not any("our help" in one.text for one in history(ticket, staff=False))
    assert Ticket.objects.get(pk=ticket.pk).status == "solved"

    monkeypatch.setattr(clock, "now", lambda: ASKED + 8 * DAY)
    assert reader.post(f"/rate/{token}", {"score": "bad"}).status_code == 422
    assert Rating.objects.get().score == "good"


def test_a_link_is_good_for_a_month_and_no_other_opens(cast: Cast) -> None:
    the_policy()
    ticket = solved(cast)
    ask_due(ASKED)
    token = link_of(mails()[0], "good")
    for wrong, at in ((f"{token}x", ASKED), ("forged", ASKED), (token, ASKED + 31 * DAY)):
        with pytest.raises(Refused):
            find_rating(wrong, at)
    with pytest.raises(Refused):
        rate(token, "splendid", "", ASKED)
    removal_actions.soft_delete(cast.lead, ticket.pk, ASKED)
    with pytest.raises(Refused):
        rate(token, "good", "", ASKED)


def test_a_secret_in_what_they_wrote_can_be_removed(cast: Cast) -> None:
    the_policy()
    ticket = solved(cast)
    ask_due(ASKED)
    rate(link_of(mails()[0], "good"), "good", "my password is swordfish", ASKED)
    redact(cast.agent, ticket.pk, Order("a password", "swordfish"), ASKED)
    assert Rating.objects.get().comment.startswith("my password is [removed by staff, ")


def test_a_link_takes_so_many_answers_an_hour(cast: Cast) -> None:
    the_policy()
    solved(cast)
    ask_due(ASKED)
    token = link_of(mails()[0], "good")
    for number in range(20):
        rate(token, "good", f"and {number}", ASKED)
    with pytest.raises(Refused) as caught:
        rate(token, "bad", "and another", ASKED)
    assert caught.value.code == "too_many"
    assert Event.objects.filter(kind="csat_rated").count() == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
def test_two_workers_at_once_ask_one_person_once() -> None:
    cast = assemble()
    the_policy()
    first, second = solved(cast), solved(cast)

    def other() -> None:
        try:
            ask(second.pk, ASKED)
        finally:
            connection.close()

    worker = threading.Thread(target=other)
    with transaction.atomic():
        ask(first.pk, ASKED)
        worker.start()
        worker.join(0.3)
    worker.join(20)
    assert dict(Rating.objects.values_list("ticket", "skipped")) == {first.pk: "", second.pk: "asked_lately"}
    assert len(mails()) == 1
