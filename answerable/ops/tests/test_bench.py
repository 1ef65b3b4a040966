"""The bench's tickets are what the product would have written; its client and its mails are what they say."""

import socket
import threading
from collections import Counter

import pytest
from django.db import connection
from django.test import Client

from answerable.audit.actions import system
from answerable.lib import clock, sql
from answerable.lib.fresh import forget_all
from answerable.mail import parse
from answerable.ops.bench import live, pages
from answerable.ops.bench.client import Work, measure
from answerable.ops.bench.listeners import Listener
from answerable.ops.bench.messages import SIZE, message
from answerable.ops.bench.multiply import RARE
from answerable.ops.bench.report import table
from answerable.ops.bench.stage import EACH, ORGANIZATIONS, STAFF, fill, log_in
from answerable.people.models import Organization, Person
from answerable.policy import actions as policy
from answerable.sla.actions import sync
from answerable.sla.models import Leg
from answerable.tickets.models import IS_OPEN, OPEN_STATUSES, Event, Participant, Reply, Ticket
from answerable.tickets.words import reindex

TICKETS = 1000
_WORDS = "SELECT tsvector_to_array(words) FROM tickets_publicwords WHERE ticket_id = %(pk)s"


@pytest.mark.django_db
def test_copied_tickets_are_as_the_verbs_would_have_left_them(client: Client) -> None:
    now = clock.now()
    policy.apply(policy.check(policy.SHIPPED), now, system("test"))
    fill(TICKETS, now, lambda _line: None, settled=False)

    assert Ticket.objects.count() == TICKETS
    assert Organization.objects.count() == ORGANIZATIONS
    assert Person.objects.count() == ORGANIZATIONS * EACH + STAFF + 1
    assert set(Counter(Reply.objects.values_list("ticket", flat=True)).values()) == {3}
    assert 0.04 * TICKETS <= Ticket.objects.filter(IS_OPEN).count() <= 0.08 * TICKETS
    assert not Ticket.objects.filter(IS_OPEN, next_due_at__lt=now).exists()
    # Constraints were set aside while copying: every reference must lead somewhere all the same.
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert not Reply.objects.exclude(author__in=Person.objects.all()).exists()
    assert not Participant.objects.exclude(person__in=Person.objects.all()).exists()

    for ticket in [*Ticket.objects.filter(status__in=OPEN_STATUSES)[:20], *Ticket.objects.filter(status="closed")[:5]]:
        before = sorted(Leg.objects.filter(ticket=ticket).values_list("metric", "index", "state", "due_at"))
        events = list(Event.objects.filter(ticket=ticket).order_by("occurred_at", "id"))
        owed = sync(ticket, events, ticket.last_event_at, is_new=False)
        assert (owed.next_due_at, owed.metric, owed.facts) == (ticket.next_due_at, ticket.promise_metric, ())
        assert sorted(Leg.objects.filter(ticket=ticket).values_list("metric", "index", "state", "due_at")) == before
        said = {event.data["reply"] for event in events if "reply" in event.data}
        assert said == set(Reply.objects.filter(ticket=ticket).values_list("id", flat=True))
    rare = Reply.objects.filter(new_text__endswith=RARE)
    assert rare.values("ticket").distinct().count() == rare.count() == (TICKETS - 24) // 100
    for pk in [rare[0].ticket_id, Ticket.objects.order_by("id")[TICKETS // 2].pk]:
        [(kept,)] = sql.rows(_WORDS, {"pk": pk})
        reindex(pk)
        assert sql.rows(_WORDS, {"pk": pk}) == [(kept,)]
    forget_all()

    client.cookies["sessionid"] = log_in(Person.objects.filter(role="agent")[0])
    assert client.get("/desk/").status_code == 200
    assert f"{rare.count()} requests" in client.get(f"/desk/search?q={RARE}").content.decode()
    for page in pages.pages():
        lines = page.turns[-1][0].split("\r\n")
        client.cookies.load(next(line for line in lines if line.startswith("Cookie: ")).removeprefix("Cookie: "))
        answer = client.get(lines[0].split()[1])
        assert str(answer.status_code) in page.fine, f"{page.name}: {answer.status_code} of {lines[0]}"


def test_every_mail_is_five_kilobytes_from_somebody_else() -> None:
    mails = [message(number, "support@acme.example") for number in range(20)]
    assert all(abs(len(raw) - SIZE) < 10 for raw in mails)
    read = [parse.read(raw) for raw in mails]
    assert len({incoming.sender.rpartition("@")[2] for incoming in read}) == 20
    assert len({incoming.message_id for incoming in read}) == 20
    assert all("this is load" in incoming.text for incoming in read)


@pytest.mark.enable_socket
@pytest.mark.parametrize("clients", [1, 3])
def test_the_client_counts_turns_statuses_and_queries(clients: int) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_serve, args=(server, clients), daemon=True).start()
        work = Work([[b"GET /a HTTP/1.1\r\n\r\n", b"GET /b HTTP/1.1\r\n\r\n"]], count=6, seconds=0)
        tally = measure(server.getsockname()[1], work, clients)
    assert len(tally.ms) == 6
    assert tally.statuses == {"200": 12}
    assert tally.queries == [8] * 6  # four for each of a turn's two requests


def _serve(server: socket.socket, clients: int) -> None:
    for _ in range(clients):
        connection, _address = server.accept()
        threading.Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    with connection:
        while connection.recv(1000):
            # In two pieces, as large pages come.
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Answerable-")
            connection.sendall(b"Queries: 4\r\n\r\nhello")


@pytest.mark.enable_socket
def test_a_listener_knows_when_the_last_byte_of_an_event_came() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        listener = Listener(server.getsockname()[1], "token")
        connection, _address = server.accept()
        with connection:
            assert connection.recv(1000).startswith(b"GET /live?t=token ")
            connection.sendall(b"HTTP/1.1 200 OK\r\n\r\nretry: 1000\n\n")
            listener.open()
            listener.add(b'data: {"s":"desk","k":"ticket","id":7,"v":2}\n\ndata: {"s":"desk","k":"tic', 1.0)
            listener.add(b'ket","id":8,"v":1}\n', 2.0)
            listener.add(b'\n:\n\ndata: {"s":"person:1:staff","k":"notices"}\n\n', 3.0)
        listener.socket.close()
    heard = listener.heard()
    assert heard == [("7:2", 1.0), ("8:1", 3.0)]
    found = live._figures({"7:2": 0.5, "8:1": 2.9, "9:1": 4.0}, [heard, heard[:1]], 1.5)
    assert (found["p50_ms"], found["max_ms"], found["missing"], found["replies_per_s"]) == (500.0, 500.0, 3, 2.0)


def test_the_table_names_every_figure() -> None:
    page = {"median_ms": 8.1, "p95_ms": 9.2, "rps_1": 120.0, "rps_8": 210.0, "queries": 5, "x_floor": 6.5}
    found = table(
        {
            "tickets": 100_000,
            "floor_ms": 1.25,
            "pages": {"queue": page},
            "intake": {"messages_per_s": 110.0, "floor_per_s": 700.0, "x_floor": 6.36},
            "live": {
                "listeners": 200, "replies": 300, "replies_per_s": 19.9, "p50_ms": 7.5, "p99_ms": 44.5, "max_ms": 60.5,
                "missing": 3, "web_mb": 131.5,
            },
            "memory_mb": {"web": 120.0},
        }
    )  # fmt: skip
    for word in ("100,000", "queue", "8.1", "9.2", "120.0", "210.0", "6.5", "1.25", "110.0", "700.0", "web",
        "19.9", "7.5", "44.5", "60.5", "3 of 60000", "131.5"):  # fmt: skip
        assert word in found
