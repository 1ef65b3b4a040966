"""`answerable import-mail`: a whole archive, killed in the middle and repeated."""

import os
import signal
import subprocess
import sys
import time
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from urllib.parse import urlencode

import pytest
from django.core.management import call_command
from django.db import connection

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery, Notice
from answerable.ops.management.commands.import_mail import Command
from answerable.sla.models import Leg
from answerable.tickets.models import Reply, Status, Ticket
from tests import cast as the_cast

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("real_transactions")]

THREADS = 50


def entry(sender: str, to: str, days: float, own: str, answers: str = "") -> bytes:
    # Counted from noon: what is since a day must not hang on the hour in which the tests run.
    at = clock.now().replace(hour=12) - timedelta(days=days)
    lines = [
        f"From {sender.rsplit(maxsplit=1)[-1].strip('<>')} {at:%a %b %d %H:%M:%S %Y}",
        f"From: {sender}",
        f"To: {to}",
        f"Date: {format_datetime(at)}",
        f"Subject: {'Re: ' if answers else ''}Request {own.partition('.')[0]}",
        f"Message-ID: <{own}@archive.test>",
        *([f"In-Reply-To: <{answers}@archive.test>"] if answers else []),
        "",
        "Since this morning.",
        ">From here on nothing loads.",
        "",
        "",
    ]
    return "\n".join(lines).encode()


@pytest.fixture
def box(tmp_path: Path, real_transactions: None) -> Path:
    """Two hundred messages in fifty threads: questions and thanks in the one file, what we sent in another."""
    the_cast.assemble()
    (tmp_path / "box").mkdir()
    with (tmp_path / "box" / "Inbox.mbox").open("wb") as inbox, (tmp_path / "box" / "Sent.mbox").open("wb") as sent:
        for number in reversed(range(THREADS)):
            customer, days = f"Customer <c{number % 7}@kivu.test>", 400 - number
            inbox.write(entry(customer, "support@vendor.test", days, f"{number}.1"))
            sent.write(entry("support@vendor.test", customer, days - 0.2, f"{number}.2", f"{number}.1"))
            inbox.write(entry(customer, "support@vendor.test", days - 0.3, f"{number}.3", f"{number}.2"))
            sent.write(entry("agent@vendor.test", customer, days - 0.4, f"{number}.4", f"{number}.3"))
    return tmp_path / "box"


@pytest.fixture
def env() -> dict[str, str]:
    where = connection.settings_dict
    query = urlencode({"host": where["HOST"], "port": where["PORT"]})
    return os.environ | {"DATABASE_URL": f"postgresql://{where['USER']}@/{where['NAME']}?{query}"}


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    capsys.readouterr()
    call_command(Command(), *arguments)
    said = capsys.readouterr()
    assert " messages" in said.err
    assert "(100 %)" in said.err
    return said.out


@pytest.mark.behaviour("B-216")
def test_an_archive_that_is_killed_in_the_middle_and_repeated_adds_everything_once(
    box: Path, env: dict[str, str], capsys: pytest.CaptureFixture[str]
) -> None:
    command = [sys.executable, "-m", "answerable", "import-mail", str(box)]
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as first:
        while RawMail.objects.count() < 60:
            assert first.poll() is None
            time.sleep(0.01)
        first.send_signal(signal.SIGKILL)
    taken = RawMail.objects.count()
    assert 60 <= taken < 4 * THREADS
    assert "would be taken" in run(capsys, str(box), "--dry-run")
    assert RawMail.objects.count() == taken

    said = run(capsys, str(box))
    assert "further messages on requests" in said
    assert (RawMail.objects.count(), Reply.objects.count(), Ticket.objects.count()) == (200, 200, THREADS)
    assert set(Ticket.objects.values_list("status", flat=True)) == {Status.CLOSED}
    assert set(RawMail.objects.values_list("state", flat=True)) == {"done"}
    assert Reply.objects.filter(from_staff=True).count() == 100
    assert sorted(Ticket.objects.values_list("number", flat=True)) == list(
        Ticket.objects.order_by("created_at").values_list("number", flat=True)
    ), "oldest first"
    assert not any(model.objects.exists() for model in (Delivery, Notice, Leg))
    assert Reply.objects.earliest("at").text == "Since this morning.\nFrom here on nothing loads."

    assert run(capsys, str(box)) == "200 here already\n"
    assert (RawMail.objects.count(), Reply.objects.count()) == (200, 200)


def test_since_and_inbox(box: Path, capsys: pytest.CaptureFixture[str]) -> None:
    since = f"{clock.now() - timedelta(days=352):%Y-%m-%d}"
    out = run(capsys, str(box), "--since", since, "--inbox", "support@vendor.test")
    assert out == "6 further messages on requests, 2 new requests\n"
    with pytest.raises(Refused, match=r"other@vendor\.test is no inbox of the policy; there are support@vendor\.test"):
        run(capsys, str(box), "--inbox", "other@vendor.test")
