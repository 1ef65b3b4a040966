"""The doctor: what is wrong is called so, with its mend."""

import socket
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.core.management import call_command

from answerable.lib import clock
from answerable.lib.relay import MailRelay
from answerable.ops import doctor, state
from answerable.people.models import Person

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
