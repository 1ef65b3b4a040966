"""The pages of who is on call: what they show, what is edited, and what stops."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from answerable.audit.actions import system
from answerable.desk.on_call_forms import Moment
from answerable.escalation.feeds import token_of_schedule
from answerable.escalation.override_actions import override
from answerable.escalation.schedule_actions import ScheduleSpec, apply_schedules, edit_layers, make_schedule, turn_of
from answerable.escalation.schedule_queries import on_call, spec_at
from answerable.escalation.schedules import Override, Schedule, Swap
from answerable.escalation.swap_actions import Trade, ask_swap
from answerable.lib import clock
from answerable.notify.models import Notice
from answerable.people.models import Absence, Person
from tests.cast import Cast

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
PAGE = "/desk/on-call/at/platform"


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def layer(*people: Person, **more: Any) -> dict[str, Any]:
    base = {"name": "Engineers", "unit": "day", "length": 1, "handoff": "09:00", "start": "2026-01-01"}
    return {**base, "participants": [one.email for one in people], "restriction": None, **more}


@pytest.fixture
def now() -> datetime:
    return clock.now().replace(microsecond=0)


@pytest.fixture
def schedule(cast: Cast, now: datetime) -> Schedule:
    row = make_schedule(cast.lead, "Platform", "UTC", now - HOUR)
    spec = {"tz": "UTC", "layers": [layer(cast.agent, cast.lead)]}
    edit_layers(cast.lead, row, spec, now - HOUR, now - HOUR)
    return row


def local(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M}"


def shown(person: Person, path: str = "/desk/on-call") -> str:
    answer = client_of(person).get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.behaviour("B-349")
def test_who_is_on_call_now_and_next_is_on_the_page_in_the_rail_and_on_the_wall(cast: Cast, schedule: Schedule) -> None:
    first = on_call("platform", clock.now())
    name, other = (cast.agent.name, cast.lead.name) if first == cast.agent.pk else (cast.lead.name, cast.agent.name)
    for page in (shown(cast.csm), shown(cast.csm, PAGE)):
        said = page[page.index("on-call-now") :]
        assert said.index(name) < said.index(other)
    for path in ("/desk/shift-now", "/desk/wall", "/desk/wall?names=off"):
        text = shown(cast.agent, path)
        assert name in text
        assert "Platform" in text


def test_without_a_schedule_the_page_says_what_to_do(cast: Cast) -> None:
    assert "No schedule yet" in shown(cast.agent)
    assert "/desk/on-call/new" not in shown(cast.agent)
    assert "/desk/on-call/new" in shown(cast.lead)
    assert "On call" not in shown(cast.agent, "/desk/shift-now")


@pytest.mark.behaviour("B-347")
def test_a_gap_is_shown_before_it_comes(cast: Cast, schedule: Schedule, now: datetime) -> None:
    assert "Nobody is on call once" not in shown(cast.agent)
    override(cast.lead, schedule, None, (now + 40 * DAY, now + 41 * DAY), now)
    assert "Nobody is on call once in the next 60 days" in shown(cast.agent)
    assert "Nobody is on call once in the next 60 days" in shown(cast.agent, PAGE)
    assert shown(cast.agent, f"{PAGE}?days=60").count("on-call-row is-gap") == 1


def test_times_are_the_readers_and_the_schedules_beside_them(cast: Cast, now: datetime) -> None:
    row = make_schedule(cast.lead, "Apia", "Pacific/Apia", now)
    edit_layers(cast.lead, row, {"tz": "Pacific/Apia", "layers": [layer(cast.agent, cast.lead)]}, now, now)
    text = shown(cast.agent, "/desk/on-call/at/apia")
    assert "09:00 in Pacific/Apia" in text
    cast.agent.zone = "Pacific/Apia"
    cast.agent.save()
    assert "in Pacific/Apia" not in shown(cast.agent, "/desk/on-call/at/apia")


# --- overrides ---


@pytest.mark.behaviour("B-342")
def test_somebody_takes_it_for_a_while_and_gives_it_back(cast: Cast, schedule: Schedule, now: datetime) -> None:
    client, span = client_of(cast.agent), {"start": local(now + 2 * DAY), "end": local(now + 4 * DAY)}
    answer = client.post(f"{PAGE}/overrides", {"person": cast.agent.pk, "why": "Release", **span})
    assert (answer.status_code, answer["Location"]) == (302, PAGE)
    row = Override.objects.get()
    assert (row.person_id, row.why, on_call("platform", now + 3 * DAY)) == (cast.agent.pk, "Release", cast.agent.pk)
    text = shown(cast.agent, PAGE)
    assert "Release" in text
    assert "put Tomas Kral on call" in text
    client.post(f"/desk/on-call/overrides/{row.pk}/remove")
    row.refresh_from_db()
    assert row.removed_at is not None
    assert "No override: the layers say who is on call." in shown(cast.agent, PAGE)


def test_what_is_wrong_with_it_is_said_on_the_page(cast: Cast, schedule: Schedule, now: datetime) -> None:
    client = client_of(cast.agent)
    for change, words in (
        ({"start": "tomorrow"}, "Say when, as date and time."),
        ({"end": local(now + DAY)}, "It must end after it begins."),
        ({"person": str(cast.lead.pk)}, "not one of the available choices"),
    ):
        post = {"person": cast.agent.pk, "start": local(now + 2 * DAY), "end": local(now + 3 * DAY), **change}
        answer = client.post(f"{PAGE}/overrides", post)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    assert not Override.objects.exists()


@pytest.mark.behaviour("B-346")
def test_nobody_on_a_schedule_for_p0_is_asked_once_more(cast: Cast, schedule: Schedule, now: datetime) -> None:
    Schedule.objects.update(p0=True)
    client, span = client_of(cast.lead), {"start": local(now + 2 * DAY), "end": local(now + 3 * DAY)}
    post = {"person": "nobody", "why": "", **span}
    answer = client.post(f"{PAGE}/overrides", post)
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "Nothing is saved yet" in text
    assert f'name="end" value="{span["end"]}"' in text
    assert not Override.objects.exists()
    assert client.post(f"{PAGE}/overrides", {**post, "confirmed": "yes"}).status_code == 302
    assert Override.objects.get().person is None


# --- time off and swaps ---


@pytest.mark.behaviour("B-343")
def test_time_off_is_planned_and_cancelled(cast: Cast, schedule: Schedule, now: datetime) -> None:
    client, span = client_of(cast.agent), {"start": local(now + 2 * DAY), "end": local(now + 4 * DAY)}
    client.post("/desk/on-call/time-off", span)
    row = Absence.objects.get()
    assert cast.agent.pk not in {on_call("platform", now + n * HOUR) for n in range(50, 90)}
    client.post("/desk/on-call/time-off", {**span, "person": cast.lead.pk})
    assert Absence.objects.filter(person=cast.agent).count() == 2, "an agent says so of themselves alone"
    client_of(cast.lead).post("/desk/on-call/time-off", {**span, "person": cast.csm.pk})
    assert not Absence.objects.filter(person=cast.csm).exists()
    # The only administrator there is: a P0 of a team without a policy would reach nobody, so it has to be meant.
    for status, more in ((409, {}), (302, {"confirmed": "yes"})):
        post = {**span, "person": cast.admin.pk, **more}
        assert client_of(cast.lead).post("/desk/on-call/time-off", post).status_code == status
    assert Absence.objects.filter(person=cast.admin).exists()
    client.post(f"/desk/on-call/time-off/{row.pk}/end")
    row.refresh_from_db()
    assert row.ended_at is not None


@pytest.mark.behaviour("B-346")
def test_time_off_that_leaves_p0_alone_is_asked_once_more(cast: Cast, schedule: Schedule, now: datetime) -> None:
    Schedule.objects.update(p0=True)
    client, span = client_of(cast.agent), {"start": local(now + 2 * DAY), "end": local(now + 4 * DAY)}
    assert client.post("/desk/on-call/time-off", span).status_code == 409
    assert not Absence.objects.exists()
    assert client.post("/desk/on-call/time-off", {**span, "confirmed": "yes"}).status_code == 302
    assert Absence.objects.exists()


@pytest.mark.behaviour("B-344")
def test_a_swap_is_asked_and_answered(cast: Cast, schedule: Schedule, now: datetime) -> None:
    start = (now + 4 * DAY).replace(hour=10, minute=0, second=0)
    asker, other = cast.agent, cast.lead
    if on_call("platform", start) != asker.pk:
        asker, other = other, asker
    post = {"person": other.pk, "start": local(start), "end": local(start + 4 * HOUR), "why": "Dentist"}
    back = {"back_start": local(start + DAY), "back_end": local(start + DAY + 4 * HOUR)}
    assert client_of(asker).post(f"{PAGE}/swaps", {**post, "back_start": local(start + DAY)}).status_code == 422
    assert client_of(asker).post(f"{PAGE}/swaps", {**post, **back, "person": cast.admin.pk}).status_code == 422
    assert client_of(asker).post(f"{PAGE}/swaps", {**post, **back}).status_code == 302
    row = Swap.objects.get()
    assert "Withdraw" in shown(asker)
    page = shown(other)
    assert "Dentist" in page
    assert "Take it" in page
    client_of(other).post(f"/desk/on-call/swaps/{row.pk}/accept")
    assert (on_call("platform", start), on_call("platform", start + DAY)) == (other.pk, asker.pk)
    assert "Take it" not in shown(other)
    assert client_of(other).post(f"/desk/on-call/swaps/{row.pk}/shrug").status_code == 404


def test_a_notice_of_it_leads_to_the_schedule(cast: Cast, schedule: Schedule, now: datetime) -> None:
    start = (now + 4 * DAY).replace(hour=10, minute=0, second=0)
    asker, other = cast.agent, cast.lead
    if on_call("platform", start) != asker.pk:
        asker, other = other, asker
    ask_swap(asker, other, schedule, Trade((start, start + HOUR)), now)
    text = shown(other, "/desk/notices")
    assert f"{asker.name} asks you to take a turn: Platform" in text
    notice = Notice.objects.get(person=other, kind="on_call", data__what="swap_asked")
    assert client_of(other).post(f"/desk/notices/{notice.pk}")["Location"] == PAGE


# --- the editor ---


def typed(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    post: dict[str, Any] = {"name": "Platform", "tz": "UTC", "since": "", "count": len(layers), "do": "look", **more}
    for number, one in enumerate(layers):
        base = {"name": "Engineers", "unit": "day", "length": "1", "handoff": "09:00", "start": "2026-01-01"}
        post |= {f"layer-{number}-{name}": value for name, value in {**base, **one}.items()}
    return post


@pytest.mark.behaviour("B-341")
def test_more_people_swap_nobody_unless_one_says_so(cast: Cast, schedule: Schedule) -> None:
    client = client_of(cast.lead)
    before = on_call("platform", clock.now())
    people = f"{cast.admin.name}\n{cast.agent.name} <{cast.agent.email}>\n{cast.lead.email}"
    answer = client.post(f"{PAGE}/layers/save", typed({"people": people}))
    text = answer.content.decode()
    holder = cast.agent if before == cast.agent.pk else cast.lead
    assert answer.status_code == 200
    assert f'value="{holder.email}" selected' in text
    assert "Who would be on call in the 14 days" in text
    assert schedule.versions.count() == 2, "only looked at"
    client.post(f"{PAGE}/layers/save", typed({"people": people, "first": holder.email}, do="save", seen="2"))
    assert on_call("platform", clock.now()) == before
    kept = spec_at(schedule, clock.now())["layers"][0]
    assert kept["participants"] == [cast.admin.email, cast.agent.email, cast.lead.email]
    client.post(f"{PAGE}/layers/save", typed({"people": people, "first": cast.admin.email}, do="save", seen="3"))
    assert on_call("platform", clock.now()) == cast.admin.pk


def test_an_edit_can_be_planned(cast: Cast, schedule: Schedule, now: datetime) -> None:
    at = (now + 3 * DAY).replace(second=0)
    post = typed({"people": cast.admin.email}, since=local(at), do="save", seen="2")
    assert client_of(cast.lead).post(f"{PAGE}/layers/save", post).status_code == 302
    assert on_call("platform", at - timedelta(seconds=1)) != cast.admin.pk
    assert on_call("platform", at) == cast.admin.pk
    assert "planned" in shown(cast.agent, PAGE)


def test_what_was_typed_is_kept_when_something_is_wrong(cast: Cast, schedule: Schedule) -> None:
    wrong = {
        "people": "Nobody Atall",
        "length": "0",
        "handoff": "9",
        "start": "soon",
        "restricted": "on",
        "mon": "nine to five",
        "name": "",
    }
    answer = client_of(cast.lead).post(
        f"{PAGE}/layers/save", typed(wrong, tz="Mars", since="later", do="save", seen="2")
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    for words in (
        "Nobody Atall",
        "from 1 to 366",
        "A time of day",
        "A date.",
        "Hours such as",
        "Give it a name",
        "No time zone",
    ):
        assert words in text, words
    assert schedule.versions.count() == 2


def test_layers_are_added_moved_and_taken_out_before_anything_is_saved(cast: Cast, schedule: Schedule) -> None:
    client = client_of(cast.lead)
    two = [
        {"people": cast.agent.email, "name": "Day"},
        {"people": cast.lead.email, "name": "Night", "restricted": "on", "mon": "22:00–06:00"},
    ]
    for do, names in (
        ("add", ["Day", "Night", ""]),
        ("up-1", ["Night", "Day"]),
        ("remove-0", ["Night"]),
        ("up-0", ["Day", "Night"]),
    ):
        text = client.post(f"{PAGE}/layers/save", typed(*two, do=do)).content.decode()
        found = [text.partition(f'name="layer-{n}-name" value="')[2].partition('"')[0] for n in range(len(names))]
        assert found == names
        assert f'name="layer-{len(names)}-name"' not in text
    client.post(f"{PAGE}/layers/save", typed(*two, do="save", seen="2"))
    assert spec_at(schedule, clock.now())["layers"][1]["restriction"] == {"mon": [["22:00", "06:00"]]}
    again = shown(cast.lead, f"{PAGE}/layers")
    assert "22:00–06:00" in again
    assert f"{cast.agent.name} &lt;{cast.agent.email}&gt;" in again


@pytest.mark.behaviour("B-346")
def test_a_p0_schedule_with_a_gap_is_not_saved_before_one_says_so(cast: Cast, schedule: Schedule) -> None:
    client = client_of(cast.lead)
    hours = {"people": cast.agent.email, "restricted": "on", "mon": "09:00-17:00"}
    for status, more in ((409, {}), (302, {"confirmed": "yes"})):
        answer = client.post(f"{PAGE}/layers/save", typed(hours, do="save", seen="2", p0="on", **more))
        assert answer.status_code == status
        schedule.refresh_from_db()
        assert schedule.p0 == (status == 302)
    assert schedule.versions.count() == 3


def test_what_a_colleague_saved_meanwhile_is_not_lost(cast: Cast, schedule: Schedule, now: datetime) -> None:
    edit_layers(cast.admin, schedule, {"tz": "UTC", "layers": [layer(cast.admin)]}, now, clock.now())
    answer = client_of(cast.lead).post(f"{PAGE}/layers/save", typed({"people": cast.agent.email}, do="save", seen="2"))
    assert answer.status_code == 409
    assert "Somebody else has changed this schedule meanwhile" in answer.content.decode()
    assert on_call("platform", clock.now()) == cast.admin.pk


def test_a_new_schedule_leads_to_its_layers(cast: Cast) -> None:
    client = client_of(cast.lead)
    assert client.post("/desk/on-call/make", {"name": "Edge", "tz": "Mars"}).status_code == 422
    answer = client.post("/desk/on-call/make", {"name": "Edge", "tz": "Europe/Berlin"})
    assert answer["Location"] == "/desk/on-call/at/edge/layers"
    assert 'value="Europe/Berlin"' in shown(cast.lead, answer["Location"])


@pytest.mark.behaviour("B-345")
def test_a_schedule_of_the_file_is_shown_and_not_edited(cast: Cast, now: datetime) -> None:
    spec = ScheduleSpec("platform", "Platform", "file", False, {"tz": "UTC", "layers": [layer(cast.agent)]})
    apply_schedules([spec], system("answerable apply"), now - HOUR)
    text = shown(cast.lead, PAGE)
    assert "The file support.toml owns its layers" in text
    assert f"{PAGE}/layers" not in text
    client = client_of(cast.lead)
    assert client.get(f"{PAGE}/layers").status_code == 403
    assert (
        client.post(f"{PAGE}/layers/save", typed({"people": cast.lead.email}, do="save", seen="1")).status_code == 403
    )
    assert client.post(f"{PAGE}/retire").status_code in {403, 422}
    post = {"person": "nobody", "start": local(now + DAY), "end": local(now + 2 * DAY), "why": ""}
    assert client.post(f"{PAGE}/overrides", post).status_code == 302


def test_a_retired_schedule_offers_nothing(cast: Cast, schedule: Schedule) -> None:
    client_of(cast.lead).post(f"{PAGE}/retire")
    text = shown(cast.lead, PAGE)
    assert "This schedule is retired" in text
    assert "/overrides" not in text
    assert "No schedule yet" in shown(cast.lead)


# --- the calendar ---


@pytest.mark.behaviour("B-350")
def test_a_calendar_program_needs_no_log_in_and_gets_nothing_twice(cast: Cast, schedule: Schedule) -> None:
    page = shown(cast.agent, PAGE)
    address = f"/desk/on-call/calendar/{token_of_schedule(schedule)}.ics"
    assert address in page
    first = Client().get(address)
    assert first["Content-Type"] == "text/calendar; charset=utf-8"
    assert cast.agent.name.encode() in first.content
    assert not first.cookies
    again = Client().get(address, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.behaviour("B-351")
def test_renewing_makes_the_old_address_void(cast: Cast, schedule: Schedule) -> None:
    old = f"/desk/on-call/calendar/{token_of_schedule(schedule)}.ics"
    assert client_of(cast.agent).post(f"{PAGE}/calendar/renew").status_code == 403
    client_of(cast.lead).post(f"{PAGE}/calendar/renew")
    assert Client().get(old).status_code == 404
    mine = shown(cast.agent)
    address = mine[mine.index("/desk/on-call/calendar/") :].partition("<")[0]
    assert Client().get(address).status_code == 200
    client_of(cast.agent).post("/desk/on-call/calendar/renew")
    assert Client().get(address).status_code == 404


# --- times that do not exist, or come twice ---


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2026-03-29T02:30", "2026-03-29T01:00"),
        ("2026-10-25T02:30", "2026-10-25T00:30"),
        ("2026-07-01 09:00", "2026-07-01T07:00"),
    ],
)
def test_a_typed_time_is_the_first_instant_that_shows_it(text: str, utc: str) -> None:
    with timezone.override("Europe/Berlin"):
        found = Moment().clean(text)
    assert found == datetime.fromisoformat(f"{utc}:00+00:00")


def test_turn_of_says_whose_turn_it_is_whatever_the_hours(cast: Cast, now: datetime) -> None:
    spec = {"tz": "UTC", "layers": [layer(cast.agent, restriction={})]}
    assert turn_of(spec, 0, now) == cast.agent.email
