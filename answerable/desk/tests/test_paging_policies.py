"""The pages of paging policies: what they show, what is typed and refused, what stops a change."""

import html
from typing import Any

import pytest
from django.test import Client

from answerable.desk.paging_names import known_names
from answerable.desk.tests.test_on_call import client_of, layer, shown
from answerable.escalation.alerts import PagingPolicy
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging, plan_of
from answerable.escalation.paging_policy_actions import Wanted, change_policy, make_policy
from answerable.escalation.schedule_actions import edit_layers, make_schedule, retire
from answerable.lib import clock
from answerable.people.absence_actions import go_away
from tests.cast import Cast

PAGE = "/desk/paging/at/night"


@pytest.fixture
def night(cast: Cast) -> PagingPolicy:
    now = clock.now()
    row = make_schedule(cast.lead, "Platform", "UTC", now)
    edit_layers(cast.lead, row, {"tz": "UTC", "layers": [layer(cast.agent)]}, now, now)
    steps = (Step(("on_call.platform",), 600), Step((cast.lead.email,), 300), Step(("admins",), 900))
    return make_policy(cast.admin, Wanted("Night", Plan(steps), ("cloud",)), now)


def typed(*steps: tuple[str, str], **more: Any) -> dict[str, Any]:
    post: dict[str, Any] = {"name": "Night", "every": "5 min", "rounds": "1", "teams": ["cloud"], "count": len(steps)}
    for number, (who, wait) in enumerate(steps):
        post |= {f"step-{number}-who": [*who.split(" + "), ""], f"step-{number}-wait": wait}
    return post | more


def said(answer: Any, status: int) -> str:
    assert answer.status_code == status
    return html.unescape(answer.content.decode())


@pytest.fixture
def client(cast: Cast) -> Client:
    return client_of(cast.admin)


GOOD = (("On call: Platform", "10 min"), ("Priya Nair + leads of the team", "5 min"), ("Administrators", "15 min"))


@pytest.mark.behaviour("B-407")
def test_everybody_on_the_staff_sees_whom_it_would_page_and_administrators_edit(
    cast: Cast, night: PagingPolicy
) -> None:
    for person in (cast.agent, cast.lead, cast.csm, cast.admin):
        page = html.unescape(shown(person, PAGE))
        text = page[page.index("on-call-rows") :]
        assert text.index("Tomas Kral") < text.index("Priya Nair") < text.index("Ada Lind")
        assert "level 1 of the ladder opens" in text
        assert ("/edit" in page) == (person == cast.admin)
        assert "Cloud support" in shown(person, "/desk/paging")
    assert client_of(cast.lead).get(f"{PAGE}/edit").status_code == 404
    go_away(cast.lead, cast.lead, clock.now().replace(year=clock.now().year + 1), clock.now())
    text = html.unescape(shown(cast.agent, PAGE))
    assert "Step 2 has nobody at its time, and is passed at once." in text


def test_it_is_looked_at_before_it_is_saved(cast: Cast, night: PagingPolicy, client: Client) -> None:
    text = said(client.post(f"{PAGE}/save", typed(*GOOD)), 200)
    assert "What changes" in text
    assert "<strong>Step 2:</strong>" in text
    assert "<del>Priya Nair, for 5 min</del>" in text
    assert "<ins>Priya Nair, Leads of the team, for 5 min</ins>" in text
    assert plan_of(PagingPolicy.objects.get()) == plan_of(night), "only looked at"
    assert client.post(f"{PAGE}/save", typed(*GOOD, do="save", seen="1")).status_code == 302
    row = PagingPolicy.objects.get()
    assert [step["who"] for step in row.steps] == [["on_call.platform"], [cast.lead.email, "leads"], ["admins"]]
    history = html.unescape(shown(cast.agent, PAGE))
    assert "Ada Lind changed this policy" in history
    assert "<del>Priya Nair, for 5 min</del>" in history


def test_what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept(
    cast: Cast, night: PagingPolicy, client: Client
) -> None:
    retire(cast.lead, make_schedule(cast.lead, "Old", "UTC", clock.now()), clock.now())
    steps = (("Nobody Atall", "soon"), ("On call: Old", "10 s"), ("", "5 min"), ("elin@norrland.test", "5 min"))
    post = typed(*steps, name="", every="1 s", rounds="12", do="save", seen="1")
    text = said(client.post(f"{PAGE}/save", post), 422)
    for words in (
        "Nobody Atall: Nobody on the staff and no schedule is called so.",
        "On call: Old: This schedule is retired",
        "Say whom it pages",
        "elin@norrland.test: Nobody on the staff",
        "A time from 1 min to 24 h, such as 10 min.",
        "A time from 1 min to 24 h, such as 5 min.",
        "A whole number from 1 to 9.",
        "Give it a name",
        'value="Nobody Atall"',
    ):
        assert words in text, words
    assert "Add one" not in text
    assert "add one" in said(client.post(f"{PAGE}/save", typed(do="save", seen="1")), 422)
    assert PagingPolicy.objects.get().version == 1


def test_steps_are_added_moved_and_taken_out_with_the_focus_where_it_was(night: PagingPolicy, client: Client) -> None:
    for do, waits, focus in (
        ("add", ["10 min", "5 min", "15 min", "10 min"], 'name="step-3-who"'),
        ("up-1", ["5 min", "10 min", "15 min"], 'value="down-0"'),
        ("up-2", ["10 min", "15 min", "5 min"], 'value="up-1"'),
        ("down-0", ["5 min", "10 min", "15 min"], 'value="down-1"'),
        ("remove-1", ["10 min", "15 min"], ""),
        ("remove-99", ["10 min", "5 min", "15 min"], ""),
    ):
        text = said(client.post(f"{PAGE}/save", typed(*GOOD, do=do)), 200)
        found = [text.partition(f'name="step-{n}-wait" value="')[2].partition('"')[0] for n in range(len(waits))]
        assert found == waits, do
        assert f'name="step-{len(waits)}-wait"' not in text
        before, _sep, _rest = text.partition(" autofocus")
        assert focus in before[before.rindex("<") :]
    assert PagingPolicy.objects.get().version == 1


@pytest.mark.behaviour("B-408")
def test_the_second_of_two_editors_sees_what_the_first_one_changed(
    cast: Cast, night: PagingPolicy, client: Client
) -> None:
    steps = (Step(("admins",), 1200),)
    change_policy(cast.admin, night, Wanted("Night", Plan(steps), ("cloud",)), 1, clock.now())
    text = said(client.post(f"{PAGE}/save", typed(*GOOD, do="save", seen="1")), 409)
    assert "Somebody else has changed this policy meanwhile. What you typed is kept. Nothing is saved yet." in text
    meanwhile = text[text.index("What was changed meanwhile") : text.index("Below is what you typed")]
    assert "<ins>Administrators, for 20 min</ins>" in meanwhile
    assert 'value="Priya Nair"' in text
    assert 'name="seen" value="2"' in text
    assert client.post(f"{PAGE}/save", typed(*GOOD, do="save", seen="2")).status_code == 302


@pytest.mark.behaviour("B-410")
def test_a_gap_for_p0_is_saved_only_by_who_says_that_they_know(cast: Cast, night: PagingPolicy, client: Client) -> None:
    now = clock.now()
    go_away(cast.lead, cast.lead, now.replace(year=now.year + 1), now)
    post = typed(("Priya Nair", "10 min"), seen="1")
    assert "I know that nobody would be called for P0 then" in said(client.post(f"{PAGE}/save", post), 200)
    text = said(client.post(f"{PAGE}/save", post | {"do": "save"}), 409)
    assert "A P0 would reach nobody once in the next 60 days. Nothing is saved yet." in text
    assert client.post(f"{PAGE}/save", post | {"do": "save", "confirmed": "yes"}).status_code == 302
    for path in (PAGE, "/desk/paging", "/desk/on-call"):
        assert "A P0 of Cloud support would reach nobody" in shown(cast.agent, path)


def test_a_schedule_that_leaves_a_p0_without_anybody_is_asked_about_on_its_pages(
    cast: Cast, night: PagingPolicy, client: Client
) -> None:
    step = Plan((Step(("on_call.platform",), 600),))
    change_policy(cast.admin, night, Wanted("Night", step, ("cloud",)), 1, clock.now())
    on_call = "/desk/on-call/at/platform"
    one = {"name": "Engineers", "people": cast.agent.email, "unit": "day", "length": "1", "handoff": "09:00"}
    hours = one | {"start": "2026-01-01", "restricted": "on", "mon": "09:00-17:00"}
    post = {f"layer-0-{key}": value for key, value in hours.items()} | {"count": "1", "name": "Platform", "tz": "UTC"}
    text = said(client.post(f"{on_call}/layers/save", post | {"do": "save", "seen": "2"}), 409)
    assert "A P0 would reach nobody" in text
    assert "I know that nobody would be called for P0 then" in text
    text = said(client.post(f"{on_call}/retire"), 409)
    assert 'name="confirmed" value="yes"' in text
    assert client.post(f"{on_call}/retire", {"confirmed": "yes"}).status_code == 302


def test_a_new_policy_takes_teams_and_a_retired_one_lets_them_go(
    cast: Cast, night: PagingPolicy, client: Client
) -> None:
    assert "Whose P0s it pages" in shown(cast.admin, "/desk/paging/new")
    answer = client.post("/desk/paging/make", typed(*GOOD, name="Day & night", do="save"))
    assert answer["Location"] == "/desk/paging/at/day-night"
    assert PagingPolicy.objects.get(key="night").teams == []
    assert "no team yet" in shown(cast.agent, "/desk/paging")
    assert client.post("/desk/paging/at/day-night/retire")["Location"] == "/desk/paging/at/day-night"
    assert "This policy is retired since" in shown(cast.agent, "/desk/paging/at/day-night")
    assert client.get("/desk/paging/at/day-night/edit").status_code == 403
    assert "their leads and then administrators" in shown(cast.agent, "/desk/paging")


def test_what_the_file_owns_is_shown_and_says_so(cast: Cast, client: Client) -> None:
    apply_paging([PagingSpec("file", Plan((Step(("admins",), 600),)), ("cloud",))], clock.now())
    assert "The file support.toml owns this policy" in shown(cast.admin, "/desk/paging/at/file")
    assert client.get("/desk/paging/at/file/edit").status_code == 403
    text = html.unescape(shown(cast.admin, "/desk/paging/new"))
    assert 'value="cloud" disabled' in text
    assert "by “file”, as support.toml says" in text


def test_names_that_two_share_ask_for_the_address(cast: Cast) -> None:
    type(cast.agent).objects.filter(pk=cast.lead.pk).update(name="Tomas Kral")
    names = known_names()
    assert names.read("tomas kral") == ("", "Several are called so: choose the address.")
    assert names.read("Tomas Kral <lead@vendor.test>") == ("lead@vendor.test", "")
    assert names.read(" LEADS ") == ("leads", "")
