"""The doctor: what is wrong is called so, with its mend."""

import socket
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from answerable.escalation.schedule_actions import change_schedule, edit_layers, make_schedule
from answerable.lib import clock
from answerable.lib.relay import MailRelay
from answerable.mail import actions as mail_actions
from answerable.mail.actions import MailboxSpec, apply_mailboxes, note_checker
from answerable.ops import doctor, state
from answerable.people.models import Person
from answerable.sla.actions import ask_replan
from answerable.sla.models import Defect
from tests.cast import Cast, a_ticket, inbox
from tests.dovecot import PASSWORD, Dovecot, dovecot, running_dovecot

__all__ = ["dovecot", "running_dovecot"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def instance(settings: LazySettings, tmp_path: Path) -> Path:
    """A stopped instance that lacks nothing."""
    data = tmp_path / "var"
    data.mkdir(mode=0o700)
    settings.DATA = data
    settings.WEB_PORT, settings.SMTP_PORT = 18771, 18772
    settings.MAIL_RELAY = MailRelay("127.0.0.1", 25, "", "", "none")
    return data


def told(level: str) -> str:
    return "\n".join(finding.text for finding in doctor.examine() if finding.level == level)


def test_a_healthy_instance() -> None:
    assert told("wrong") == ""
    assert "the database is reached (PostgreSQL 18)" in told("ok")
    assert told("note") == "`answerable up` is not running here"


def test_the_exit_code(capsys: pytest.CaptureFixture[str], instance: Path) -> None:
    with pytest.raises(SystemExit) as done:
        call_command("doctor")
    assert done.value.code == 0
    (instance / "secret_key").write_text("x" * 50)
    (instance / "secret_key").chmod(0o640)
    with pytest.raises(SystemExit) as done:
        call_command("doctor")
    assert done.value.code == 1
    assert (
        f"WRONG  others on this machine may read the secret key: chmod 600 {instance}/secret_key"
        in capsys.readouterr().out
    )


def test_what_the_supervisor_went_through(instance: Path) -> None:
    programs = {
        "web": state.Record(pid=7),
        "worker": state.Record(8, 3, "killed by SIGKILL", "2026-11-24T20:43:55+00:00"),
        "intake": state.Record(None, 1, "exit 1", "2026-11-24T20:43:55+00:00"),
    }
    state.State(pid=6, started_at="2026-11-24T20:00:00+00:00", programs=programs).write(instance)
    assert told("note") == "`answerable up` is not running here", "a file that a killed one left proves nothing"
    with state.lock(instance):
        notes, wrongs = told("note"), told("wrong")
    assert "worker was restarted 3 times, last at 2026-11-24T20:43:55+00:00 after it ended (killed by SIGKILL)" in notes
    assert "web" not in notes
    assert "intake is down (exit 1)" in wrongs
    assert "nobody listens on port 18771 (pages)" in wrongs


def test_a_port_that_another_program_has(settings: LazySettings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as tenant:
        settings.SMTP_PORT = tenant.getsockname()[1]
        assert told("wrong").startswith(f"port {settings.SMTP_PORT} (mail) is taken by another program: set another")


def test_folders_that_others_may_read(settings: LazySettings, instance: Path) -> None:
    settings.OUTBOX.mkdir(mode=0o755)
    instance.chmod(0o755)
    assert f"others on this machine may read {settings.OUTBOX}" in told("wrong")
    assert f"others on this machine may look into {instance}" in told("note")


def test_mail_that_reaches_nobody(settings: LazySettings) -> None:
    settings.MAIL_RELAY = None
    settings.OUTBOX.mkdir(mode=0o700)
    (settings.OUTBOX / "1.eml").touch()
    assert f"mails reach nobody; they are kept in {settings.OUTBOX} (1 so far)" in told("note")


def test_demo_passwords(settings: LazySettings) -> None:
    Person.objects.create(email="demo@example.com", demo=True, joined_at=clock.now())
    assert "1 accounts have the published demo password" in told("note")
    settings.WEB_HOST = "0.0.0.0"
    assert "1 accounts have the published demo password, and 0.0.0.0 can be reached from elsewhere" in told("wrong")


@pytest.mark.dovecot
@pytest.mark.django_db(transaction=True)
def test_mailboxes_are_tried(dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", PASSWORD)
    where = MailboxSpec("good", "a@vendor.test", "127.0.0.1", dovecot.new_user(), dovecot.port, "none")
    good = replace(where, password_variable="IMAP_PASSWORD")
    specs = [good, replace(good, name="lost", after="move:Nowhere"), replace(where, name="bare", password_variable="X")]
    apply_mailboxes([*specs, replace(good, name="away", port=1)], clock.now())
    assert "mailbox good (user" in told("ok")
    wrong = told("wrong")
    assert "has no folder Nowhere to move messages to: make it" in wrong
    assert "the password is missing: set the environment variable X" in wrong
    assert "127.0.0.1:1 cannot be reached: Connection refused" in wrong


def test_senders_that_nobody_proves(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cast's agents write from the very domain of signed reply addresses."""
    monkeypatch.setattr(mail_actions, "_noted", {})  # another test may have noted the same server
    note_checker("support@vendor.test", "mx.provider.test", clock.now())
    said = told("note")
    assert "nobody proves the senders of support@vendor.test, so mail of your own people will be held" in said
    assert "these say that they check its mail: mx.provider.test" in said
    assert "5 people have addresses at vendor.test" in said
    inbox(trusted_authserv=("mx.provider.test",))
    assert "nobody proves" not in told("note")


@pytest.mark.behaviour("B-347")
def test_who_is_missing_and_who_is_nobody_on_the_staff(cast: Cast) -> None:
    now = clock.now()
    row = make_schedule(cast.lead, "Platform", "UTC", now)
    layer = {"name": "All", "participants": ["gone@vendor.test"], "unit": "day", "length": 1, "handoff": "09:00"}
    spec = {"tz": "UTC", "layers": [{**layer, "start": "2026-01-01", "restriction": None}]}
    edit_layers(cast.lead, row, spec, now, now)
    assert "nobody is on call on Platform from" in told("note")
    assert "on_call.platform names gone@vendor.test" in told("wrong")
    change_schedule(cast.lead, row, "Platform", now, p0=True, confirmed=True)
    assert "nobody is on call on Platform from" in told("wrong")


def test_clocks_that_were_wrong_and_promises_that_wait(instance: Path) -> None:
    values = {"metric": "first_response", "index": 0, "stored": {}, "computed": {}}
    Defect.objects.create(ticket_id=5, number=1004, found_at=clock.now(), **values)
    Defect.objects.create(ticket_id=6, number=1005, found_at=clock.now() - timedelta(days=8), **values)
    ask_replan("calendar", "office", "Ada Lind", clock.now())
    assert "1 stored clocks were found to differ from their events (last #1004, first_response" in told("wrong")
    assert "open clocks are worked out anew (calendar office): 0 of 0 done" in told("note")


def test_a_promise_that_nobody_records(instance: Path, cast: Cast) -> None:
    a_ticket(cast, clock.now() - timedelta(hours=9))
    assert "are not recorded" not in told("wrong"), "a stopped instance records when it is started"
    state.State(pid=6, started_at="2026-11-24T20:00:00+00:00", programs={}).write(instance)
    with state.lock(instance):
        assert "promises fell due a minute ago and are not recorded" in told("wrong")
