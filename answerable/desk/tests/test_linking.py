"""Linked requests, and updates to the incidents of a problem, at the desk."""

import html
import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from answerable.casework import actions as casework
from answerable.casework.bulk_actions import go_on
from answerable.casework.linking_actions import link
from answerable.casework.note_actions import Jotted, jot
from answerable.desk.updating import names_in
from answerable.lib import clock
from answerable.people.actions import make_person
from answerable.people.models import Person
from answerable.tickets.models import Reply, Ticket
from answerable.tickets.runs import BulkRun
from tests.cast import NOW, Cast, a_ticket


def as_(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(answer: Any) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def of_kivu(cast: Cast) -> Ticket:
    return a_ticket(cast, clock.now(), subject="No export", requester=cast.stranger, organization=cast.other_org)


def a_problem(cast: Cast, count: int = 2) -> tuple[Ticket, list[Ticket]]:
    now = clock.now()
    problem = a_ticket(cast, now, subject="The loader hangs")
    incidents = [of_kivu(cast) for _number in range(count)]
    for ticket in incidents:
        link(cast.agent, ticket.pk, problem.pk, "incident_of", now)
    return problem, incidents


@pytest.mark.behaviour("B-330")
def test_one_is_found_linked_seen_and_unlinked_with_a_way_back(cast: Cast) -> None:
    client, this = as_(cast.agent), a_ticket(cast, clock.now())
    near, other = a_ticket(cast, clock.now(), subject="Sync again"), of_kivu(cast)
    page = reverse("desk:ticket_link", args=[this.number])
    shown = read(client.get(page))
    assert "Of the same requester or organization Sync again" in shown
    assert "No export" not in shown
    found = read(client.get(page, {"q": "export"}, headers={"HX-Request": "true"}))
    assert f"No export #{other.number} · New · Kivu Bank" in found
    assert "No request has these words" in read(client.get(page, {"q": "nowhere"}, headers={"HX-Request": "true"}))
    shown = read(client.get(page, {"q": f"#{other.number}"}))
    assert f"#{this.number} is an incident of the problem #{other.number}" in shown
    assert "They are of different organizations. Neither customer learns of the other" in shown
    assert "Neither customer" not in read(client.get(page, {"to": near.number}))
    assert "A request cannot be linked to itself." in read(client.get(page, {"to": this.number}))
    assert "There is no such request" in read(client.get(page, {"to": "999999"}))
    answer = client.post(reverse("desk:ticket_link_now", args=[this.number]), {"to": other.number, "how": "related"})
    assert answer.headers["Location"] == reverse("desk:ticket", args=[this.number])
    assert "They are linked already." in read(client.get(page, {"to": other.number}))

    card = reverse("desk:linked", args=[this.number])
    assert f"Related No export #{other.number} · New · Kivu Bank" in read(client.get(card))
    history = read(client.get(reverse("desk:history", args=[this.number])))
    assert f"Tomas Kral linked it: it is related to #{other.number}" in history
    end = reverse("desk:unlink", args=[this.number, other.number])
    answer = client.post(end, headers={"HX-Request": "true"})
    assert "Unlinked." in read(answer)
    (undo,) = re.findall(r'hx-post="([^"]+/linked/undo/\d+)"', answer.content.decode())
    assert f"#{other.number}" in read(client.post(undo, headers={"HX-Request": "true"}))
    client.post(end)
    assert f"No longer linked to #{other.number}. History takes it back." in read(
        client.get(reverse("desk:ticket", args=[this.number]))
    )
    client.post(reverse("desk:ticket_link_now", args=[near.number]), {"to": this.number, "how": "incident_of"})
    assert "Open problems Warehouse sync stopped" in read(client.get(reverse("desk:ticket_link", args=[other.number])))


@pytest.mark.behaviour("B-333")
def test_no_page_names_what_its_reader_may_not_see(cast: Cast) -> None:
    problem, (incident, _other) = a_problem(cast)
    cast.product.restricted = True
    cast.product.save()
    shut_in = make_person("shut@vendor.test", "Sol Ek", "agent", None, NOW)
    cast.product.members.add(shut_in)
    casework.assign(cast.lead, incident.pk, shut_in, cast.product, clock.now())
    client = as_(shut_in)
    for name in ("ticket", "linked", "history", "linked_all"):
        shown = client.get(reverse(f"desk:{name}", args=[incident.number])).content.decode()
        assert f"#{problem.number}" not in shown
        assert problem.subject not in shown
    assert "an incident of another request" in read(client.get(reverse("desk:history", args=[incident.number])))
    run = send(cast.agent, problem, text="Mended by noon.")
    shown = read(client.get(run))
    assert "Update of incidents" in shown
    assert "Mended by noon" not in shown
    assert shown.count("No export") == 1, "theirs alone"
    customer = as_(cast.stranger).get(reverse("portal:request", args=[incident.number])).content.decode()
    assert "linked" not in customer
    assert str(problem.number) not in customer


def send(person: Person, problem: Ticket, **data: str) -> str:
    """The address of the run."""
    client = as_(person)
    answer = client.post(reverse("desk:incident_update_prepare", args=[problem.number]), data)
    assert answer.status_code == 302, read(answer)
    page = answer.headers["Location"]
    client.post(reverse("desk:bulk_start", args=[int(page.rsplit("/", 1)[1])]))
    return str(page)


@pytest.mark.behaviour("B-335")
def test_from_the_text_over_the_preview_to_the_report(cast: Cast) -> None:
    problem, incidents = a_problem(cast, 3)
    casework.set_status(cast.agent, incidents[0].pk, "solved", clock.now())
    client = as_(cast.agent)
    write, prepare = (reverse(f"desk:incident_update{one}", args=[problem.number]) for one in ("", "_prepare"))
    assert "Incidents: 3, open: 2." in read(client.get(write))
    wrong = client.post(prepare, {"text": "Hello {{requester.nam}}", "status": "solved"})
    assert "did you mean {{requester.name}}?" in read(wrong)
    assert "Hello {{requester.nam}}" in wrong.content.decode(), "what was written is kept"
    page = client.post(prepare, {"text": "Hello {{requester.name}}, Kivu Bank.", "status": "solved"}).headers[
        "Location"
    ]
    shown = read(client.get(page))
    assert "2 requests get it. 1 does not" in shown
    assert "The text names: Kivu Bank." in shown
    assert shown.count("J. Mbeki mbeki@kivu.test") == 2
    letter = reverse("desk:update_letter", args=[int(page.rsplit("/", 1)[1]), incidents[1].number])
    assert read(client.get(letter)) == "Hello J. Mbeki, Kivu Bank."
    assert "It is solved already." in read(client.get(page, {"show": "left"}))
    assert "checked" in client.get(f"{write}?run={page.rsplit('/', 1)[1]}").content.decode()
    assert not Reply.objects.filter(from_staff=True).exists()

    page = send(cast.agent, problem, text="Mended.")
    assert "Take it back" in read(client.get(page))
    client.post(page + "/stop")
    shown = read(client.get(page))
    assert "Nothing was sent." in shown
    assert "It was stopped before its turn." in shown

    page = send(cast.agent, problem, text="Mended.", status="solved")
    BulkRun.objects.update(begins_at=None)
    link(cast.agent, of_kivu(cast).pk, problem.pk, "incident_of", clock.now())
    go_on(clock.exact() + timedelta(seconds=20), clock.now())
    shown = read(client.get(page))
    assert "2 requests were told. 1 was left out." in shown
    assert "1 incident was linked after the preview. It is not part of this." in shown
    assert client.get(reverse("desk:bulk_run", args=[int(page.rsplit("/", 1)[1])])).headers["Location"] == page
    assert "Update of incidents" in read(client.get(reverse("desk:bulk_runs")))
    undo = client.post(reverse("desk:bulk_undo", args=[int(page.rsplit("/", 1)[1])])).headers["Location"]
    assert "What was sent stays sent" in read(client.get(undo))
    assert "The last update: Tomas Kral" in read(client.get(write))


def test_words_of_a_note_are_warned_of_before(cast: Cast) -> None:
    problem, _incidents = a_problem(cast)
    secret = "the disk of the second controller was never replaced"
    jot(cast.lead, problem.pk, Jotted(f"Between us: {secret}."), clock.now())
    client, prepare = as_(cast.agent), reverse("desk:incident_update_prepare", args=[problem.number])
    answer = client.post(prepare, {"text": f"Sorry, {secret}."})
    assert (answer.status_code, "From the note of Priya Nair" in read(answer)) == (422, True)
    (key,) = re.findall(r'name="ack" value="(\w+)"', answer.content.decode())
    assert client.post(prepare, {"text": f"Sorry, {secret}.", "ack": key}).status_code == 302


def test_a_solved_problem_offers_to_solve_its_incidents(cast: Cast) -> None:
    problem, incidents = a_problem(cast)
    card = reverse("desk:linked", args=[problem.number])
    client = as_(cast.agent)
    assert "This problem is solved" not in read(client.get(card))
    casework.set_status(cast.agent, problem.pk, "solved", clock.now())
    shown = client.get(card)
    assert "This problem is solved. Incidents of it that are still open: 2. Solve them with a text" in read(shown)
    write = f"{reverse('desk:incident_update', args=[problem.number])}?status=solved"
    assert write in shown.content.decode()
    assert re.search(r'value="solved" checked', client.get(write).content.decode())
    assert {Ticket.objects.get(pk=one.pk).status for one in incidents} == {"new"}, "nothing by itself"


@pytest.mark.behaviour("B-334")
def test_a_problem_with_many_incidents_costs_no_more(cast: Cast) -> None:
    client, counted = as_(cast.agent), []
    for count in (1, 24):
        problem, _incidents = a_problem(cast, count)
        client.get(reverse("desk:linked", args=[problem.number]))
        with CaptureQueriesContext(connection) as asked:
            shown = client.get(reverse("desk:linked", args=[problem.number]))
        counted.append(len(asked))
    assert counted[0] == counted[1]
    assert read(shown).count("No export") == 20
    assert "Incidents of this problem (24)" in read(shown)
    listed = client.get(reverse("desk:linked_all", args=[problem.number]))
    assert read(listed).count("No export") == 24


def test_names_of_customers_are_found_as_words() -> None:
    names = [(1003, "Kivu Bank", "j@kivu.test", "J. Mbeki"), (1004, "Ion", "x@ion.test", "Xi")]
    assert names_in("As for #1003 and kivu bank", names) == ["#1003", "Kivu Bank"]
    assert names_in("Ask j@kivu.test.", names) == ["j@kivu.test", "kivu.test"]
    assert names_in("An ion of #10034; xi; the kivu banker", names) == []
