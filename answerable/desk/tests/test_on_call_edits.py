"""The editor of a schedule: what it offers and nobody chose, layers that are moved or renamed, and two at once."""

import re
from datetime import timedelta

import pytest

from answerable.desk.on_call_layers import alike
from answerable.desk.tests.test_on_call import DAY, PAGE, client_of, layer, local, now, schedule, shown, typed
from answerable.escalation.schedule_actions import edit_layers
from answerable.escalation.schedule_queries import on_call
from answerable.escalation.schedules import Schedule
from answerable.lib import clock
from tests.cast import Cast

__all__ = ["now", "schedule"]


def firsts(text: str) -> list[str]:
    """Whose turn it would be in each layer."""
    return re.findall(r'<option value="([^"]*@[^"]*)" selected', text)


@pytest.mark.behaviour("B-421")
def test_what_was_only_offered_is_no_choice(cast: Cast, schedule: Schedule) -> None:
    client, people = client_of(cast.lead), f"{cast.agent.email}\n{cast.lead.email}\n{cast.admin.email}"
    since = local(clock.now() + DAY)
    holder = cast.agent if on_call("platform", clock.now()) == cast.agent.pk else cast.lead
    follows = cast.lead if holder == cast.agent else cast.agent
    first = client.post(f"{PAGE}/layers/save", typed({"people": people})).content.decode()
    assert firsts(first) == [holder.email]
    assert f'name="layer-0-offer" value="{holder.email}"' in first
    offered = {"people": people, "first": holder.email, "offer": holder.email}
    assert firsts(client.post(f"{PAGE}/layers/save", typed(offered, since=since)).content.decode()) == [follows.email]
    chosen = {**offered, "first": cast.admin.email}
    for _ in range(2):  # chosen once is chosen, however often one looks
        text = client.post(f"{PAGE}/layers/save", typed(chosen, since=since)).content.decode()
        assert firsts(text) == [cast.admin.email]
        chosen["offer"] = text.partition('name="layer-0-offer" value="')[2].partition('"')[0]


@pytest.mark.behaviour("B-421")
def test_layers_of_one_name_and_a_renamed_one_swap_nobody(cast: Cast, schedule: Schedule) -> None:
    at = clock.now()
    layers = [layer(cast.agent, cast.lead), layer(cast.lead, cast.agent)]
    edit_layers(cast.lead, schedule, {"tz": "UTC", "layers": layers}, at, at)
    holds = [cast.agent.email, cast.lead.email]
    if on_call("platform", clock.now()) != cast.agent.pk:
        holds.reverse()
    three = {"people": f"{cast.admin.email}\n{cast.agent.email}\n{cast.lead.email}"}
    for second in ("Engineers", "Others"):
        posted = typed(three, {**three, "name": second})
        assert firsts(client_of(cast.lead).post(f"{PAGE}/layers/save", posted).content.decode()) == holds


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (["a", "b"], ["b", "a"], [1, 0]),
        (["a", "a"], ["a", "a", "a"], [0, 1, None]),
        (["a", "b"], ["c", "b"], [0, 1]),
        (["a", "b"], ["new", "a", "b"], [None, 0, 1]),
    ],
)
def test_which_layer_was_which(before: list[str], after: list[str], expected: list[int | None]) -> None:
    assert alike(before, after) == expected


@pytest.mark.behaviour("B-422")
def test_a_colleague_who_made_it_one_for_p0_meanwhile_is_not_undone(cast: Cast, schedule: Schedule) -> None:
    page = client_of(cast.lead).get(f"{PAGE}/layers").content.decode()
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    post = {"people": f"{cast.agent.email}\n{cast.lead.email}"}
    assert (
        client_of(cast.admin).post(f"{PAGE}/layers/save", typed(post, do="save", seen=seen, p0="on")).status_code == 302
    )
    answer = client_of(cast.lead).post(f"{PAGE}/layers/save", typed(post, do="save", seen=seen))
    assert answer.status_code == 409
    assert "Somebody else has changed this schedule meanwhile" in answer.content.decode()
    schedule.refresh_from_db()
    assert schedule.p0


def test_who_cannot_be_on_call_takes_no_turns_and_no_name_breaks_the_page(cast: Cast, schedule: Schedule) -> None:
    client = client_of(cast.lead)
    answer = client.post(f"{PAGE}/layers/save", typed({"people": cast.csm.email}, do="save", seen="2"))
    assert answer.status_code == 422
    assert "Nobody who can be on call is called so" in answer.content.decode()
    named = typed({"people": cast.agent.email}, do="save", seen="2", name="Night\x00\rshift")
    assert client.post(f"{PAGE}/layers/save", named).status_code == 302
    schedule.refresh_from_db()
    assert schedule.name == "Night shift"


@pytest.mark.behaviour("B-420")
def test_whoever_is_away_is_told_so_on_the_form(cast: Cast, schedule: Schedule) -> None:
    client, start = client_of(cast.agent), clock.now() + 2 * DAY
    client.post("/desk/on-call/time-off", {"start": local(start), "end": local(start + DAY)})
    span = {"start": local(start + timedelta(hours=1)), "end": local(start + timedelta(hours=2))}
    answer = client.post(f"{PAGE}/overrides", {"person": cast.agent.pk, "why": "", **span})
    assert answer.status_code == 422
    assert "is away in all of that time" in answer.content.decode()


# --- what pages say of it ---


def test_an_override_that_is_passed_over_is_not_said_to_be_one(cast: Cast, schedule: Schedule) -> None:
    begins, client = clock.now() - timedelta(minutes=1), client_of(cast.lead)
    span = {"start": local(begins), "end": local(begins + 40 * DAY)}
    client.post(f"{PAGE}/overrides", {"person": cast.admin.pk, "why": "", **span})
    assert shown(cast.lead, PAGE).count(">override</span>") == 1
    client.post("/desk/on-call/time-off", {"person": cast.admin.pk, "confirmed": "yes", **span})
    assert shown(cast.lead, PAGE).count(">override</span>") == 0


def test_a_retired_schedule_shows_no_address_and_misses_nobody(cast: Cast, schedule: Schedule) -> None:
    for address in ("/desk/on-call/calendar/", "calendar program"):
        assert address in shown(cast.lead, PAGE)
    client_of(cast.lead).post(f"{PAGE}/retire")
    text = shown(cast.lead, PAGE)
    for words in ("/desk/on-call/calendar/", "calendar program", "in the next 60 days"):
        assert words not in text


def test_leads_see_and_cancel_the_time_off_of_others(cast: Cast, schedule: Schedule) -> None:
    span = {"start": local(clock.now() + 2 * DAY), "end": local(clock.now() + 4 * DAY)}
    client_of(cast.lead).post("/desk/on-call/time-off", {"person": cast.agent.pk, **span})
    assert f"<strong>{cast.agent.name}</strong>" in shown(cast.lead).partition("time-off-title")[2]
    assert f"<strong>{cast.agent.name}</strong>" not in shown(cast.agent).partition("time-off-title")[2]
    assert "Cancel it" in shown(cast.agent)
    assert "Cancel it" not in shown(cast.csm)
