"""`answerable intake` as a process: takes mail, leaves when told to, and says which variable to change."""

import os
import selectors
import signal
import smtplib
import subprocess
import sys
import time
from collections.abc import Iterator
from urllib.parse import urlencode

import pytest
from django.db import connection
from procrastinate.contrib.django.models import ProcrastinateJob

from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.mail.models import RawMail
from answerable.ops.tests.test_up import free_port
from tests.cast import NOW

Process = subprocess.Popen[str]

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def env() -> dict[str, str]:
    """The settings of a process that works on the test's own database."""
    apply_inboxes([InboxSpec("support", "support@vendor.test")], "vendor.test", NOW)
    where = connection.settings_dict
    query = urlencode({"host": where["HOST"], "port": where["PORT"]})
    url = f"postgresql://{where['USER']}@/{where['NAME']}?{query}"
    return os.environ | {"DATABASE_URL": url, "ANSWERABLE_SMTP_PORT": str(free_port())}


@pytest.fixture
def intake(env: dict[str, str]) -> Iterator[Process]:
    with _start(env) as process:
        _wait_for(process, "taking mail on 127.0.0.1")
        yield process
        process.kill()


def _start(env: dict[str, str]) -> Process:
    return subprocess.Popen([sys.executable, "-m", "answerable", "intake"], env=env, stderr=subprocess.PIPE, text=True)


def _wait_for(process: Process, words: str) -> None:
    assert process.stderr
    with selectors.DefaultSelector() as selector:
        selector.register(process.stderr, selectors.EVENT_READ)
        assert selector.select(30)
    assert words in process.stderr.readline()


def test_it_takes_mail_and_leaves_at_once_when_told_to(intake: Process, env: dict[str, str]) -> None:
    port = int(env["ANSWERABLE_SMTP_PORT"])
    with smtplib.SMTP("127.0.0.1", port) as smtp, smtplib.SMTP("127.0.0.1", port) as stalling:
        smtp.sendmail("elin@norrland.test", ["support@vendor.test"], b"Subject: x\r\n\r\nx\r\n")
        row = RawMail.objects.get()
        assert [(job.task_name, job.queue_name, job.args) for job in ProcrastinateJob.objects.all()] == [
            ("answerable.casework.jobs.receive_mail", "mail-in", {"raw_id": row.pk})
        ]
        stalling.ehlo()
        stalling.mail("elin@norrland.test")
        stalling.rcpt("support@vendor.test")
        stalling.putcmd("DATA")
        assert stalling.getreply()[0] == 354
        stalling.send(b"Subject: ha")
        begun = time.monotonic()
        intake.send_signal(signal.SIGTERM)
        assert intake.wait(5) == 0
        assert time.monotonic() - begun < 2
        assert stalling.getreply()[0] == smtp.noop()[0] == 421
        smtp.close()
        stalling.close()
    assert RawMail.objects.count() == 1
    assert intake.stderr
    assert "Traceback" not in intake.stderr.read()


def test_a_taken_port_is_one_line_that_names_the_variable(intake: Process, env: dict[str, str]) -> None:
    with _start(env) as second:
        _, said = second.communicate(timeout=30)
    port = env["ANSWERABLE_SMTP_PORT"]
    assert said == f"answerable: ANSWERABLE_SMTP_PORT: port {port} is taken by another program; set another port\n"
    assert second.returncode == 2
