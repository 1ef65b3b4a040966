"""The ladder's page and its editor: who may, what is refused, and that nothing moves an escalation that is open."""

import html
from typing import Any
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from django.test import Client

from answerable.casework import ladder_actions
from answerable.casework.ladder_actions import Stake
from answerable.casework.ladder_policy import said as without_owner
from answerable.casework.ladder_policy import stored
from answerable.casework.ladder_policy_actions import change_ladder
from answerable.desk.ladder_sheet import posted, sheet_of
from answerable.desk.paging_names import known_names
from answerable.desk.tests.test_on_call import client_of, shown
from answerable.escalation.episodes import Episode, LadderStep
from answerable.lib import clock
from tests.cast import NOW, Cast, a_ticket
from tests.cast import ladder as the_policy

PAGE, SAVE = "/desk/ladder", "/desk/ladder/save"
TIMES = {"P0": 900, "P1": 1800, "P2": 7200, "P3": 14_400}
WHOLE = {
    "min_interval": 14_400,
    "repeat_every": 900,
    "max_repeats": 3,
    "fallback": ["admin@vendor.test"],
    "csm": True,
    "show_names": False,
    "max_open": 3,
    "automatic": [{"metric": "first_response", "severities": ["P0", "P1"], "level": 1}],
    "ack_ttl": TIMES | {"P3": None},
    "managed": "desk",
    "version": 4,
    "levels": [
        {"name": "First line", "role": "Takes over.", "people": [], "roles": [], "team": "own", "schedule": None},
        {"name": "Director", "role": "Brings.", "people": [], "roles": ["lead"], "team": "cloud", "schedule": None},
        {"name": "Head", "role": "Decides.", "people": ["admin@vendor.test"], "roles": [], "team": None, "schedule": None},
    ],
}  # fmt: skip


@pytest.fixture
def client(cast: Cast) -> Client:
    the_policy(**WHOLE)
    return client_of(cast.admin)


def typed(**more: Any) -> dict[str, Any]:
    """What the form of the ladder in force posts."""
    sheet = sheet_of(stored(), known_names())
    post: dict[str, Any] = {"count": len(sheet.levels), "seen": stored()["version"]}
    for number, level in enumerate(sheet.levels):
        at = f"level-{number}-"
        post |= {f"{at}{name}": getattr(level, name) for name in ("name", "role", "team", "schedule")}
        post |= {f"{at}roles": list(level.roles), f"{at}people": list(level.fields)}
    post |= {f"{name}-{one}": text for name, row in sheet.times.items() for one, text in row.items()}
    post |= {name: getattr(sheet, name) for name in ("min_interval", "repeat_every", "max_repeats", "max_open")}
    post |= {rule.replace(" ", "-"): level for rule, level in sheet.moves.items()}
    post |= {"fallback": list(sheet.contacts), "csm": "on"}
    return post | more


def said(answer: Any, status: int) -> str:
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


def test_what_is_shown_is_read_back_as_it_was(client: Client) -> None:
    sheet = posted(QueryDict(urlencode(typed(), doseq=True)), known_names())
    assert (sheet.wrong, sheet.content) == ({}, without_owner(stored()))
    assert "Nothing: it says so already." in said(client.post(SAVE, typed()), 200)


@pytest.mark.behaviour("B-412")
def test_the_staff_see_the_ladder_and_administrators_edit_it_where_the_desk_owns_it(cast: Cast, client: Client) -> None:
    for person in (cast.agent, cast.lead, cast.csm, cast.admin):
        text = html.unescape(shown(person, PAGE))
        for words in ("First line", "the request's team", "Team lead of Cloud support", "Ada Lind", "never"):
            assert words in text, words
        assert ("/desk/ladder/edit" in text) == (person == cast.admin)
    assert client_of(cast.lead).get("/desk/ladder/edit").status_code == 404
    post = typed(**{"level-1-name": "Director, Support", "max_open": "5", "ack_ttl-P3": "2 d"})
    text = said(client.post(SAVE, post), 200)
    assert "<del>Director</del>" in text
    assert "<ins>Director, Support</ins>" in text
    assert stored()["version"] == 4
    assert client.post(SAVE, post | {"do": "save"}).status_code == 302
    kept = stored()
    assert (kept["version"], kept["levels"][1]["name"], kept["max_open"], kept["ack_ttl"]["P3"]) == (
        5,
        "Director, Support",
        5,
        172_800,
    )
    assert "Ada Lind changed the ladder" in shown(cast.agent, PAGE)
    client.post("/desk/ladder/give-back")
    assert "The file support.toml owns the ladder" in shown(cast.admin, PAGE)
    assert client.get("/desk/ladder/edit").status_code == 403
    assert client.post(SAVE, typed(do="save")).status_code == 403


def test_what_is_wrong_stands_at_its_field(client: Client) -> None:
    wrong = {
        "level-0-name": "",
        "level-0-team": "",
        "level-1-team": "gone",
        "level-1-schedule": "gone",
        "level-2-people": ["Nobody Atall"],
        "fallback": ["On call: x"],
        "ack_timeout-P0": "soon",
        "confirm_timeout-P1": "",
        "max_repeats": "many",
        "max_open": "0",
        "first_response-P0": "4",
    }
    text = said(client.post(SAVE, typed(**wrong, do="save")), 422)
    for words in (
        "This must not be empty.",
        "Say who holds it",
        "There is no such team.",
        "There is no schedule gone.",
        "Nobody Atall: Nobody on the staff",
        "On call: x: Nobody on the staff",
        "A time such as 15 min, 4 h or 2 d.",
        "A whole number.",
        "This number is too small or too large.",
        "There is no level 4.",
    ):
        assert words in text, words
    assert text.count('aria-invalid="true"') >= len(wrong) - 1
    assert stored()["version"] == 4


def test_levels_are_added_moved_and_taken_out(client: Client) -> None:
    for do, names in (
        ("add", ["First line", "Director", "Head", ""]),
        ("up-2", ["First line", "Head", "Director"]),
        ("down-0", ["Director", "First line", "Head"]),
        ("remove-1", ["First line", "Head"]),
    ):
        text = said(client.post(SAVE, typed(do=do)), 200)
        found = [text.partition(f'name="level-{n}-name" value="')[2].partition('"')[0] for n in range(len(names))]
        assert found == names, do
    assert "From one to nine levels" in said(client.post(SAVE, typed(count="0")), 422)


@pytest.mark.behaviour("B-408")
def test_the_second_editor_of_the_ladder_sees_the_difference(cast: Cast, client: Client) -> None:
    change_ladder(cast.admin, stored() | {"max_open": 9}, 4, clock.now())
    text = said(client.post(SAVE, typed(do="save", seen="4", max_open="7")), 409)
    assert "Somebody else has changed the ladder meanwhile" in text
    assert "<ins>9</ins>" in text[text.index("What was changed meanwhile") : text.index("Below is what you typed")]
    assert stored()["max_open"] == 9


@pytest.mark.behaviour("B-409")
def test_an_escalation_that_is_open_keeps_its_level_and_its_times(cast: Cast, client: Client) -> None:
    ticket = a_ticket(cast)
    ladder_actions.ask(cast.requester, ticket.pk, Stake("Payroll", "17:00"), NOW)
    Episode.objects.update(level=3)
    before = Episode.objects.values().get(), list(LadderStep.objects.values())
    post = typed(count="1", **{"first_response-P0": "1", "ack_timeout-P2": "1 min", "confirm_timeout-P2": "1 min"})
    text = said(client.post(SAVE, post), 200)
    assert "One escalation stands on a level that this takes away" in text
    assert client.post(SAVE, post | {"do": "save"}).status_code == 302
    assert len(stored()["levels"]) == 1
    assert (Episode.objects.values().get(), list(LadderStep.objects.values())) == before


def test_nobody_who_holds_a_level_is_a_warning(client: Client) -> None:
    post = typed(**{"level-1-team": "product"})
    assert "Nobody holds level 2 now, so it is passed at once." in said(client.post(SAVE, post), 200)
    assert client.post(SAVE, post | {"do": "save"}).status_code == 302
