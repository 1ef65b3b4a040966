"""The main job with nothing replaced: a mail comes in, an agent answers, the customer reads it; and nothing gets lost."""

import os
import re
import signal
import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from email.utils import parseaddr
from pathlib import Path
from threading import Event

import pytest

from tests.running import Instance, Sink, free_port, mail, text_of, wait_for

ELIN = "elin@norrland.example"
URGENT = "urgent@acme.example"


def number_in(subject: str) -> int:
    found = re.search(r"\[#(\d+)\]", subject)
    assert found, subject
    return int(found[1])


@pytest.mark.behaviour("B-15")
def test_a_mail_becomes_a_request_that_is_answered(instance: Instance, customers: tuple[Sink, int]) -> None:
    taken, _ = customers
    sender = "lena@story-one.example"
    # To the urgent inbox, so that it stands on the queue's first page whatever other tests left there.
    raw = mail(
        f"Lena <{sender}>",
        "Export stops at 10,000 rows",
        "It worked on Friday.",
        to=URGENT,
        Message_ID="<one@story-one.example>",
    )
    instance.send(raw, sender, URGENT)
    ack = wait_for(lambda: taken.to(sender), 5)[0]
    number = number_in(str(ack["Subject"]))
    assert ack["In-Reply-To"] == "<one@story-one.example>"
    assert ack["Auto-Submitted"] == "auto-replied"

    agent = instance.log_in("agent@acme.example")
    assert "Export stops at 10,000 rows" in agent.get("/desk/").text
    page = agent.get(f"/desk/tickets/{number}").text
    assert "It worked on Friday." in page
    instance.post(agent, f"/desk/tickets/{number}/note", text="planted-note-words")
    instance.post(agent, f"/desk/tickets/{number}/reply", text="We raise the **limit** today.", status="pending")
    answer = wait_for(lambda: taken.to(sender)[1:], 10)[0]
    assert "We raise the" in text_of(answer)
    assert number_in(str(answer["Subject"])) == number
    assert "<one@story-one.example>" in str(answer["References"])

    back = mail(
        sender,
        f"Re: {ack['Subject']}",
        "Thank you.",
        to=parseaddr(str(answer["Reply-To"]))[1],
        In_Reply_To=str(answer["Message-ID"]),
    )
    instance.send(back, sender, parseaddr(str(answer["Reply-To"]))[1])
    wait_for(lambda: "Thank you." in agent.get(f"/desk/tickets/{number}").text, 5)
    assert len(taken.to(sender)) == 2
    assert all("planted-note-words" not in message.as_string() for message in taken.mails)


@pytest.mark.behaviour("B-09")
def test_a_reply_to_the_acknowledgement_lands_by_its_address_alone(
    instance: Instance, customers: tuple[Sink, int]
) -> None:
    taken, _ = customers
    sender = "omar@story-two.example"
    instance.send(
        mail(sender, "Where is the audit log?", "I can't find it.", Message_ID="<a@story-two.example>"), sender
    )
    ack = wait_for(lambda: taken.to(sender), 5)[0]
    address = parseaddr(str(ack["Reply-To"]))[1]
    instance.send(
        mail(sender, "no number here", "Found it.", to=address, Message_ID="<b@story-two.example>"), sender, address
    )
    number = number_in(str(ack["Subject"]))
    replies = "SELECT count(*) FROM tickets_reply r JOIN tickets_ticket t ON t.id = r.ticket_id WHERE t.number = %s"
    wait_for(lambda: instance.query(replies, number) == [(2,)], 5)


@pytest.mark.behaviour("B-06")
def test_the_same_bytes_twice_make_one_request(instance: Instance) -> None:
    sender = "twice@story-three.example"
    raw = mail(sender, "Sent twice", "Same bytes.", Message_ID="<t@story-three.example>")
    instance.send(raw, sender)
    instance.send(raw, sender)
    outcomes = "SELECT outcome FROM mail_rawmail WHERE sender = %s ORDER BY outcome"
    wait_for(lambda: instance.query(outcomes, sender) == [("duplicate",), ("new",)], 5)
    assert instance.query("SELECT count(*) FROM tickets_ticket WHERE subject = 'Sent twice'") == [(1,)]


@pytest.mark.behaviour("B-10")
def test_a_number_in_the_subject_lets_no_stranger_in(instance: Instance, customers: tuple[Sink, int]) -> None:
    taken, _ = customers
    sender, stranger = "ida@story-four.example", "mallory@elsewhere.example"
    instance.send(mail(sender, "Private matter", "secret-of-ida", Message_ID="<p@story-four.example>"), sender)
    number = number_in(str(wait_for(lambda: taken.to(sender), 5)[0]["Subject"]))
    instance.send(mail(stranger, f"Re: [#{number}]", "let me in", Message_ID="<m@elsewhere.example>"), stranger)
    ack = wait_for(lambda: taken.to(stranger), 5)[0]
    assert number_in(str(ack["Subject"]).replace(f"[#{number}]", "", 1)) != number
    assert "secret-of-ida" not in ack.as_string()
    assert "Private matter" not in ack.as_string()


@pytest.mark.behaviour("B-16")
def test_the_customer_sees_it_in_the_portal_and_answers_there(instance: Instance) -> None:
    instance.send(mail(ELIN, "Portal story", "By mail first.", Message_ID="<e@norrland.example>"), ELIN)
    # Not from the acknowledgement: other files' tests write as her too, and an address gets five of those an hour.
    asked = "SELECT number FROM tickets_ticket WHERE subject = 'Portal story'"
    number = wait_for(lambda: instance.query(asked), 5)[0][0]
    elin = instance.log_in(ELIN)
    assert "Portal story" in elin.get("/my/requests").text
    instance.post(elin, f"/requests/{number}/reply", text="And now from the portal.")
    assert "And now from the portal." in elin.get(f"/requests/{number}").text
    instance.post(elin, f"/requests/{number}/close")
    agent = instance.log_in("agent@acme.example")
    assert "marked it solved" in agent.get(f"/desk/tickets/{number}").text
    other = instance.log_in("mbeki@kivubank.example")
    assert other.get(f"/requests/{number}").status_code == 404


def send_until_taken(instance: Instance, number: int, taken: set[str]) -> None:
    """A mail server's patience: try again until there is a 250, and note that there was one."""
    sender = f"crash{number}@story-{number}.example"
    raw = mail(sender, f"Crash {number}", "Still here.", Message_ID=f"<c{number}@story-{number}.example>")
    for _ in range(200):
        try:
            instance.send(raw, sender)
        except (OSError, smtplib.SMTPException):
            Event().wait(0.1)
        else:
            taken.add(sender)
            return


@pytest.mark.parametrize("victim", ["web", "worker", "intake", "postgres"])
@pytest.mark.behaviour("B-03")
def test_kill_9_loses_nothing_and_doubles_nothing(instance: Instance, victim: str) -> None:
    first = {"web": 1000, "worker": 2000, "intake": 3000, "postgres": 4000}[victim]
    taken: set[str] = set()
    with ThreadPoolExecutor(4) as pool:
        for number in range(first, first + 50):
            pool.submit(send_until_taken, instance, number, taken)
        wait_for(lambda: len(taken) >= 10, 30)
        pid = instance.pid_of(victim)
        assert pid
        os.kill(pid, signal.SIGKILL)
    assert len(taken) == 50
    wait_for(lambda: instance.pid_of(victim) not in {None, pid}, 30)
    wait_for(instance.is_ready, 30)
    subjects = "SELECT subject, count(*) FROM tickets_ticket WHERE subject LIKE 'Crash %%' AND substring(subject FROM 7)::int BETWEEN %s AND %s GROUP BY subject"
    wait_for(lambda: len(instance.query(subjects, first, first + 49)) == 50, 90)
    assert {count for _, count in instance.query(subjects, first, first + 49)} == {1}


@pytest.mark.behaviour("B-43")
@pytest.mark.behaviour("B-44")
def test_it_stops_whole_and_starts_again_in_under_five_seconds(
    test_folder: Path, instance: Instance, alone: Callable[[], AbstractContextManager[None]]
) -> None:
    """Beside the module's instance: two run side by side, each with what is its own."""
    other = Instance(test_folder / "second", free_port(), free_port())
    other.lay_tables()
    other.start()
    wait_for(other.does_jobs)
    other.send(mail("b@second.example", "Before the stop", "kept", Message_ID="<k@second.example>"), "b@second.example")
    processes = [other.pid_of(name) for name in ("web", "worker", "intake", "postgres")]
    assert other.stop() == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in processes)
    with alone():
        seconds = other.start()
    wait_for(lambda: other.query("SELECT count(*) FROM tickets_ticket") == [(1,)], 10)
    assert other.query("SELECT count(*) FROM people_person WHERE demo") == [(0,)]
    assert instance.query("SELECT count(*) > 0 FROM people_person WHERE demo") == [(True,)]
    assert other.stop() == 0
    assert seconds < 5
