"""The wall page: what it counts, what it costs, and who may hang it up."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.casework import clock_actions
from answerable.lib import clock
from answerable.people.models import Person, Team, WallLink
from answerable.people.wall_actions import make_wall_link, token_of
from answerable.reports import wall
from answerable.reports.wall import picture
from answerable.tickets.models import Ticket
from tests.cast import Cast, a_ticket, says

HOUR = timedelta(hours=1)


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def link(cast: Cast) -> WallLink:
    return make_wall_link(cast.admin, "Team room", clock.now(), initials=True, theme="dark")


def screen(row: WallLink) -> str:
    return f"/desk/wall/screen/{token_of(row)}"


@pytest.fixture
def a_day(cast: Cast) -> dict[str, Ticket]:
    """P2 is answered within 8 h, P1 within 2 h. All on one day, the vendor's UTC one, seen at its noon."""
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    made = {
        "broken": a_ticket(cast, noon - 9 * HOUR),
        "due": a_ticket(cast, noon - 1.5 * HOUR, severity="P1", team=cast.product),
        "fine": a_ticket(cast, noon - HOUR),
        "answered": a_ticket(cast, noon - 3 * HOUR),
        "late": a_ticket(cast, noon - 11 * HOUR),
        "yesterday": a_ticket(cast, noon - 13 * HOUR),
    }
    for name, hours in (("answered", 2), ("late", 1), ("yesterday", 12.5)):
        done = casework.Next(status="solved")
        casework.add_reply(cast.agent, made[name].pk, says("Done."), noon - hours * HOUR, done)
    clock_actions.look(made["broken"].pk, noon)
    return made


@pytest.mark.behaviour("B-328")
def test_the_picture_is_that_of_the_day(cast: Cast, a_day: dict[str, Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    noon = clock.now().replace(hour=12, minute=0, second=0, microsecond=0)
    monkeypatch.setattr("answerable.lib.clock.now", lambda: noon)
    found = picture(cast.admin, noon)
    assert [tuple(level) for level in found.levels] == [("P1", 1, 0, 1), ("P2", 2, 1, 0)]
    numbers = {part: [line.number for line in lines] for part, lines in found.lines.items()}
    broken, due, fine = (a_day[name].number for name in ("broken", "due", "fine"))
    assert numbers == {"broken": [broken], "due": [due], "waiting": [broken, due, fine]}
    today = found.today
    assert (today.opened, today.solved) == (5, 2)
    # Kept: "answered" after an hour. Broken: "late" after ten, and "broken" itself. Yesterday's was judged yesterday.
    assert (today.first.kept, today.first.broken, today.first.median) == (1, 2, 3600)


@pytest.mark.behaviour("B-328")
def test_it_costs_few_statements_and_none_for_a_while_after(cast: Cast, a_day: dict[str, Ticket]) -> None:
    row = make_wall_link(cast.admin, "Team room", clock.now(), initials=True, theme="")
    client = client_of(cast.admin)
    for ask, path in ((client, "/desk/wall"), (Client(), screen(row))):
        ask.get(path)
        wall._of_all.forget()
        for most in (5, 2):
            with CaptureQueriesContext(connection) as asked:
                assert ask.get(path).status_code == 200
            assert len(asked) <= most, [one["sql"][:80] for one in asked]


def test_a_count_that_ends_says_so(cast: Cast, a_day: dict[str, Ticket], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall, "CAP", 2)
    found = picture(cast.admin, clock.now())
    assert (found.open, found.is_capped) == (2, True)
    assert "+</strong>" in client_of(cast.admin).get("/desk/wall").content.decode()


def test_who_is_shut_in_sees_their_own_teams_wall(cast: Cast, a_day: dict[str, Ticket]) -> None:
    assert picture(cast.admin, clock.now()).open == 3
    Team.objects.filter(pk=cast.cloud.pk).update(restricted=True)
    agent = Person.objects.get(pk=cast.agent.pk)
    found = picture(agent, clock.now())
    assert found.open == 2, "nothing of what was drawn for others"
    assert {line.number for lines in found.lines.values() for line in lines} <= {
        a_day["broken"].number,
        a_day["fine"].number,
    }


@pytest.mark.behaviour("B-327")
def test_a_screen_needs_no_log_in_names_nobody_and_goes_dark_when_revoked(
    cast: Cast, link: WallLink, a_day: dict[str, Ticket]
) -> None:
    answer = Client().get(screen(link))
    page = answer.content.decode()
    assert f"#{a_day['broken'].number}" in page
    assert "is-dark" in page
    for private in ("Warehouse", "Norrland", "Elin", "Nothing has loaded", "Tomas Kral", "/desk/tickets"):
        assert private not in page, private
    assert "data-live-token" not in page
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    fragment = Client().get(screen(link), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in fragment
    client = client_of(cast.admin)
    assert token_of(link) in client.get("/desk/wall/screens").content.decode()
    client.post(f"/desk/wall/screens/{link.pk}/revoke")
    assert Client().get(screen(link)).status_code == 404
    assert token_of(link) not in client.get("/desk/wall/screens").content.decode()


@pytest.mark.behaviour("B-327")
def test_an_address_ends_with_its_maker_and_cannot_be_guessed(cast: Cast, link: WallLink) -> None:
    assert Client().get(f"/desk/wall/screen/{link.pk}").status_code == 404
    assert Client().get(screen(link)[:-1] + ("A" if screen(link)[-1] != "A" else "B")).status_code == 404
    assert Client().get(screen(link)).status_code == 200
    assert WallLink.objects.get().used_at is not None
    Person.objects.filter(pk=cast.admin.pk).update(role="agent")
    assert Client().get(screen(link)).status_code == 404


def test_names_stand_where_staff_look_and_can_be_left_out(cast: Cast, a_day: dict[str, Ticket]) -> None:
    client = client_of(cast.agent)
    assert "Norrland Energi" in client.get("/desk/wall").content.decode()
    assert "Norrland Energi" not in client.get("/desk/wall?names=off").content.decode()
    assert "/desk/wall/screens" not in client.get("/desk/wall").content.decode()


def test_a_screen_is_made_with_a_name(cast: Cast) -> None:
    client = client_of(cast.admin)
    assert client.post("/desk/wall/screens/make", {"name": ""}).status_code == 422
    client.post("/desk/wall/screens/make", {"name": "Lobby", "theme": "light"})
    row = WallLink.objects.get()
    assert (row.name, row.initials, row.theme, row.made_by) == ("Lobby", False, "light", cast.admin)


def test_who_has_no_name_is_called_by_their_address(cast: Cast) -> None:
    ticket = a_ticket(cast, clock.now() - 9 * HOUR)
    casework.assign(cast.lead, ticket.pk, cast.agent, cast.cloud, clock.now())
    Person.objects.filter(pk=cast.agent.pk).update(name="")
    lines = picture(cast.admin, clock.now()).lines["broken"]
    assert [line.assignee for line in lines] == [cast.agent.email]
