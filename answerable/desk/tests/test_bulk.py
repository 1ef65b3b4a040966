"""Many requests at once, and a request's history, at the desk."""

import html
import re
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework import field_actions
from answerable.casework.bulk_actions import prepare, start
from answerable.casework.removal_actions import soft_delete
from answerable.casework.sensitive_actions import mark_sensitive
from answerable.casework.snooze_actions import snooze
from answerable.casework.view_actions import delete_view, make_view
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.people.models import Person, Team, Vendor
from answerable.tickets.conditions import Condition
from answerable.tickets.models import Event, Participant, Ticket
from answerable.tickets.runs import BulkRun
from answerable.tickets.viewing import View
from tests.cast import NOW, Cast, a_ticket, says


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def several(cast: Cast, count: int, **more: Any) -> list[Ticket]:
    return [a_ticket(cast, clock.now(), subject=f"Sync stopped {number}", **more) for number in range(count)]


def preview(person: Person, tickets: list[Ticket], **data: str) -> str:
    """The address that it leads to."""
    ticked = {"ticket": [str(ticket.number) for ticket in tickets]}
    answer = as_(person).post(reverse("desk:bulk_prepare"), {**ticked, **data})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.headers["Location"])


@pytest.mark.behaviour("B-267")
def test_from_ticks_to_the_report_and_back(cast: Cast) -> None:
    tickets = several(cast, 3)
    casework.assign(cast.agent, tickets[2].pk, cast.lead, cast.cloud, clock.now())
    page = preview(cast.agent, tickets, verb="assign", assignee=str(cast.lead.pk))
    client = as_(cast.agent)
    shown = client.get(page).content.decode()
    assert "Assign to Priya Nair" in shown
    for words in (
        "2 requests change.",
        "1 stays as it is",
        "It is so already.",
        "No customer gets mail because of it.",
    ):
        assert words in shown
    assert client.post(f"{page}/start").headers["Location"] == page
    client.post(f"{page}/start")
    shown = client.get(page).content.decode()
    assert "2 requests were changed. 1 was left as it was." in shown
    assert Event.objects.filter(kind="assigned").count() == 3
    undo = client.post(f"{page}/undo").headers["Location"]
    assert "Take back: Assign to Priya Nair" in client.get(undo).content.decode()
    client.post(f"{undo}/start")
    assert Ticket.objects.filter(assignee=None).count() == 2
    assert "It was taken back" in client.get(page).content.decode()
    listed = as_(cast.lead).get(reverse("desk:bulk_runs")).content.decode()
    assert listed.index("Take back: Assign to Priya Nair") < listed.rindex("Assign to Priya Nair")


def test_that_customers_may_be_asked_later_is_said_before(cast: Cast) -> None:
    ticket = several(cast, 1)
    asked = "asked by mail later how our help was"
    for status, ask, said in (("solved", False, False), ("solved", True, True), ("pending", True, False)):
        Vendor.objects.update(settings={"csat": {"ask": ask}})
        forget_all()
        page = preview(cast.agent, ticket, verb="status", status=status)
        assert (asked in as_(cast.agent).get(page).content.decode()) == said


def test_all_of_a_view(cast: Cast) -> None:
    tickets = several(cast, 52)
    casework.set_status(cast.agent, tickets[0].pk, "solved", clock.now())
    answer = as_(cast.agent).post(
        reverse("desk:bulk_prepare"), {"verb": "add_tags", "tags": "Outage, eu-north", "all": "yes", "of": "/desk/"}
    )
    run = BulkRun.objects.get()
    assert answer.headers["Location"] == reverse("desk:bulk_run", kwargs={"pk": run.pk})
    assert (run.items.count(), run.args) == (51, {"tags": ["outage", "eu-north"]})


def ids_of_all(person: Person, address: str) -> set[int]:
    """The requests in the preview of "all of this view", whose page has this address."""
    data = {"verb": "spam", "all": "yes", "of": address}
    answer = as_(person).post(reverse("desk:bulk_prepare"), data)
    if answer.status_code == 422:
        return set()
    assert answer.status_code == 302, answer.status_code
    return set(BulkRun.objects.latest("id").items.values_list("ticket", flat=True))


def offered(person: Person, address: str) -> str:
    """The address that the bar on this page sends along."""
    found = re.search(r'name="of" value="([^"]*)"', as_(person).get(address).content.decode())
    assert found
    return html.unescape(found[1])


def test_all_of_a_view_means_the_filter_in_its_address(cast: Cast) -> None:
    tickets = several(cast, 3)
    Ticket.objects.filter(pk__in=[one.pk for one in tickets[:2]]).update(tags=["sync"])
    casework.set_status(cast.agent, tickets[0].pk, "solved", clock.now())
    sync, solved = tickets[1].pk, tickets[0].pk
    untagged = '{"field":"tags","op":"none","values":["sync"]}'
    for address, meant in (
        ("/desk/?f=1&status=new&status=open&tags=sync", {sync}),
        ("/desk/?f=1&tags=sync&order=updated", {sync, solved}),
        ("/desk/views/solved", {solved}),
        ("/desk/views/solved?f=1&tags=sync&status=new&group=team", {sync}),
        ("/desk/?f=1&tags=sync&status=new&panel=1&after=x", {sync}),
        (f"/desk/?f=1&c={quote(untagged)}", {tickets[2].pk}),
    ):
        assert offered(cast.agent, address) == address
        assert ids_of_all(cast.agent, address) == meant, address


def test_all_of_a_kept_view_is_what_it_shows_its_reader(cast: Cast) -> None:
    mine, other, _rest = several(cast, 3)
    Ticket.objects.filter(pk__in=[mine.pk, other.pk]).update(tags=["sync"])
    casework.assign(cast.agent, mine.pk, cast.agent, cast.cloud, clock.now())
    sync, me = Condition("tags", "any", ("sync",)), Condition("assignee", "any", ("me",))
    personal = make_view(cast.agent, View("", "Sync", (sync,), scope="personal"), clock.now())
    shared = make_view(cast.lead, View("", "Mine of sync", (sync, me), scope="shared"), clock.now())
    address = f"/desk/views/{personal.pk}"
    assert ids_of_all(cast.agent, offered(cast.agent, address)) == {mine.pk, other.pk}
    assert ids_of_all(cast.agent, f"{address}?f=1&tags=sync&assignee=nobody") == {other.pk}
    assert ids_of_all(cast.agent, f"/desk/views/{shared.pk}") == {mine.pk}
    assert ids_of_all(cast.lead, f"/desk/views/{shared.pk}") == set()
    Team.objects.filter(key="cloud").update(restricted=True)
    assert ids_of_all(cast.lead, f"/desk/views/{shared.pk}") == set()
    data = {"verb": "spam", "all": "yes", "of": address}
    assert as_(cast.lead).post(reverse("desk:bulk_prepare"), data).status_code == 404, "it is somebody else's"
    delete_view(cast.agent, personal.pk, clock.now())
    assert ids_of_all(cast.agent, address) == set()


def test_all_of_my_open_leaves_what_sleeps_asleep(cast: Cast) -> None:
    awake, asleep = several(cast, 2)
    for ticket in (awake, asleep):
        casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, clock.now())
    snooze(cast.agent, asleep.pk, clock.now() + timedelta(days=1), clock.now())
    assert ids_of_all(cast.agent, offered(cast.agent, "/desk/views/mine")) == {awake.pk}
    assert ids_of_all(cast.agent, "/desk/?f=1&assignee=me") == {awake.pk, asleep.pk}
    assert ids_of_all(cast.agent, "/desk/views/mentions") == set()


@pytest.mark.parametrize(
    "address",
    ["", "x", "//", "/desk/tickets/1", "/desk/search?q=sync", "/desk/wall", "/desk/?f=1&organization=Nowhere",
     "/desk/?f=1&tags=%00", "/desk/?f=1&c=nonsense", "https://elsewhere.test/desk/"],
)  # fmt: skip
def test_an_address_that_shows_no_view_means_no_request(cast: Cast, address: str) -> None:
    several(cast, 1)
    assert ids_of_all(cast.agent, address) == set()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Choose what is to happen to them."),
        ({"verb": "status", "status": "hold"}, "Say what they are on hold for"),
        ({"verb": "severity", "severity": "P1"}, "Say why, in a few words"),
        ({"verb": "add_tags", "tags": " , "}, "Name at least one tag."),
        ({"verb": "status", "status": "closed"}, "Choose a status that can be set."),
        ({"verb": "spam", "ticket": "9999999"}, "Tick the requests to change first."),
    ],
)
def test_what_is_missing_is_said(cast: Cast, data: dict[str, str], words: str) -> None:
    (ticket,) = several(cast, 1)
    answer = as_(cast.agent).post(reverse("desk:bulk_prepare"), {"ticket": str(ticket.number), **data})
    assert answer.status_code == 422
    assert words in answer.content.decode()


@pytest.mark.behaviour("B-268")
def test_a_run_shows_nobody_what_is_not_theirs_to_see(cast: Cast) -> None:
    tickets = [*several(cast, 1, team=cast.product), *several(cast, 1)]
    run = start(cast.lead, prepare(cast.lead, "spam", {}, [one.pk for one in tickets], clock.now()).pk, clock.now())
    mine = prepare(cast.lead, "delete", {}, [tickets[0].pk], clock.now())
    Team.objects.filter(key="cloud").update(restricted=True)
    page = as_(cast.agent).get(reverse("desk:bulk_run", kwargs={"pk": run.pk})).content.decode()
    assert f"#{tickets[1].number}" in page
    assert f"#{tickets[0].number}" not in page
    assert "1 more that is not yours to see" in page
    assert as_(cast.admin).get(reverse("desk:bulk_run", kwargs={"pk": mine.pk})).status_code == 404


def test_the_queue_has_boxes_and_costs_no_more(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    client = as_(cast.agent)
    client.get("/desk/")
    with CaptureQueriesContext(
        connection,
    ) as asked:
        page = client.get("/desk/").content.decode()
    assert f'name="ticket" value="{ticket.number}" form="bulk"' in page
    assert len(asked) <= 8
    assert 'value="delete"' not in page
    assert 'value="delete"' in as_(cast.lead).get("/desk/").content.decode()
    assert 'value="assign"' not in as_(cast.csm).get("/desk/").content.decode()


def history(person: Person, ticket: Ticket) -> str:
    page = as_(person).get(reverse("desk:history", kwargs={"number": ticket.number})).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page))


def press(person: Person, ticket: Ticket, kind: str) -> int:
    event = Event.objects.filter(ticket=ticket, kind=kind).latest("id")
    return as_(person).post(reverse("desk:history_undo", kwargs={"number": ticket.number, "pk": event.pk})).status_code


@pytest.mark.behaviour("B-269")
def test_every_change_can_be_read_and_taken_back(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    now = clock.now()
    casework.assign(cast.agent, ticket.pk, cast.lead, cast.product, now)
    casework.determine_severity(cast.agent, ticket.pk, "P1", "a whole region", now)
    field_actions.set_tags(cast.agent, ticket.pk, ["outage"], now)
    mark_sensitive(cast.agent, ticket.pk, now, sensitive=True)
    casework.set_status(cast.agent, ticket.pk, "solved", now)
    page = history(cast.agent, ticket)
    for words in (
        "Assignee before: – → after: Priya Nair",
        "Team before: Cloud support → after: Product support",
        "Severity before: P2 (provisional) → after: P1",
        "Tags before: – → after: outage",
        "Status before: Open → after: Solved",
        "Tomas Kral",
    ):
        assert words in page
    for kind in ("assigned", "severity", "tags", "sensitive", "resolve"):
        assert press(cast.agent, ticket, kind) == 302, kind
    ticket.refresh_from_db()
    assert (ticket.assignee, ticket.team, ticket.severity, ticket.severity_determined_at) == (
        None,
        cast.cloud,
        "P2",
        None,
    )
    assert (ticket.tags, ticket.sensitive, ticket.status, ticket.solved_at) == ([], False, "open", None)
    page = history(cast.agent, ticket)
    assert "Takes back what Tomas Kral did" in page
    assert "It was undone." in page


def test_what_was_overtaken_is_not_taken_back_and_says_so(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    casework.assign(cast.agent, ticket.pk, cast.lead, cast.cloud, clock.now())
    first = Event.objects.get(kind="assigned")
    casework.assign(cast.lead, ticket.pk, cast.agent, cast.cloud, clock.now())
    address = reverse("desk:history_undo", kwargs={"number": ticket.number, "pk": first.pk})
    answer = as_(cast.agent).post(address)
    assert answer.status_code == 422
    assert "Overtaken" in answer.content.decode()
    assert press(cast.agent, ticket, "assigned") == 302
    assert as_(cast.agent).post(address).status_code == 302, "what overtook it is undone itself"
    ticket.refresh_from_db()
    assert ticket.assignee is None


def test_old_events_stay_readable_and_are_not_guessed_at(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    data = {"assignee": None, "assignee_label": "", "team": cast.cloud.pk, "team_label": "Cloud support"}
    old = Event.objects.create(
        ticket=ticket, kind="assigned", occurred_at=NOW, actor_kind="staff", actor_label="X", data=data
    )
    page = history(cast.agent, ticket)
    assert "Team before: ? → after: Cloud support" in page
    assert "What was before is not known" in page
    assert press(cast.agent, ticket, old.kind) == 422


def test_people_are_put_back_and_told(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    row = Participant.objects.get(ticket=ticket, person=cast.colleague)
    as_(cast.agent).post(reverse("desk:cc_remove", kwargs={"number": ticket.number, "pk": row.pk}))
    assert press(cast.agent, ticket, "cc_removed") == 302
    assert Participant.objects.filter(ticket=ticket, person=cast.colleague, ended_at=None).count() == 1
    assert press(cast.agent, ticket, "cc_added") == 302
    assert not Participant.objects.filter(ticket=ticket, person=cast.colleague, ended_at=None).exists()


def test_who_may_not_change_may_not_undo(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    casework.assign(cast.agent, ticket.pk, cast.lead, cast.cloud, clock.now())
    assert press(cast.csm, ticket, "assigned") == 403
    soft_delete(cast.lead, ticket.pk, clock.now())
    assert press(cast.agent, ticket, "deleted") == 403
    assert press(cast.lead, ticket, "deleted") == 302


def test_a_customer_reads_public_sentences_alone(cast: Cast) -> None:
    (ticket,) = several(cast, 1)
    casework.add_reply(cast.agent, ticket.pk, says("Which version?"), clock.now())
    casework.determine_severity(cast.agent, ticket.pk, "P1", "a whole region", clock.now())
    casework.set_status(cast.agent, ticket.pk, "hold", clock.now(), "a part")
    casework.set_status(cast.agent, ticket.pk, "solved", clock.now())
    for kind in ("severity", "resolve"):
        assert press(cast.agent, ticket, kind) == 302
    client = as_(cast.requester)
    page = client.get(reverse("portal:request", kwargs={"number": ticket.number})).content.decode()
    assert "took back the last determination: it is P2 again" in page
    assert page.count("opened it again") == 0, "it is on hold again, and no more is said"
    assert page.count("put it on hold: a part") == 2
    assert client.get(reverse("desk:history", kwargs={"number": ticket.number})).status_code == 404


def test_a_mail_came_by_mail_and_a_clock_by_itself(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now() - timedelta(days=2), channel="mail")
    casework.add_reply(cast.requester, ticket.pk, says("And again.", "mail"), clock.now())
    page = history(cast.agent, ticket)
    assert "· e-mail" in page
    assert "· by itself" in page or "promised first answer is late" in page


def test_all_of_a_view_that_is_too_much_to_look_through_is_not_half_of_it(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    several(cast, 52)
    data = {"verb": "add_tags", "tags": "outage", "all": "yes", "of": "/desk/"}
    monkeypatch.setattr("answerable.desk.bulk.LOOKS", 1)
    answer = as_(cast.agent).post(reverse("desk:bulk_prepare"), data)
    assert (answer.status_code, "narrow it first" in answer.content.decode()) == (422, True)
    assert not BulkRun.objects.exists()


def test_why_others_did_something_is_not_read_by_who_may_not_see_the_requests(cast: Cast) -> None:
    theirs, mine = several(cast, 1, team=cast.product), several(cast, 1, team=cast.cloud)
    Team.objects.filter(key="cloud").update(restricted=True)
    forget_all()
    runs = []
    for tickets, why in ((theirs, "between us: they sue"), (mine, "nobody can work")):
        said = {"severity": "P1", "label": "P1", "reason": why}
        run = prepare(cast.lead, "severity", said, [one.pk for one in tickets], clock.now())
        runs.append(start(cast.lead, run.pk, clock.now()))
    listed = as_(cast.agent).get(reverse("desk:bulk_runs")).content.decode()
    assert ("nobody can work" in listed, "they sue" in listed) == (True, False)
    pages = [as_(cast.agent).get(reverse("desk:bulk_run", kwargs={"pk": run.pk})).status_code for run in runs]
    assert pages == [404, 200]
    assert "they sue" in as_(cast.lead).get(reverse("desk:bulk_runs")).content.decode()


def test_how_many_more_a_view_holds_is_said(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    several(cast, 5)
    monkeypatch.setattr("answerable.desk.bulk.MOST", 2)
    data = {"verb": "spam", "all": "yes", "of": "/desk/"}

    def told() -> str:
        return as_(cast.agent).post(reverse("desk:bulk_prepare"), data, follow=True).content.decode()

    assert "3 more were chosen" in told()
    several(cast, 19)
    assert "20+ more were chosen" in told()
