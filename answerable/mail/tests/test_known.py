"""What an arriving message meets: the same content, its own Message-ID, Message-IDs that lead to a request."""

from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest

from answerable.mail.actions import remember
from answerable.mail.models import RawMail
from answerable.mail.queries import known
from tests.cast import NOW

SINCE = NOW - timedelta(days=30)


def came(more: Mapping[str, str] = {}, at: datetime = NOW) -> RawMail:
    given = {"fingerprint": "f", "message_id": "m@x.test", "state": "done", "outcome": "new"} | dict(more)
    return RawMail.objects.create(inbox="a@b.test", received_at=at, source="smtp", size=0, body=b"", **given)


def arriving(**more: str) -> RawMail:
    return came({"state": "received", "outcome": ""} | more)


def test_for_most_mail_there_is_nothing_to_find(db: None) -> None:
    came({"fingerprint": "other", "message_id": "other@x.test"})
    found = known(arriving(), ["<t@x.test>"], SINCE)
    assert (found.refs, found.same, found.reused) == ({}, None, False)


def test_the_first_of_the_same_content_is_found(db: None) -> None:
    first = came()
    came()
    assert known(arriving(), [], SINCE).same == first


@pytest.mark.parametrize(
    "other",
    [
        {"state": "received", "outcome": ""},
        {"state": "quarantined", "outcome": "quarantine"},
        {"outcome": "duplicate"},
        {"fingerprint": "g"},
    ],
)
def test_what_was_not_handled_itself_or_says_something_else_is_not_the_same(db: None, other: dict[str, str]) -> None:
    came(other)
    assert known(arriving(), [], SINCE).same is None


def test_the_same_content_from_before_the_window_is_new(db: None) -> None:
    came(at=SINCE - timedelta(seconds=1))
    assert known(arriving(), [], SINCE).same is None
    first = came(at=SINCE)
    assert known(arriving(), [], SINCE).same == first


def test_a_message_id_that_came_before_is_reused(db: None) -> None:
    came({"fingerprint": "g", "state": "quarantined", "outcome": "quarantine"})
    assert known(arriving(), [], SINCE).reused
    assert not known(arriving(message_id="n@x.test"), [], SINCE).reused


def test_mail_without_a_message_id_reuses_none(db: None) -> None:
    came({"message_id": "", "fingerprint": "g"})
    assert not known(arriving(message_id=""), [], SINCE).reused


def test_message_ids_that_lead_to_a_request_are_found_by_their_key(db: None) -> None:
    for number, written in enumerate(["<m@x.test>", "<t@x.test>", "<t@X.TEST>", "<unasked@x.test>"]):
        remember(written, ours=False, ticket_id=number, at=NOW, entry_id=None, person_id=None).save()
    refs = known(arriving(), ["<t@X.test>", "<unknown@x.test>"], SINCE).refs
    assert {key: sorted(ref.ticket_id for ref in found) for key, found in refs.items()} == {
        "m@x.test": [0],
        "t@x.test": [1, 2],
    }
