"""The page of the search and the palette: what they show, and that it is text."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.casework import note_actions
from answerable.desk import finding
from answerable.lib import clock
from answerable.people.models import Person
from answerable.tickets import internal_search
from answerable.tickets.words import Unread
from tests.cast import NOW, Cast, a_file, a_ticket, says


def page(person: Person, text: str, **more: str) -> str:
    client = Client()
    client.force_login(person)
    return client.get("/desk/search", {"q": text, **more}).content.decode()


def palette(person: Person, text: str, recent: str = "") -> str:
    client = Client()
    client.force_login(person)
    return client.get("/desk/search/palette", {"q": text, "recent": recent}).content.decode()


@pytest.mark.behaviour("B-277")
def test_it_shows_which_part_holds_the_words_and_marks_them_as_text(cast: Cast) -> None:
    ticket = a_ticket(cast, subject="<b>Größe</b> of exports")
    reply = casework.add_reply(
        cast.requester, ticket.pk, says("see <script>alert(1)</script> trace", files=(a_file("dump.log", b"x"),)), NOW
    )
    note = note_actions.add_note(cast.agent, ticket.pk, "Their licence <i>ended</i>", NOW)
    shown = page(cast.agent, "große")
    assert "&lt;b&gt;<mark>Größe</mark>&lt;/b&gt;" in shown
    shown = page(cast.agent, "script")
    assert "&lt;<mark>script</mark>&gt;" in shown
    assert "<script>alert" not in shown
    assert f'href="/desk/tickets/{ticket.number}#e{reply.pk}"' in shown
    shown = page(cast.agent, "licence")
    assert f"#e{note.pk}" in shown
    assert re.search(r"<strong>Note</strong> Their <mark>licence</mark> &lt;i&gt;", shown)
    assert "<strong>File</strong> <mark>dump</mark>.<mark>log</mark>" in page(cast.agent, "dump.log")


def test_the_number_comes_first_and_people_and_organizations_stand_beside(cast: Cast) -> None:
    one, other = a_ticket(cast), a_ticket(cast)
    casework.add_reply(cast.requester, other.pk, says(f"as in {one.number}"), NOW)
    shown = page(cast.agent, str(one.number))
    assert shown.index(f'id="t{one.number}"') < shown.index(f'id="t{other.number}"')
    assert f'id="t{other.number}"' not in page(cast.agent, f"#{one.number}")
    shown = page(cast.agent, "elin")
    assert f'href="/desk/people/{cast.requester.pk}">Elin Berg' in shown
    assert 'href="/desk/organizations/norrland">Norrland Energi' in page(cast.agent, "norrl")


@pytest.mark.behaviour("B-278")
def test_an_empty_page_leads_on(cast: Cast) -> None:
    ticket = a_ticket(cast, subject="Export of the glossary")
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE tickets_publicwords")
    casework.add_reply(cast.agent, ticket.pk, says("done"), NOW, casework.Next(status="solved"))
    shown = page(cast.agent, "glossary status:open")
    assert "In solved and closed requests, too · 1 request" in shown
    assert 'href="/desk/search?q=glossary"' in shown
    shown = page(cast.agent, "glossary pineapple")
    assert "Without “pineapple” · 1 request" in shown
    assert "Without “glossary”" not in shown
    shown = page(cast.agent, "severty:P1")
    assert 'Did you mean <a href="/desk/search?q=severity%3AP1">severity:P1</a>?' in shown


def test_a_word_that_is_nearly_known_is_offered(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a_ticket(cast, subject="Export of the glossary")
    monkeypatch.setattr(finding, "common_words", lambda: ["glossary", "of"])
    assert "Did you mean “glossary”? · 1 request" in page(cast.agent, "glosary ")


def test_it_says_when_not_all_was_looked_at(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(4):
        a_ticket(cast)
    monkeypatch.setattr(finding, "MOST", 2)
    monkeypatch.setattr(internal_search.Wanted, "most", 2)
    monkeypatch.setattr(finding, "Wanted", lambda *args, **more: internal_search.Wanted(*args, **({"most": 2} | more)))
    assert "The newest 2 requests" in page(cast.agent, "loaded")
    Unread.objects.create(below=1, first=4)
    assert "75 % are done" in page(cast.agent, "loaded")


def test_paging_and_sorting_keep_the_words(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tickets = [a_ticket(cast, NOW + timedelta(minutes=n)) for n in range(3)]
    monkeypatch.setattr(finding, "Wanted", lambda *args, **more: internal_search.Wanted(*args, **(more | {"page": 2})))
    shown = page(cast.agent, "nothing loaded", sort="recent")
    found = re.search(r'href="(/desk/search\?q=nothing\+loaded&amp;sort=recent&amp;after=[\d-]+)" rel="next"', shown)
    assert found
    client = Client()
    client.force_login(cast.agent)
    assert f'id="t{tickets[0].number}"' in client.get(found[1].replace("&amp;", "&")).content.decode()


@pytest.mark.parametrize(
    "text", ["", "\0", '"', "status:", "#999999999999999", "-x", "x" * 20000, "in:notes", "org:zzz"]
)
def test_whatever_is_typed_gets_a_page_and_a_palette(cast: Cast, text: str) -> None:
    a_ticket(cast)
    assert 'id="found"' in page(cast.agent, text)
    palette(cast.agent, text, recent="x,,1001,9" + "9" * 30)


def test_the_palette_asks_little_and_shows_what_was_opened_last(cast: Cast) -> None:
    ticket = a_ticket(cast, subject="Export <b>")
    client = Client()
    client.force_login(cast.agent)
    client.get("/desk/search/palette")
    for text, words in (
        ("expo", "<mark>Export</mark> &lt;b&gt;"),
        (str(ticket.number), "Export &lt;b&gt;"),
        ("elin", "Elin Berg"),
    ):
        with CaptureQueriesContext(connection) as asked:
            shown = client.get("/desk/search/palette", {"q": text}).content.decode()
        assert words in shown
        said = [str(one["sql"]) for one in asked.captured_queries]
        # Besides whose session it is (that one is asked where no text is kept).
        mine = [
            one
            for one in said
            if not re.search(r"^None$|django_session|people_team|SAVEPOINT|people_person\W+id", one[:500])
        ]
        assert len(mine) <= 3, said
    assert "Opened last" in palette(cast.agent, "", recent=f"{ticket.number},77")


def test_no_other_way_is_tried_after_one_that_took_too_long(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[str] = []

    def find(wanted: internal_search.Wanted, *_: object) -> internal_search.Found:
        tried.append(wanted.query.text)
        return internal_search.Found([], late=len(tried) > 1)

    monkeypatch.setattr(finding, "find", find)
    page(cast.agent, "never seen words")
    assert len(tried) == 2


def test_all_ways_out_of_an_empty_page_share_a_time(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    a_ticket(cast, clock.now(), subject="Warehouse sync")
    left: list[int] = []
    find = internal_search.find

    def counted(*asked: Any) -> internal_search.Found:
        left.extend(asked[3:])
        return find(*asked)

    monkeypatch.setattr(finding, "find", counted)
    assert "Without" in page(cast.agent, "warehouse sync nowhere")
    assert left == sorted(left, reverse=True)
    assert len(left) == 3
    assert 0 < left[-1] <= 2000
    monkeypatch.setattr(finding, "WAYS_TAKE", timedelta(0))
    assert "Without" not in page(cast.agent, "warehouse sync nowhere")
    assert len(left) == 3
