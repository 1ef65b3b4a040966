"""One job handles the mail that waits behind it: each message for itself, with its own job, or not at all."""

import threading
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from answerable.casework import jobs, reception
from answerable.casework.inbound import result_of
from answerable.casework.jobs import receive_mail, take_job
from answerable.lib import clock
from answerable.mail import actions, bounded
from answerable.mail.actions import Arrival, InboxSpec, apply_inboxes, store
from answerable.mail.limits import MIB
from answerable.mail.models import RawMail
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast
from tests.running import mail

SUPPORT = "support@vendor.test"


@pytest.fixture(autouse=True)
def _patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However slow the machine is: how long a job may take is no question here."""
    monkeypatch.setattr(jobs, "AT_MOST", 60.0)


def comes(number: int, subject: str = "Mail") -> int:
    """A message of its own sender, stored with its job."""
    sender = f"p{number}@sender{number}.test"
    raw = mail(sender, f"{subject} {number}", "Words.", SUPPORT, Message_ID=f"<m{number}@sender{number}.test>")
    arrival = Arrival(SUPPORT, "smtp", clock.now(), envelope_from=sender, envelope_to=(SUPPORT,))
    return store(raw, arrival, lambda raw_id: receive_mail.defer(raw_id=raw_id))


def waiting() -> list[int]:
    """The raw mail whose jobs wait."""
    found = ProcrastinateJob.objects.filter(task_name=receive_mail.name, status="todo").order_by("id")
    return [job.args["raw_id"] for job in found]


def outcomes() -> list[str]:
    return list(RawMail.objects.order_by("id").values_list("outcome", flat=True))


def taken() -> int | None:
    row = take_job()
    return row.pk if row else None


@pytest.fixture
def committed(transactional_db: None) -> None:
    apply_inboxes([InboxSpec("support", SUPPORT)], "vendor.test", NOW)


def test_a_job_handles_what_waits_behind_it(cast: Cast) -> None:
    first, *_ = [comes(number) for number in range(5)]
    receive_mail(raw_id=first)
    assert outcomes() == ["new"] * 5
    assert waiting() == []
    receive_mail(raw_id=first)
    assert Ticket.objects.count() == 5


def test_a_job_whose_time_is_over_leaves_the_rest_to_others(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [comes(number) for number in range(3)]
    monkeypatch.setattr(jobs, "AT_MOST", 0.0)
    receive_mail(raw_id=ids[0])
    assert outcomes() == ["new", "", ""]
    assert waiting() == ids  # the queue itself takes away the job that it ran


def test_one_that_breaks_the_program_stops_none_behind_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [comes(number) for number in range(4)]
    read = bounded.read

    def breaks(raw: bytes, **more: Any) -> object:
        if b"Mail 2" in raw:
            raise ZeroDivisionError
        return read(raw, **more)

    monkeypatch.setattr(bounded, "read", breaks)
    receive_mail(raw_id=ids[0])
    assert outcomes() == ["new", "new", "quarantine", "new"]
    assert waiting() == []


@pytest.mark.behaviour("B-220")
def test_one_that_takes_too_much_is_in_quarantine_and_says_why_e4(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    odd = bounded.Readers(bounded.Bound(seconds=2, memory=96 * MIB), "answerable.mail.tests.odd_reader")
    monkeypatch.setattr(bounded, "_READERS", odd)
    ids = [comes(number, subject) for number, subject in enumerate(("fine", "hangs", "fine", "grows", "fine"))]
    for raw_id in ids:  # a job takes no more on after a second, and this one hangs longer
        receive_mail(raw_id=raw_id)
    odd.end()
    assert outcomes() == ["new", "quarantine", "new", "quarantine", "new"]
    slow, large = RawMail.objects.filter(outcome="quarantine").order_by("id")
    assert (slow.reason, large.reason) == ("error", "error")
    assert "reading it took more than 2 s" in slow.trace
    assert "reading it took more than 96 MB of memory" in large.trace
    assert result_of(slow.pk).quarantine_reason == "error"


def test_what_is_not_committed_waits_as_before(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ids = [comes(number) for number in range(3)]

    def away(*_args: object) -> None:
        raise OperationalError

    with monkeypatch.context() as patch:
        patch.setattr(actions, "finish", away)
        with pytest.raises(OperationalError):
            reception.receive_next(take_job, NOW)
    assert waiting() == ids
    assert Ticket.objects.count() == 0
    assert reception.receive_next(take_job, NOW)
    assert waiting() == ids[1:]


def test_only_what_was_never_tried_and_is_for_now_is_taken(cast: Cast) -> None:
    tried, later, plain = (comes(number) for number in range(3))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE procrastinate_jobs SET attempts = 1 WHERE args->>'raw_id' = %s", [str(tried)])
        cursor.execute("UPDATE procrastinate_jobs SET scheduled_at = now() WHERE args->>'raw_id' = %s", [str(later)])
    app.configure_task("some.other", allow_unknown=True).defer(raw_id=later)
    receive_mail.configure(priority=-1).defer(raw_id=later)
    assert [taken(), taken()] == [plain, None]


def test_two_workers_take_different_ones(committed: None) -> None:
    first, second = comes(1), comes(2)
    found: list[int | None] = []

    def the_other_worker() -> None:
        with transaction.atomic():
            found.extend([taken(), taken()])
        connection.close()

    with transaction.atomic():
        assert taken() == first
        other = threading.Thread(target=the_other_worker)
        other.start()
        other.join(10)
    assert found == [second, None]
    assert waiting() == []
