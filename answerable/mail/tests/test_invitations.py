"""Calendar files in mails, as calendars write them and as nobody should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from answerable.mail.files import Attachment
from answerable.mail.invitations import invitation_in


def said(*lines: str, kind: str = "text/calendar") -> dict[str, str]:
    text = "\r\n".join([
        "BEGIN:VCALENDAR", "METHOD:REQUEST", "BEGIN:VTIMEZONE", "DTSTART:16010101T000000", "END:VTIMEZONE",
        "BEGIN:VEVENT", *lines, "BEGIN:VALARM", "SUMMARY:Alarm", "END:VALARM", "END:VEVENT", "END:VCALENDAR",
    ])  # fmt: skip
    return invitation_in([Attachment("a.ics", kind, text.encode())])


def test_what_is_shown_of_it() -> None:
    assert said(
        "SUMMARY;LANGUAGE=en:Look at the loader\\, tog",
        " ether",
        'ORGANIZER;CN="Berg: Elin":mailto:elin@norrland.test',
        "DTSTART;TZID=Europe/Stockholm:20261201T090000",
        "DTEND;TZID=Europe/Stockholm:20261201T093000",
        "LOCATION:Room 4\\nnorth",
        "RRULE:FREQ=WEEKLY",
    ) == {
        "method": "REQUEST", "summary": "Look at the loader, together", "organizer": "Berg: Elin", "repeats": "yes",
        "start": "2026-12-01T09:00:00+01:00", "end": "2026-12-01T09:30:00+01:00", "location": "Room 4 north",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("start", "read"),
    [
        ("DTSTART:20261201T080000Z", "2026-12-01T08:00:00+00:00"),
        ("DTSTART;VALUE=DATE:20261224", "2026-12-24"),
        ("DTSTART;TZID=W. Europe Standard Time:20261201T090000", "2026-12-01 09:00 W. Europe Standard Time"),
        ("DTSTART;TZID=../../etc/passwd:20261201T090000", "2026-12-01 09:00 ../../etc/passwd"),
        ("DTSTART:20261201T090000", "2026-12-01 09:00"),
    ],
)
def test_a_time_is_a_moment_where_its_zone_is_known(start: str, read: str) -> None:
    assert said(start)["start"] == read


@pytest.mark.parametrize(
    "start", ["DTSTART:soon", "DTSTART:00010101T000000Z", "DTSTART:99991231", "DTSTART:20261399", "X:1"]
)
def test_without_a_time_there_is_no_invitation(start: str) -> None:
    assert said(start, "SUMMARY:x") == {}
    assert said("DTSTART:20261201T080000Z", kind="application/pdf") == {}


PIECES = ["BEGIN:VEVENT", "END:VEVENT", "DTSTART", ":", ";", '"', "TZID=", "20261201T080000", "\n ", "\r\n", "é"]


@given(st.lists(st.sampled_from(PIECES)))
def test_whatever_stands_there_is_read(pieces: list[str]) -> None:
    found = invitation_in([Attachment("a.ics", "text/calendar", "".join(pieces).encode())])
    assert all(isinstance(value, str) for value in found.values())
