"""Several people at one request: who is there, a reply that is stopped, a field that somebody else moved."""

import re
import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.casework.draft_actions import Written, release_due, send_later
from answerable.casework.note_actions import add_note
from answerable.casework.shift_actions import read_hand_over, take_shift, write_hand_over
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.models import Person, Team
from answerable.tickets.drafts import Draft
from answerable.tickets.handover import HandOver, Shift, unread
from answerable.tickets.models import Reply, Ticket
from answerable.tickets.presence import GONE, Presence, beat, leave, others_anywhere, others_on
from tests.cast import NOW, Cast, a_ticket, assemble, says

HTMX = {"HX-Request": "true"}


def at_desk(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def seen_by(client: Client, number: int) -> str:
    found = re.search(r'name="seen"[^>]* value="([\d-]+)"', client.get(f"/desk/tickets/{number}").content.decode())
    assert found
    return found[1]


def answers(client: Client, number: int, seen: str, **more: str) -> Any:
    data = {"text": "Mine.", "status": "pending", "seen": seen}
    return client.post(f"/desk/tickets/{number}/reply", data | more, headers=HTMX)


def names(person: Person, ticket: Ticket, after: timedelta = timedelta()) -> list[tuple[str, str]]:
    return [(one.name, one.doing) for one in others_on(person, ticket.pk, NOW + after)]


@pytest.mark.behaviour("B-300")
def test_who_looks_and_who_writes_is_told_to_colleagues_alone(cast: Cast) -> None:
    ticket = a_ticket(cast)
    assert beat(cast.agent, ticket.pk, "a", "viewing", NOW)
    assert beat(cast.agent, ticket.pk, "b", "reply", NOW)
    assert names(cast.lead, ticket) == [("Tomas Kral", "reply")]
    assert names(cast.agent, ticket) == []
    assert names(cast.requester, ticket) == []
    assert not beat(cast.requester, ticket.pk, "c", "viewing", NOW)
    leave(cast.agent, ticket.pk, "b")
    assert names(cast.lead, ticket) == [("Tomas Kral", "viewing")]
    assert [(number, one.name) for number, one in others_anywhere(cast.lead, NOW)] == [(ticket.number, "Tomas Kral")]
    assert names(cast.lead, ticket, GONE) == []
    # Whoever says something anywhere sweeps up who has said nothing for too long.
    other = a_ticket(cast)
    beat(cast.lead, other.pk, "d", "viewing", NOW + GONE)
    assert list(Presence.objects.values_list("person_id", flat=True)) == [cast.lead.pk]


def test_who_is_shut_out_of_a_team_sees_nobody_there(cast: Cast) -> None:
    ticket = a_ticket(cast, team=cast.product)
    Team.objects.filter(pk=cast.cloud.pk).update(restricted=True)
    beat(cast.lead, ticket.pk, "a", "viewing", NOW)
    assert not beat(cast.agent, ticket.pk, "b", "viewing", NOW)
    assert names(cast.agent, ticket) == []
    assert others_anywhere(cast.agent, NOW) == []


def told(captured: CaptureQueriesContext) -> int:
    return len([one for one in captured.captured_queries if "tickets_presence" in one["sql"]])


def test_a_heartbeat_is_one_statement_and_says_nothing_that_was_said(cast: Cast) -> None:
    ticket = a_ticket(cast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'tickets_presence'")
        assert cursor.fetchone() == ("u",)
    client = at_desk(cast.agent)
    where, said = f"/desk/here/{ticket.pk}", {"tab": "a", "doing": "viewing"}
    with CaptureQueriesContext(connection) as asked:
        assert client.post(where, said).status_code == 200
    # Session, person, the row with its news, and the others.
    assert (len(asked), told(asked)) == (4, 2)
    assert client.post(where, {"tab": "a", "doing": "dancing"}).status_code == 422
    assert client.post(where, {"tab": "<b>", "doing": "viewing"}).status_code == 422
    assert client.post(where, {"tab": "a", "doing": ""}).status_code == 204
    assert not Presence.objects.exists()


@pytest.mark.behaviour("B-301")
def test_a_reply_is_stopped_by_what_its_author_has_not_seen(cast: Cast) -> None:
    ticket = a_ticket(cast)
    client = at_desk(cast.agent)
    seen = seen_by(client, ticket.number)
    casework.add_reply(cast.requester, ticket.pk, says("It works again!"), clock.now())
    hint = client.get(f"/desk/tickets/{ticket.number}/came?seen={seen}").content.decode()
    assert "Something new came while you write" in hint
    stopped = answers(client, ticket.number, seen)
    page = stopped.content.decode()
    assert (stopped.status_code, stopped["HX-Retarget"]) == (409, "#reply-warning")
    assert "Elin Berg wrote meanwhile" in page
    assert "It works again!" in page
    assert not Draft.objects.exists()
    now_seen = re.search(r'name="seen"[^>]* value="([\d-]+)"', page)
    assert now_seen
    assert answers(client, ticket.number, now_seen[1]).status_code == 200
    assert Draft.objects.get().text == "Mine."


def test_a_note_stops_it_in_a_lighter_way_and_ones_own_does_not(cast: Cast) -> None:
    ticket = a_ticket(cast)
    client = at_desk(cast.agent)
    seen = seen_by(client, ticket.number)
    add_note(cast.agent, ticket.pk, "mine", clock.now())
    assert answers(client, ticket.number, seen).status_code == 200
    seen = seen_by(client, ticket.number)
    add_note(cast.lead, ticket.pk, "Do not promise a date.", clock.now())
    page = answers(client, ticket.number, seen).content.decode()
    assert "your team noted something meanwhile" in page
    assert "Do not promise a date." in page


def test_a_colleagues_reply_that_is_on_its_way_stops_it_too(cast: Cast) -> None:
    ticket = a_ticket(cast)
    client = at_desk(cast.agent)
    seen = seen_by(client, ticket.number)
    send_later(cast.lead, ticket.pk, Written(says("I have it.", "desk")), clock.now())
    page = answers(client, ticket.number, seen).content.decode()
    assert "Priya Nair is sending a reply" in page
    assert "I have it." in page
    # Once shown, it is seen: also when it has left and is a reply.
    now_seen = re.search(r'name="seen"[^>]* value="([\d-]+)"', page)
    release_due(clock.now() + timedelta(minutes=1))
    assert now_seen
    assert answers(client, ticket.number, now_seen[1]).status_code == 200


def test_without_scripts_the_words_are_kept_and_the_page_shows_what_came(cast: Cast) -> None:
    ticket = a_ticket(cast)
    client = at_desk(cast.agent)
    seen = seen_by(client, ticket.number)
    came = casework.add_reply(cast.requester, ticket.pk, says("Wait!"), clock.now())
    data = {"text": "Mine, typed at length.", "status": "pending", "seen": seen}
    answer = client.post(f"/desk/tickets/{ticket.number}/reply", data)
    assert (answer.status_code, answer["Location"]) == (302, f"/desk/tickets/{ticket.number}#e{came.pk}")
    page = client.get(f"/desk/tickets/{ticket.number}").content.decode()
    assert "Not sent yet: Elin Berg wrote meanwhile" in page
    assert "Mine, typed at length." in page
    draft = Draft.objects.get()
    again = {"text": draft.text, "status": "pending", "draft": str(draft.pk), "seen": seen_by(client, ticket.number)}
    client.post(f"/desk/tickets/{ticket.number}/reply", again)
    release_due(clock.now() + timedelta(minutes=1))
    assert Reply.objects.filter(ticket=ticket, from_staff=True).count() == 1


@pytest.mark.behaviour("B-302")
def test_who_changes_a_field_that_somebody_moved_is_told_first(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.assign(cast.lead, ticket.pk, cast.lead, cast.cloud, NOW)
    client = at_desk(cast.agent)
    where = f"/desk/tickets/{ticket.number}/assign"
    data = {"assignee": str(cast.agent.pk), "team": str(cast.cloud.pk), "was_assigned": f"/{cast.cloud.pk}"}
    stopped = client.post(where, data, headers=HTMX)
    page = stopped.content.decode()
    assert stopped.status_code == 409
    assert "Priya Nair assigned it to Priya Nair" in page
    assert "was_assigned" not in page
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == cast.lead.pk
    again = dict(re.findall(r'name="(assignee|team)" value="(\d*)"', page))
    assert client.post(where, again, headers=HTMX).status_code == 200
    assert Ticket.objects.get(pk=ticket.pk).assignee_id == cast.agent.pk
    # One's own change, and one to the same, go through.
    was = {"was_status": "new", "was_severity": "P1"}
    assert (
        client.post(f"/desk/tickets/{ticket.number}/status", {"status": "open", **was}, headers=HTMX).status_code == 200
    )
    casework.determine_severity(cast.lead, ticket.pk, "P3", "small", NOW)
    severity = {"severity": "P0", "reason": "big", "was_severity": "P2"}
    assert client.post(f"/desk/tickets/{ticket.number}/severity", severity, headers=HTMX).status_code == 409
    assert client.post(f"/desk/tickets/{ticket.number}/severity", severity).status_code == 422


def test_next_is_taken_opened_and_put_back_at_the_desk(cast: Cast) -> None:
    ticket = a_ticket(cast)
    client = at_desk(cast.agent)
    assert 'action="/desk/take-next"' in client.get("/desk/").content.decode()
    opened = client.post("/desk/take-next", follow=True)
    assert "Put it back" in opened.content.decode()
    assert client.post(f"/desk/tickets/{ticket.number}/put-back").status_code == 302
    assert Ticket.objects.get(pk=ticket.pk).assignee is None
    client.post("/desk/take-next")
    casework.set_status(cast.agent, ticket.pk, "solved", clock.now())
    assert 'data-key="t"' in client.get(f"/desk/tickets/{ticket.number}").content.decode()
    nothing = client.post("/desk/take-next", follow=True)
    assert "Nobody waits in your teams" in nothing.content.decode()


@pytest.mark.behaviour("B-307")
def test_a_shift_is_handed_over_read_and_then_taken(cast: Cast) -> None:
    cast.cloud.members.add(cast.lead)
    ticket, hidden = a_ticket(cast, severity="P0"), a_ticket(cast, team=cast.product)
    agent, lead = at_desk(cast.agent), at_desk(cast.lead)
    text = f"Watch #{ticket.number}, not `#{hidden.number}`. <script>x</script>"
    agent.post("/desk/shift/cloud/hand-over/write", {"text": text})
    assert "Hand-over of Cloud support" in lead.get("/desk/shift-now?banner=1").content.decode()
    assert "Tomas Kral wrote it for the next shift" in lead.get("/desk/notices").content.decode()
    assert "Hand-over of" not in agent.get("/desk/shift-now?banner=1").content.decode()
    page = lead.get("/desk/shift/cloud").content.decode()
    assert f'<a href="/desk/tickets/{ticket.number}"' in page
    assert f"/desk/tickets/{hidden.number}" not in page
    assert "<script>x" not in page
    assert "Warehouse sync stopped" in page
    assert lead.post("/desk/shift/cloud/take").status_code == 422
    assert not Shift.objects.exists()
    lead.post(f"/desk/hand-overs/{HandOver.objects.get().pk}/read")
    lead.post("/desk/shift/cloud/take")
    assert "Priya Nair" in agent.get("/desk/shift-now").content.decode()
    agent.post("/desk/shift/cloud/take")
    assert [(one.person_id, one.ended_by_id) for one in Shift.objects.order_by("pk")] == [
        (cast.lead.pk, cast.agent.pk),
        (cast.agent.pk, None),
    ]
    assert "Read by" in agent.get("/desk/shift/cloud").content.decode()
    agent.post("/desk/shift/cloud/end")
    assert not Shift.objects.filter(ended_at=None).exists()
    assert "goes along" in agent.get("/desk/shift/cloud/hand-over").content.decode()


def test_who_is_away_says_so_and_is_back(cast: Cast) -> None:
    client = at_desk(cast.agent)
    until = clock.now() + timedelta(days=2)
    client.post("/desk/away", {"until": f"{until:%Y-%m-%dT%H:%M}"})
    page = client.get("/desk/shift").content.decode()
    assert page.count("away until") == 2
    assert client.post("/desk/away", {"until": "2020-01-01T00:00"}).status_code == 422
    client.post("/desk/away/back")
    assert "You are away until" not in client.get("/desk/shift").content.decode()


def test_a_shut_out_agent_reads_no_hand_over_of_another_team(cast: Cast) -> None:
    Team.objects.filter(pk=cast.cloud.pk).update(restricted=True)
    note = write_hand_over(cast.admin, cast.product, "Secret.", NOW)
    client = at_desk(cast.agent)
    assert client.get("/desk/shift/product").status_code == 404
    assert client.get(f"/desk/hand-overs/{note.pk}").status_code == 404
    assert client.post(f"/desk/hand-overs/{note.pk}/read").status_code == 404


def takes(person: Person) -> str:
    """How their try to take the shift ends."""
    answer = at_desk(person).post("/desk/shift/cloud/take")
    return "taken" if answer.status_code == 302 else str(answer.status_code)


def reads(person: Person, note: HandOver) -> None:
    assert at_desk(person).post(f"/desk/hand-overs/{note.pk}/read").status_code == 302


@pytest.mark.behaviour("B-307")
def test_every_note_since_ones_last_shift_is_read_first(cast: Cast) -> None:
    cast.cloud.members.add(cast.lead)
    now, hour = clock.now(), timedelta(hours=1)
    old = write_hand_over(cast.agent, cast.cloud, "Of last week.", now - 9 * hour)
    reads(cast.lead, old)
    take_shift(cast.lead, cast.cloud, now - 8 * hour)
    # A second note, and one's own, hide no first one.
    first = write_hand_over(cast.agent, cast.cloud, "Norrland fails over.", now - 3 * hour)
    write_hand_over(cast.agent, cast.cloud, "PS: call them at seven.", now - 2 * hour)
    assert takes(cast.admin) == "422"
    own = write_hand_over(cast.admin, cast.cloud, "I come at six.", now - hour)
    page = at_desk(cast.admin).get("/desk/shift/cloud").content.decode()
    assert [page.count(words) for words in ("Norrland fails over.", "PS: call them", "Of last week.")] == [1, 1, 0]
    assert page.count("I have read it <") + page.count("I have read it</button>") == 2
    assert "2 hand-overs are to be read" in page
    assert 'data-key="t"' not in page
    banner = at_desk(cast.agent).get("/desk/shift-now?banner=1").content.decode()
    assert banner.count("Hand-over of Cloud support") == 1
    for note in HandOver.objects.filter(pk__gt=first.pk).exclude(pk=own.pk):
        reads(cast.admin, note)
    assert takes(cast.admin) == "422"
    reads(cast.admin, first)
    assert takes(cast.admin) == "taken"
    # Who had the shift before is asked for all since then; who never had it, for the last one in any case.
    assert [note.pk for note in unread([cast.cloud.pk], cast.lead.pk)] == [own.pk, own.pk - 1, first.pk]
    assert [note.pk for note in unread([cast.cloud.pk], cast.csm.pk)] == [own.pk]
    for _ in range(30):
        write_hand_over(cast.agent, cast.cloud, "And more.", now)
    assert len(unread([cast.cloud.pk], cast.lead.pk)) == 20


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("real_transactions")
def test_a_note_written_while_the_shift_is_taken_is_read_first_or_of_that_shift() -> None:
    cast = assemble()
    now, ended = clock.now(), list[str]()

    def take() -> None:
        try:
            take_shift(cast.lead, cast.cloud, now)
            ended.append("taken")
        except Refused as refused:
            ended.append(refused.code)
        finally:
            connection.close()

    with transaction.atomic():
        write_hand_over(cast.agent, cast.cloud, "Just before you come.", now)
        taker = threading.Thread(target=take)
        taker.start()
        taker.join(0.3)
    taker.join(20)
    assert ended == ["unread"]
    # It was written as the shift was taken, and waited: it is of that shift, and the next one reads it.
    read_hand_over(cast.lead, HandOver.objects.get(), now)
    shift = take_shift(cast.lead, cast.cloud, now + timedelta(seconds=2))
    assert write_hand_over(cast.agent, cast.cloud, "Late.", now + timedelta(seconds=1)).at == shift.since
