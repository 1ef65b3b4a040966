"""The mail room's tabs and search cost by what they show: each has its index, whatever the table holds."""

import pytest
from django.db import connection

from answerable.lib import sql
from answerable.mail.models import RawMail
from answerable.mail.room_queries import FOUND, SHELVES, counts, shelf
from tests.cast import NOW

INDEXES = {
    "quarantine": "rawmail_open_quarantine",
    "waiting": "rawmail_waiting",
    "auto": "rawmail_auto",
    "unmatched": "rawmail_unmatched",
    "held": "rawmail_open_held",
    "discarded": "rawmail_put_away",
}
ENDINGS = [
    ("received", "", "", None),
    ("done", "auto", "vacation", None),
    ("done", "bounce", "unmatched", None),
    ("done", "bounce", "", None),
    ("done", "held", "unverified", None),
    ("done", "held", "unverified", NOW),
    ("quarantined", "quarantine", "empty", None),
    ("quarantined", "quarantine", "empty", NOW),
    ("done", "new", "", None),
]


@pytest.fixture
def mails(db: None) -> None:
    RawMail.objects.bulk_create(
        RawMail(
            inbox="s@v.test", received_at=NOW, source="smtp", size=1, sha256="", body=b"x", state=state, outcome=outcome,
            reason=reason, put_away_at=away, sender=f"s{number}@x.test", subject=f"No {number}", message_id=f"{number}@x",
        )
        for number, (state, outcome, reason, away) in enumerate(ENDINGS)
    )  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE mail_rawmail")
        cursor.execute("SET LOCAL enable_seqscan = off")


def plan(statement: str, **values: object) -> str:
    return "\n".join(line for (line,) in sql.rows(f"EXPLAIN {statement}", values))


def test_the_counts_are_those_of_the_tabs(mails: None) -> None:
    assert counts() == {name: shelf(name, None).count() for name in SHELVES if name != "all"}
    assert counts() == dict.fromkeys(INDEXES, 1)
    assert shelf("all", None).count() == len(ENDINGS)


@pytest.mark.parametrize(("name", "index"), INDEXES.items())
def test_each_tab_and_its_count_have_an_index(mails: None, name: str, index: str) -> None:
    assert index in plan(f"SELECT count(*) FROM mail_rawmail WHERE {SHELVES[name]}")
    if name != "waiting":  # a list of what came in the last seconds
        assert index in shelf(name, 10**9)[:51].explain()


def test_a_search_goes_by_three_indexes(mails: None) -> None:
    found = plan(FOUND, address="s1@%", words="no 1%", key="1@%", most=10)
    for index in ("rawmail_sender_like", "rawmail_subject_like", "rawmail_message_id_like"):
        assert index in found
