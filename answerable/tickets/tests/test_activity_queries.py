"""The three lists: what they hold, found, filtered, sorted and paged without gaps."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework import note_actions
from answerable.lib.paging import Cursor, Page, read_cursor
from answerable.people.models import Grant, Person
from answerable.tickets import activity_queries as lists
from answerable.tickets.activity_queries import SORTS, Wanted, granted, requests_of, tab_counts
from answerable.tickets.models import Ticket
from answerable.tickets.queries import Row
from tests.cast import NOW, Cast, a_ticket, says

List = Callable[[Wanted], Page[Row]]


def own(cast: Cast) -> List:
    return lambda wanted: requests_of(cast.requester, "requester", wanted, NOW)


def copied(cast: Cast) -> List:
    return lambda wanted: requests_of(cast.colleague, "cc", wanted, NOW)


def read(cast: Cast) -> List:
    return lambda wanted: granted(cast.reader, wanted, NOW)


EACH = pytest.mark.parametrize("which", [own, copied, read])


def some(cast: Cast) -> list[Ticket]:
    """Ties in everything that a list sorts by."""
    made = []
    for n in range(9):
        at = NOW - timedelta(hours=n // 3)
        made.append(a_ticket(cast, at, severity=f"P{n % 4}", subject=f"Export {'fails' if n % 2 else 'hangs'} {n}"))
    for ticket in made[:3]:
        casework.set_status(cast.requester, ticket.pk, "solved", NOW)
    casework.add_reply(cast.agent, made[4].pk, says("What do you see?"), NOW, casework.Next(status="pending"))
    return list(Ticket.objects.all())


def walked(find: List, sort: str) -> list[int]:
    shown: list[int] = []
    after: Cursor | None = None
    for _ in range(20):
        page = find(Wanted(sort=sort, after=after))
        shown += [row.id for row in page.rows]
        if page.next is None:
            return shown
        after = read_cursor(str(page.next))
        assert after == page.next
    raise AssertionError("the pages do not end")


KEYS: dict[str, Callable[[Ticket], tuple[object, ...]]] = {
    "activity": lambda t: (-t.updated_at.timestamp(), -t.pk),
    "newest": lambda t: (-t.created_at.timestamp(), -t.pk),
    "promise": lambda t: (t.next_due_at, t.pk),
    "severity": lambda t: (t.severity, -t.updated_at.timestamp(), -t.pk),
}


@EACH
@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.behaviour("B-160")
def test_every_order_pages_without_gaps(
    cast: Cast, monkeypatch: pytest.MonkeyPatch, which: Callable[[Cast], List], sort: str
) -> None:
    expected = [ticket.pk for ticket in sorted(some(cast), key=KEYS[sort])]
    monkeypatch.setattr(lists, "PAGE", 2)
    assert walked(which(cast), sort) == expected


@EACH
@pytest.mark.parametrize(
    ("wanted", "keeps"),
    [
        (Wanted(words="fails"), lambda t: "fails" in t.subject),
        (Wanted(words="HANGS export"), lambda t: "hangs" in t.subject),
        (Wanted(words="elin berg"), lambda t: True),
        (Wanted(words="50%"), lambda t: False),
        (Wanted(words="Expor__fails"), lambda t: False),
        (Wanted(words="Éxport/FAIL"), lambda t: "fails" in t.subject),
        (Wanted(words="\\"), lambda t: False),
        (Wanted(words="what do you see?"), lambda t: t.status == "pending"),
        (Wanted(status="open"), lambda t: t.is_open),
        (Wanted(status="waiting"), lambda t: t.status == "pending"),
        (Wanted(status="done"), lambda t: t.status == "solved"),
        (Wanted(severity="P1"), lambda t: t.severity == "P1"),
        (Wanted(words="fails", status="open", severity="P3"), lambda t: t.severity == "P3"),
        (Wanted(words=" ".join(["export"] * 500)), lambda t: True),
    ],
)
@pytest.mark.behaviour("B-160")
def test_what_is_wanted_is_found(
    cast: Cast, which: Callable[[Cast], List], wanted: Wanted, keeps: Callable[[Ticket], bool]
) -> None:
    expected = {ticket.pk for ticket in some(cast) if keeps(ticket)}
    assert {row.id for row in which(cast)(wanted).rows} == expected


@EACH
def test_a_number_finds_its_request(cast: Cast, which: Callable[[Cast], List]) -> None:
    ticket = some(cast)[5]
    for words in (str(ticket.number), f"#{ticket.number}"):
        assert [row.id for row in which(cast)(Wanted(words=words)).rows] == [ticket.pk]


def test_a_search_finds_nothing_that_is_not_in_the_list(cast: Cast) -> None:
    ticket = a_ticket(cast, subject="Secret export")
    others = a_ticket(cast, requester=cast.stranger, organization=cast.other_org, subject="Secret export too")
    assert [row.id for row in own(cast)(Wanted(words="secret")).rows] == [ticket.pk]
    assert [row.id for row in read(cast)(Wanted(words="secret")).rows] == [ticket.pk]
    Ticket.objects.filter(pk=ticket.pk).update(sensitive=True)
    assert not read(cast)(Wanted(words="secret")).rows
    assert not read(cast)(Wanted(words=str(others.number))).rows


def test_all_that_was_said_in_public_is_found_and_no_note(cast: Cast) -> None:
    ticket = a_ticket(cast)
    for text in ("The Größe is wrong", "last words"):
        casework.add_reply(cast.requester, ticket.pk, says(text), NOW)
    note_actions.add_note(cast.agent, ticket.pk, "plugh", NOW)
    for which in (own, copied, read):
        assert [row.id for row in which(cast)(Wanted(words="größ wrong")).rows] == [ticket.pk]
        assert not which(cast)(Wanted(words="plugh")).rows


def counted(person: Person, now: datetime = NOW) -> tuple[int, ...]:
    return tuple(tab_counts(person, now).values())


def test_tabs_count_their_lists(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        a_ticket(cast)
    a_ticket(cast, unverified=True)
    assert counted(cast.requester) == (5, 0, 0)
    assert counted(cast.colleague) == (0, 5, 0)
    assert counted(cast.reader) == (0, 0, 4)
    monkeypatch.setattr(lists, "TAB_CAP", 3)
    assert counted(cast.requester) == (3, 0, 0)
    Grant.objects.update(expires_at=NOW)
    assert counted(cast.reader) == (0, 0, 0)
    Person.objects.update(is_active=False)
    assert counted(Person.objects.get(pk=cast.requester.pk)) == (0, 0, 0)


def test_two_grants_of_one_organization_show_a_request_once(cast: Cast) -> None:
    ticket = a_ticket(cast)
    again = Grant.objects.get(person=cast.reader)
    again.pk = None
    again.save()
    assert [row.id for row in read(cast)(Wanted()).rows] == [ticket.pk]
    assert counted(cast.reader) == (0, 0, 1)
