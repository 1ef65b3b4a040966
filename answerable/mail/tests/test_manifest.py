"""The sample messages that are shared beside the repository, against all that can be told from a message alone."""

import csv
import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from answerable.mail import parse
from answerable.mail.incoming import Incoming

FOLDER = Path(__file__).parents[4] / "shared" / "emails"
MANIFEST = FOLDER / "MANIFEST.tsv"


def _rows() -> list[dict[str, str]]:
    if not MANIFEST.exists():
        return []
    with MANIFEST.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


ROWS = _rows()
pytestmark = pytest.mark.skipif(not ROWS, reason="../shared/emails is not there: its messages are under other licences")


def squeezed(text: str) -> str:
    """As section 10 compares: NFC, without white space."""
    return "".join(unicodedata.normalize("NFC", text).split())


def first_line(text: str) -> str:
    return squeezed(next((line for line in text.split("\n") if line.strip()), ""))


def found(read: Incoming) -> dict[str, str]:
    return {
        "kind": read.kind,
        "subject": squeezed(read.subject),
        "from": read.sender,
        "to": ",".join(read.to),
        "cc": ",".join(read.cc),
        "text_first_line": first_line(read.text),
        "attachments_n": str(len(read.attachments)),
        "inline_n": str(sum(one.inline for one in read.attachments)),
    }


def expected(row: dict[str, str]) -> dict[str, str]:
    asserted = {key: row[key] for key in found(Incoming()) if row[key] != "-"}
    asserted["kind"] = {"new": "human", "reply": "human"}.get(row["kind"], row["kind"])
    return asserted | {key: squeezed(asserted[key]) for key in ("subject", "text_first_line") if key in asserted}


def told_more(read: Incoming, extra: dict[str, Any]) -> dict[str, Any]:
    """What the column `extra` asks of the message alone."""
    recipients = read.bounce.recipients if read.bounce else ()
    answers: dict[str, Any] = {
        "auto_class": read.auto_class,
        "flags": [flag for flag in extra.get("flags", []) if flag in read.flags],
        "reply_text": read.reply_text,
        "reply_text_first_line": read.reply_text.split("\n")[0],
        "reply_text_contains": extra.get("reply_text_contains")
        if extra.get("reply_text_contains", "") in read.reply_text
        else None,
        "reply_text_lacks": extra.get("reply_text_lacks")
        if extra.get("reply_text_lacks", "") not in read.reply_text
        else None,
        "dsn": [{"rcpt": one.address, "action": one.action, "status": one.status} for one in recipients],
        "failed_recipients": [one.address for one in recipients if one.permanent],
        "original_message_id": read.original_ids[0] if read.original_ids else None,
        "permanent_failure": any(one.permanent for one in recipients),
    }
    return {key: answers[key] for key in extra if key in answers}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["file"][:3])
def test_a_shared_sample_e10(row: dict[str, str]) -> None:
    read = parse.read((FOLDER / row["file"]).read_bytes())
    asserted = expected(row)
    assert {key: found(read)[key] for key in asserted} == asserted
    if row["attachments"] not in ("-", ""):
        names = row["attachments"].split("|")
        assert [one if one == "*" else file.name for one, file in zip(names, read.attachments, strict=True)] == names
        assert all(file.name for file in read.attachments)
    extra = json.loads(row["extra"]) if row["extra"] else {}
    told = told_more(read, extra)
    assert told == {key: extra[key] for key in told}


def test_all_of_them_are_looked_at() -> None:
    assert len(ROWS) == 49
