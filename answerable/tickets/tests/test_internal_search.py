"""Searching as staff: what the language means, who finds what, and that nothing typed is an error."""

from dataclasses import replace
from datetime import timedelta

import pytest

from answerable.casework import actions as casework
from answerable.casework import note_actions
from answerable.lib import sql
from answerable.people.models import Person, Team
from answerable.tickets import internal_search, words
from answerable.tickets.internal_search import Found, Wanted, find, opened, parts_of, read_place
from answerable.tickets.models import Participant, Ticket
from answerable.tickets.search_filters import narrow
from answerable.tickets.search_language import MOST_LETTERS, read, tsquery, without
from tests.cast import NOW, Cast, a_file, a_ticket, says


def search(person: Person, text: str, **more: object) -> Found:
    query = read(text)
    wanted = replace(Wanted(query, narrow(query)), **more)  # type: ignore[arg-type]  # the values of a test
    return find(wanted, person, NOW + timedelta(hours=1))


def finds(person: Person, text: str) -> set[int]:
    return {row.id for row in search(person, text).rows}


def test_words_phrases_and_the_last_word_s_beginning() -> None:
    query = read('Größe "last night" -demo foo/bar.csv exp')
    assert tsquery(query.terms) == "(große) & (last <-> night) & !(demo) & (foo <-> bar <-> csv) & (exp:*)"
    assert tsquery(read("exp ").terms) == "(exp)"
    assert tsquery(read("a b").terms, "D") == "(a:D) & (b:*D)"
    assert (read("#1023").number, read("1023").number, read("error 1023").number) == (1023, 1023, None)
    assert without(read("a status:open"), "status:open") == "a"


@pytest.mark.behaviour("B-272")
def test_all_of_it_must_be_there_in_whichever_entry(cast: Cast) -> None:
    one, other = a_ticket(cast, subject="Export of glossary"), a_ticket(cast, subject="Import")
    casework.add_reply(cast.requester, one.pk, says("It ends with ERR_CONN_RESET in the proxy"), NOW)
    note_actions.add_note(cast.agent, one.pk, "They run an old Zürich build", NOW)
    for text in (
        "export zurich conn_reset",
        '"conn reset"',
        "glos",
        "stopped OR export",
        "in:notes zurich",
        "has:note",
    ):
        assert finds(cast.agent, text) >= {one.pk} or text == "stopped OR export", text
    assert finds(cast.agent, "loaded -zurich") == {other.pk}
    assert finds(cast.agent, "export -glossary") == set()
    assert finds(cast.agent, "in:replies zurich") == set() == finds(cast.agent, "in:subject proxy")
    assert finds(cast.agent, "loaded -has:note") == {other.pk}


@pytest.mark.behaviour("B-273")
def test_filters_narrow(cast: Cast) -> None:
    norrland = a_ticket(cast, severity="P1")
    kivu = a_ticket(cast, organization=cast.other_org, requester=cast.stranger, team=cast.product)
    casework.assign(cast.agent, norrland.pk, cast.agent, cast.cloud, NOW)
    casework.add_reply(cast.stranger, kivu.pk, says("see", files=(a_file("trace-7.log", b"x"),)), NOW)
    casework.add_reply(cast.lead, kivu.pk, says("done"), NOW, casework.Next(status="solved"))
    Ticket.objects.filter(pk=kivu.pk).update(tags=["outage"])
    for text in (
        "status:open", "severity:p1", "org:norrland", 'org:"Norrland Energi"', "organization:norrland.test", "team:cloud",
        "assignee:me", "assignee:tomas", "requester:elin", "requester:elin@norrland.test", "csm:maria", "-org:kivu",
        "-tag:outage", "is:open", "-has:attachment", "status:new,working",
    ):  # fmt: skip
        assert finds(cast.agent, text) == {norrland.pk}, text
    for text in (
        "status:solved",
        "tag:outage",
        "has:attachment",
        "in:files trace",
        "outage",
        "team:product",
        "solved:today",
    ):
        assert finds(cast.agent, text) == {kivu.pk}, text
    for text in (
        "before:2026-03-03",
        "after:1d",
        "created:2026-03-02",
        "created:>2026-03-01",
        "created:2026-03-01..2026-03-02",
    ):
        assert finds(cast.agent, text) == {norrland.pk, kivu.pk}, text
    for text in ("before:2026-03-02", "created:yesterday", "after:2026-03-03", "csm:nobody status:open", "is:breached"):
        assert finds(cast.agent, text) == set(), text


@pytest.mark.behaviour("B-274")
@pytest.mark.parametrize(
    ("text", "why", "better"),
    [
        ("severty:P1", "no filter “severty:”", "severity:P1"),
        ("status:opne", "knows no “opne”", "status:open"),
        ("org:norland", "No organization is called “norland”", 'org:"Norrland Energi"'),
        ("team:clowd", "No team is called", "team:cloud"),
        ("assignee:tomaz", "Nobody of the staff is called", 'assignee:"Tomas Kral"'),
        ("requester:zzz", "Nobody is called “zzz”", ""),
        ("before:yesterweek", "is no day", ""),
        ("-before:2026-01-01", "with a minus", ""),
        ("is:sensitiv", "knows no", "is:sensitive"),
        ("in:note", "knows no", "in:notes"),
        ("severity:P1,P77", "knows no “P77”", "severity:p7"),
    ],
)
def test_what_makes_no_sense_is_told_with_what_it_may_have_meant(cast: Cast, text: str, why: str, better: str) -> None:
    [wrong] = narrow(read(text)).wrong
    assert why in wrong.why
    assert wrong.better == better
    search(cast.agent, text)


HOSTILE = [
    "", " ", "\0", "a\0b", '"', '"""', "-", "--", ":", "::", "-:", "#", "##", "#" + "9" * 30, "!&|<->()*:", "' OR 1=1 --",
    "status:", 'status:""', "-status:", "org:,", "org:%", "field.x:y", "field.:y", "before:9999-99-99", "after:99999w",
    "created:..", "created:>", "\\", "a\\", "%s %(x)s {source} {0}", "х" * 5000, "😀 ²³ ½ ﷺ", "~61", "'~61'",
    "x " * 10000, "-x " * 6000, 'status:open ' * 2000, '"a b" ' * 3000, "http://a.b/c?d=e", "10:30", "a:b:c", "\u202e", "\ud800",
]  # fmt: skip


@pytest.mark.behaviour("B-274")
def test_nothing_that_is_typed_is_an_error(cast: Cast) -> None:
    ticket = a_ticket(cast)
    for text in HOSTILE:
        found = search(cast.agent, text)
        assert len(found.rows) <= 1, text[:20]
        parts_of([ticket.pk], read(text), "", cast.agent, NOW)
    assert read("a" * (MOST_LETTERS + 1)).cut
    assert finds(cast.agent, "😀") == set()


@pytest.mark.behaviour("B-275")
def test_who_is_shut_in_finds_their_own_and_no_note_of_what_they_only_take_part_in(cast: Cast) -> None:
    mine, theirs, copied = a_ticket(cast), a_ticket(cast, team=cast.product), a_ticket(cast, team=cast.product)
    Participant.objects.create(ticket=copied, person=cast.agent, role="cc", since=NOW, source="desk")
    for ticket in (mine, theirs, copied):
        note_actions.add_note(cast.agent, ticket.pk, "Their secret is plugh", NOW)
    assert finds(cast.agent, "loaded") == finds(cast.agent, "plugh") == {mine.pk, theirs.pk, copied.pk}
    Team.objects.filter(key="cloud").update(restricted=True)
    cast.agent.__dict__.pop("_teams_of", None)
    assert finds(cast.agent, "loaded") == {mine.pk, copied.pk}
    assert finds(cast.agent, "plugh") == finds(cast.agent, "has:note") == {mine.pk}
    assert finds(cast.agent, "loaded -plugh") == {copied.pk}
    assert parts_of([mine.pk, copied.pk], read("plugh"), "", cast.agent, NOW).keys() == {mine.pk}
    assert [row.id for row in opened([theirs.number, copied.number], cast.agent, NOW)] == [copied.pk]


def test_deleted_requests_and_probes_are_nowhere(cast: Cast) -> None:
    deleted, probe = a_ticket(cast), a_ticket(cast)
    Ticket.objects.filter(pk=deleted.pk).update(set_aside="deleted")
    Ticket.objects.filter(pk=probe.pk).update(number=-5)
    assert finds(cast.agent, "loaded") == set() == finds(cast.agent, "status:open")
    assert opened([deleted.number, -5], cast.agent, NOW) == []


def test_the_subject_counts_more_and_pages_neither_skip_nor_repeat(cast: Cast) -> None:
    tickets = [a_ticket(cast, NOW + timedelta(minutes=n)) for n in range(7)]
    best = a_ticket(cast, subject="Nothing loaded, nothing at all")
    assert search(cast.agent, "nothing").rows[0].id == best.pk
    for recent in (False, True):
        seen, after = [], None
        while True:
            found = search(cast.agent, "nothing", recent=recent, after=after, page=3)
            seen += [row.id for row in found.rows]
            assert found.count == 8
            if found.next is None:
                break
            after = read_place(str(found.next))
        assert sorted(seen) == sorted([best.pk, *(ticket.pk for ticket in tickets)])
    assert seen[:6] == [ticket.pk for ticket in reversed(tickets[1:])]
    for text in ("", "x", "1-", "-1-2", "9" * 40 + "-1"):
        assert read_place(text) is None


@pytest.mark.behaviour("B-276")
def test_older_ones_are_looked_at_until_there_are_enough(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(internal_search, "STEPS", (1, 1, 2))
    monkeypatch.setattr(internal_search, "ERA_BITS", 1)
    tickets = [a_ticket(cast) for _ in range(13)]
    for ticket in tickets:  # their eras are shorter than the database has them
        sql.rows(
            "UPDATE tickets_publicwords SET words = ts_delete(words, %(old)s) || array_to_tsvector(ARRAY[%(new)s]) WHERE ticket_id = %(pk)s RETURNING 1",
            {"old": f"~{ticket.pk >> words.ERA_BITS}", "new": f"~{ticket.pk >> 1}", "pk": ticket.pk},
        )
    for text in ("loaded", "status:open", "loaded status:open"):
        assert finds(cast.agent, text) == {ticket.pk for ticket in tickets}, text
        some = search(cast.agent, text, most=4)
        assert (some.bounded, some.count) == (True, 4)
        assert {row.id for row in some.rows} <= {ticket.pk for ticket in tickets[-6:]}, text


def test_a_search_that_takes_too_long_is_stopped_and_says_so(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a_ticket(cast)
    monkeypatch.setattr(internal_search, "_BY_FILTERS", internal_search._BY_FILTERS + " AND pg_sleep(1) IS NOT NULL")
    monkeypatch.setattr(internal_search, "PATIENCE", 20)
    assert search(cast.agent, "status:open").late
