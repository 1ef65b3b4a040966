"""Machines (E-45, E-46): which headers give them away, and which do not."""

import pytest

from answerable.mail import parse
from answerable.mail.tests.samples import message


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("Auto-Submitted: auto-replied", "vacation"),
        ("Auto-Submitted: Auto-Replied (vacation); x=y", "vacation"),
        ("Precedence: auto_reply", "vacation"),
        ("X-Autoreply: yes", "vacation"),
        ("X-Autorespond: x", "vacation"),
        ("X-AutoReply-From: x", "vacation"),
        ("X-Mail-Autoreply: x", "vacation"),
        ("Auto-Reply: x", "vacation"),
        ("X-Apple-Action: VACATION", "vacation"),
        ("X-MS-Exchange-Generated-Message-Source: Mailbox Rules Agent", "vacation"),
        ("X-POST-MessageClass: 9; Autoresponder", "vacation"),
        ("Return-Path: <>", "vacation"),
        ("Subject: Automatic reply: x\nIn-Reply-To: <a@b>", "vacation"),
        ("Subject: Abwesenheit bis Montag\nReferences: <a@b>", "vacation"),
        ("Auto-Submitted: auto-replied\nList-Id: <a.b>", "vacation"),
        ("List-Id: <a.b>", "list"),
        ("List-Unsubscribe: <mailto:a@b>", "list"),
        ("List-Post: <mailto:a@b>", "list"),
        ("Mailing-List: x", "list"),
        ("X-Mailing-List: x", "list"),
        ("Precedence: list", "list"),
        ("Precedence: bulk\nX-Loop: x", "list"),
        ("Precedence: bulk\nSender: owner-dev@x.test", "list"),
        ("Precedence: bulk\nSender: dev-owner@x.test", "list"),
        ("Precedence: bulk", "bulk"),
        ("Precedence: junk", "bulk"),
        ("Precedence: BULK (really)", "bulk"),
        ("Auto-Submitted: auto-generated", "generated"),
        ("Auto-Submitted: auto-notified; owner-email=x", "generated"),
        ("X-Auto-Response-Suppress: RN, OOF", "generated"),
        ("X-Auto-Response-Suppress: All", "generated"),
        ("X-Auto-Response-Suppress: dr, autoreply", "generated"),
        ("X-FC-MachineGenerated: true", "generated"),
        ("X-Loop: x", "generated"),
        ("X-RT-Loop-Prevention: x", "generated"),
        ("X-OTRS-Loop: x", "generated"),
        ("X-MS-Exchange-Generated-Message-Source: x", "generated"),
        ("Auto-Submitted: no", ""),
        ("Auto-Submitted: No (a person)", ""),
        ("Precedence: normal", ""),
        ("X-Auto-Response-Suppress: RN, NRN", ""),
        ("Subject: Out of office", ""),
        ("Subject: Automatic reply\nReturn-Path: <ann@customer.test>", ""),
        ("Sender: owner-dev@x.test", ""),
        ("List-Help: <mailto:a@b>", ""),
        ("Return-Path: <ann@customer.test>", ""),
    ],
)
def test_marks_of_machines_e45_e46(header: str, expected: str) -> None:
    read = parse.read(message(header))
    assert (read.auto_class, read.kind) == (expected, "auto" if expected else "human")


def test_the_envelope_tells_of_a_null_path_too_e45() -> None:
    assert parse.read(message("Subject: hello"), envelope_from="").auto_class == "vacation"
    assert parse.read(message("Subject: hello"), envelope_from="<>").null_path
    assert parse.read(message("Subject: hello"), envelope_from="ann@customer.test").auto_class == ""
    assert parse.read(message("Return-Path: <>"), envelope_from="ann@customer.test").auto_class == "vacation"


def test_our_own_mark_is_read_e44() -> None:
    assert parse.read(message("X-Answerable-Instance: abc123")).instance == "abc123"
