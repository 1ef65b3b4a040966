"""`answerable mail-cases` and `answerable inbound`: the doors by which the mail room is checked from outside."""

import json
import os
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from answerable.audit.actions import system
from answerable.lib import clock
from answerable.mail.models import RawMail
from answerable.ops.mailcases import inside
from answerable.policy import actions as policy
from answerable.policy.read import parse
from answerable.tickets.models import Ticket
from tests.running import mail

WORLD = {
    "inboxes": ["help@vendor.test", "urgent@vendor.test"],
    "reply_domain": "reply.vendor.test",
    "trusted_authserv": ["mx.vendor.test"],
    "agents": {"ann@vendor.test": "Ann Agent"},
    "tickets": {
        "T1": {"requester": "elin@norrland.test", "collaborators": ["lund@norrland.test"], "subject": "One", "sent": 2},
        "T2": {"requester": "elin@norrland.test", "subject": "Two", "status": "solved", "sent": 1},
        "T3": {"requester": "elin@norrland.test", "subject": "Three", "status": "closed"},
    },
}
PASS = {"Authentication_Results": "mx.vendor.test; dmarc=pass header.from=norrland.test"}


@pytest.fixture
def run(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Runs cases in the test's own database: `messages` by the name of their case."""
    monkeypatch.setattr(inside, "DATABASE", settings.DATABASES["default"]["NAME"])
    text = policy.SHIPPED.read_text().replace('cc_outside = "ask"', 'cc_outside = "allow"')
    monkeypatch.setattr(
        inside, "prepare", lambda: policy.apply(parse(text, "support.toml"), clock.now(), system("test"))
    )

    def do(messages: dict[str, bytes], world: dict[str, Any] | None = None, **more: Any) -> list[dict[str, Any]]:
        lines: list[dict[str, Any]] = [{"world": world}] if world else []
        for name, raw in messages.items():
            (tmp_path / f"{name}.eml").write_bytes(raw)
            lines.append({"id": name, "file": f"{name}.eml", "inbox": "help@vendor.test"} | more.get(name, {}))
        (tmp_path / "cases.jsonl").write_text("\n".join(json.dumps(line) for line in lines))
        out = StringIO()
        inside.run(tmp_path / "cases.jsonl", out)
        return [json.loads(line) for line in out.getvalue().splitlines()]

    return do


def test_each_case_has_a_fresh_world_and_leaves_nothing(run: Any) -> None:
    raw = mail("elin@norrland.test", "Hello", "It stops.", "help@vendor.test", Message_ID="<1@norrland.test>")
    first, second = run({"a": raw, "b": raw}, WORLD)
    for found in (first, second):
        assert (found["error"], found["ticket_key"], found["duplicate_case"]) == (None, "new", None)
        assert found["result"]["kind"] == "new"
        assert found["requester"] == "elin@norrland.test"
        assert found["result"]["ack"]
    assert not Ticket.objects.exists()
    assert not RawMail.objects.exists()


def test_a_series_shares_its_world_in_the_order_of_its_steps(run: Any) -> None:
    raw = mail("elin@norrland.test", "Hello", "It stops.", "help@vendor.test", Message_ID="<1@norrland.test>")
    series = {"series": "s"}
    first, again = run({"again": raw, "first": raw}, WORLD, again=series | {"step": 2}, first=series | {"step": 1})
    assert (first["id"], first["result"]["kind"]) == ("first", "new")
    assert (again["id"], again["result"]["kind"], again["duplicate_case"]) == ("again", "duplicate", "first")


def test_placeholders_lead_to_the_worlds_tickets(run: Any) -> None:
    def raw(sender: str, to: str = "help@vendor.test", subject: str = "Re: it", **more: str) -> bytes:
        return mail(sender, subject, "More.", to, **PASS, **more)

    elin = "elin@norrland.test"
    found = run(
        {
            "by id": raw(elin, In_Reply_To="@@MSGID:T1@@"),
            "by token": raw("lund@norrland.test", "@@TOKEN:T1:lund@norrland.test@@@reply.vendor.test"),
            "by tag": raw(elin, subject="Re: @@TAG:T2@@"),
            "number alone": raw(elin, subject="Re: @@NUMBER:T2@@"),
            "closed": raw(elin, In_Reply_To="@@MSGID:T3@@"),
            "own": raw(elin, X_Answerable_Instance="@@INSTANCE@@"),
            "stranger": raw("eve@elsewhere.test", In_Reply_To="@@MSGID:T1@@"),
        },
        WORLD,
    )
    ends = {one["id"]: (one["result"]["kind"], one["result"]["visibility"], one["ticket_key"]) for one in found}
    assert ends == {
        "by id": ("reply", "public", "T1"),
        "by token": ("reply", "public", "T1"),
        "by tag": ("reply", "public", "T2"),
        "number alone": ("new", "public", "new"),
        "closed": ("new", "public", "new"),
        "own": ("quarantine", "none", "none"),
        "stranger": ("reply", "held", "T1"),
    }
    assert [one["id"] for one in found if one["reopened"]] == ["by tag"]


def test_a_setup_seeds_a_mail_that_bounces(run: Any) -> None:
    report = b"""From: MAILER-DAEMON@mx.test\r\nTo: help@vendor.test\r\nSubject: Undelivered\r\nMIME-Version: 1.0\r
Content-Type: multipart/report; report-type=delivery-status; boundary=b\r\n\r\n--b\r\n\r\nno\r\n--b\r
Content-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.test\r\n\r\nFinal-Recipient: rfc822; bob@x.test\r
Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: <sent@vendor.test>\r
\r\n--b--\r\n"""
    setup = {"setup": {"outbound_message_id": "<sent@vendor.test>", "recipient": "bob@x.test"}}
    (found,) = run({"bounce": report}, None, bounce=setup)
    assert (found["result"]["kind"], found["marks_failed"], found["ticket_key"]) == ("bounce", True, "setup")


def test_a_case_that_goes_wrong_says_so_and_the_next_one_runs(run: Any) -> None:
    raw = mail("elin@norrland.test", "Hello @@TAG:T9@@", "It stops.", "help@vendor.test")
    wrong, right = run({"wrong": raw, "right": raw.replace(b"@@TAG:T9@@", b"")}, WORLD)
    assert "KeyError" in wrong["error"]
    assert (right["error"], right["result"]["kind"]) == (None, "new")


@pytest.mark.parametrize(
    ("words", "code"), [([], 75), (["--inbox", "help@vendor.test"], 75), (["--inbox", "a", "--such"], 75)]
)
def test_inbound_asks_a_mail_server_to_try_again_whatever_is_wrong(words: list[str], code: int) -> None:
    """E-1."""
    env = os.environ | {"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}
    done = subprocess.run(
        [sys.executable, "-m", "answerable", "inbound", *words], input=b"From: a@b.test\n\nx", env=env, check=False
    )
    assert done.returncode == code
