"""Views at the desk: the filter in the address, what is kept of it, who may, and what a page costs."""

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.test.utils import CaptureQueriesContext

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework.view_actions import change_view, delete_view, make_view, restore_view
from answerable.desk.frame import counted, view_groups
from answerable.desk.view_filter import filtered, query_of
from answerable.desk.view_page import names_for
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.people.models import Person, Team
from answerable.tickets.conditions import Condition, written
from answerable.tickets.models import Ticket
from answerable.tickets.near_queries import open_near
from answerable.tickets.saved import SavedView
from answerable.tickets.view_queries import page, saved_view, saved_views
from answerable.tickets.viewing import View, built_in
from tests.cast import NOW, Cast, a_ticket

ALL_OPEN = Condition("status", "any", ("any_open",))
THREE = (ALL_OPEN, Condition("severity", "any", ("P0", "P1")), Condition("tags", "any", ("sync",)))


def client_of(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def text_of(client: Client, path: str, **more: Any) -> str:
    answer = client.get(path, **more)
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


def kept(by: Person, scope: str = "personal", **more: Any) -> View:
    row = make_view(by, View("", "Sync burns", THREE, scope=scope, **more), NOW)
    view = saved_view(row.pk)
    assert view is not None
    return view


@pytest.mark.behaviour("B-254")
def test_a_filter_is_in_the_address_and_comes_back_as_it_was(cast: Cast) -> None:
    conditions = (
        ALL_OPEN,
        Condition("severity", "none", ("P0", "P1")),
        Condition("is", "any", ("at_risk", "escalated")),
        Condition("team", "any", (str(cast.cloud.pk),)),
        Condition("assignee", "none", ("me",)),
        Condition("csm", "any", (str(cast.csm.pk),)),
        Condition("has", "none", ("attachment",)),
        Condition("organization", "any", (str(cast.org.pk),)),
        Condition("requester", "none", (str(cast.requester.pk),)),
        Condition("tags", "all", ("sync", "glossary")),
        Condition("type", "any", ("question",)),
        Condition("created", "after", ("7d",)),
        Condition("created", "before", ("2026-01-31",)),
        # No place for these in the panel: they travel along.
        Condition("tags", "none", ("a, b",)),
        Condition("assignee", "any", ("me", "nobody")),
        Condition("field:other", "set"),
    )
    view = View("x", "", conditions, ("severity", "tags"), "severity", "team")
    again, errors = filtered(QueryDict(query_of(view, names_for(conditions))), View("x", "", ()))
    assert errors == []
    assert set(again.conditions) == set(conditions)
    assert (again.columns, again.order, again.group) == (view.columns, view.order, view.group)


@pytest.mark.behaviour("B-254")
def test_the_filter_narrows_the_view_without_changing_it(cast: Cast) -> None:
    burning, other = a_ticket(cast, severity="P0", subject="It burns"), a_ticket(cast, subject="A question")
    Ticket.objects.filter(pk=burning.pk).update(tags=["sync"])
    client = client_of(cast.agent)
    page = text_of(client, "/desk/?f=1&status=new&status=open&severity=P0&tags=sync")
    assert "It burns" in page
    assert "A question" not in page
    assert "Save as view" in page
    assert "Severity: P0" in page
    assert str(other.number) in text_of(client, "/desk/")
    assert "Nothing fits" in text_of(client, "/desk/?f=1&severity=P3")
    assert "Kivu" in text_of(client, "/desk/?f=1&organization=kivu")


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("organization=Nowhere", "No single organization is called “Nowhere”."),
        ("requester=nobody@x.test", "Nobody has the address"),
        ("created.after=soon", "“soon” is no value"),
        ("severity=P0%27--", "is no value"),
        ("c=%7B%22field%22:1%7D", "nothing called"),
        ("c=nonsense&tags=%00", "is no value"),
    ],
)
def test_what_a_filter_cannot_mean_is_said_in_the_panel(cast: Cast, query: str, words: str) -> None:
    page = text_of(client_of(cast.agent), f"/desk/?f=1&{query}")
    assert words in page
    assert 'class="menu filter" open' in page


@pytest.mark.behaviour("B-255")
def test_a_view_is_kept_changed_deleted_and_brought_back(cast: Cast) -> None:
    client = client_of(cast.agent)
    form = {"f": "1", "status": ["new", "open"], "severity": "P1", "col": ["severity", "tags"], "order": "oldest"}
    assert client.post("/desk/views/make", form | {"name": "  My\t P1s "}).status_code == 302
    row = SavedView.objects.get()
    assert (row.name, row.scope, row.owner, row.order, row.columns) == (
        "My P1s",
        "personal",
        cast.agent,
        "oldest",
        ["severity", "tags"],
    )
    assert "My P1s" in text_of(client, f"/desk/views/{row.pk}")
    assert "My P1s" in text_of(client, f"/desk/views/{row.pk}/edit")
    change = form | {"name": "P1s", "version": "1", "group": "team"}
    assert client.post(f"/desk/views/{row.pk}/change", change).status_code == 302
    stale = client.post(f"/desk/views/{row.pk}/change", change | {"name": "Lost"})
    assert (stale.status_code, "meanwhile" in stale.content.decode()) == (409, True)
    row.refresh_from_db()
    assert (row.name, row.group, row.version) == ("P1s", "team", 2)
    client.post(f"/desk/views/{row.pk}/delete")
    assert "bring it back" in text_of(client, f"/desk/views/{row.pk}")
    assert "P1s" not in text_of(client, "/desk/")
    client.post(f"/desk/views/{row.pk}/restore")
    assert "P1s" in text_of(client, "/desk/")
    verbs = list(Record.objects.filter(subject_kind="view").order_by("id").values_list("verb", flat=True))
    assert verbs == ["make_view", "change_view", "delete_view", "restore_view"]


def test_save_changes_keeps_what_the_filter_does_not_say(cast: Cast) -> None:
    view = kept(cast.lead, "shared", position=7)
    client = client_of(cast.lead)
    page = text_of(client, f"/desk/views/{view.pk}?f=1&severity=P2&order=newest")
    assert "Save changes" in page
    client.post(f"/desk/views/{view.pk}/change", {"f": "1", "severity": "P2", "order": "newest", "version": "1"})
    row = SavedView.objects.get()
    assert (row.name, row.scope, row.position, row.order) == ("Sync burns", "shared", 7, "newest")
    assert row.conditions == written([Condition("severity", "any", ("P2",))])


@pytest.mark.behaviour("B-256")
def test_a_personal_view_is_its_owners_and_others_are_kept_by_who_leads(cast: Cast) -> None:
    cast.cloud.members.add(cast.lead)
    personal, team, shared = (
        kept(cast.agent),
        kept(cast.lead, "team", team_id=cast.cloud.pk),
        kept(cast.admin, "shared"),
    )
    # (person, sees in the rail, may open, may change)
    table = [
        (cast.agent, {personal.pk, team.pk, shared.pk}, {personal.pk, team.pk, shared.pk}, {personal.pk}),
        (cast.lead, {team.pk, shared.pk}, {team.pk, shared.pk}, {team.pk, shared.pk}),
        (cast.admin, {shared.pk}, {team.pk, shared.pk}, {team.pk, shared.pk}),
        (cast.csm, {shared.pk}, {shared.pk}, set()),
    ]
    for person, rail, opened, changed in table:
        person.__dict__.pop("_teams_of", None)
        assert {view.pk for view in saved_views(person)} == rail
        client = client_of(person)
        for view in (personal, team, shared):
            assert (client.get(f"/desk/views/{view.pk}").status_code == 200) == (view.pk in opened)
            if view.pk in changed:
                current = saved_view(view.pk or 0)
                assert current is not None
                change_view(person, view.pk or 0, replace(current, name=f"by {person.pk}"), NOW)
            else:
                for refused in (delete_view, restore_view):
                    with pytest.raises(Refused):
                        refused(person, view.pk or 0, NOW)
    for scope, team_id in (("shared", None), ("team", cast.cloud.pk)):
        with pytest.raises(Refused, match="Only leads"):
            make_view(cast.agent, View("", "x", (), scope=scope, team_id=team_id), NOW)
    with pytest.raises(Refused, match="Only leads"):
        make_view(cast.lead, View("", "x", (), scope="team", team_id=cast.product.pk), NOW)


@pytest.mark.behaviour("B-257")
def test_a_view_of_a_removed_team_says_so_and_can_be_mended(cast: Cast) -> None:
    asks = Condition("team", "any", (str(cast.product.pk),))
    view = make_view(cast.agent, View("", "Product", (asks,), scope="personal"), NOW)
    Team.objects.filter(pk=cast.product.pk).update(retired_at=NOW)
    forget_all()
    client = client_of(cast.agent)
    for path in ("/desk/", f"/desk/views/{view.pk}"):
        assert ">mend<" in text_of(client, path)
    page = text_of(client, f"/desk/views/{view.pk}")
    assert "a team that no longer exists" in page
    assert "Mend it" in page
    text_of(client, f"/desk/views/{view.pk}/edit")
    SavedView.objects.update(conditions={"what": 1}, columns=["x"])
    assert "cannot be shown" in text_of(client, f"/desk/views/{view.pk}")


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\u202eb"])
def test_a_view_needs_a_name(cast: Cast, name: str) -> None:
    answer = client_of(cast.agent).post("/desk/views/make", {"f": "1", "name": name})
    assert (answer.status_code, SavedView.objects.count()) == (422, 0)


@pytest.mark.behaviour("B-258")
@pytest.mark.parametrize("role", ["agent", "admin"])
def test_a_view_with_all_counts_takes_at_most_eight_queries(cast: Cast, role: str) -> None:
    person = getattr(cast, role)
    for place in range(4):
        kept(cast.admin, "shared", position=place)
    asks = (
        *THREE,
        Condition("organization", "any", (str(cast.org.pk),)),
        Condition("requester", "any", (str(cast.requester.pk),)),
    )
    view = make_view(cast.admin, View("", "All", asks, scope="shared", group="team"), NOW)
    a_ticket(cast)
    client = client_of(person)
    for path in ("/desk/", "/desk/views/mine", f"/desk/views/{view.pk}", "/desk/?f=1&tags=none&order=updated"):
        client.get(path)  # what is kept for a few seconds is asked for once
        with CaptureQueriesContext(connection) as asked:
            text_of(client, path)
        assert len(asked) <= 8, [str(one["sql"])[:90] for one in asked]


def test_a_fragment_brings_the_counts_along(cast: Cast) -> None:
    a_ticket(cast)
    client = client_of(cast.agent)
    rows = text_of(client, "/desk/", headers={"HX-Request": "true", "HX-Target": "rows"})
    assert 'id="count-all" hx-swap-oob="true">1<' in rows
    assert "<h1" not in rows
    assert "<h1" in text_of(client, "/desk/?f=1", headers={"HX-Request": "true", "HX-Target": "queue"})


def test_groups_have_their_headings(cast: Cast) -> None:
    a_ticket(cast, severity="P0")
    a_ticket(cast, team=None)
    client = client_of(cast.agent)
    assert "No team" in text_of(client, "/desk/?f=1&status=new&group=team")
    assert "Cloud support</th>" in text_of(client, "/desk/?f=1&status=new&group=team")
    # What is solved has no groups.
    assert 'scope="rowgroup"' not in text_of(client, "/desk/?f=1&group=team")


def test_in_many_teams_the_desks_own_views_are_counted(cast: Cast) -> None:
    for number in range(12):
        Team.objects.create(key=f"t{number}", name=f"A {number}").members.add(cast.agent)
    forget_all()
    counts = counted(cast.agent, view_groups(cast.agent, []), NOW)
    assert {"late", "risk", "mine", "all", "waiting", "escalated"} <= set(counts)


def test_who_has_no_name_is_called_by_their_address(cast: Cast) -> None:
    Person.objects.filter(pk=cast.agent.pk).update(name="")
    ticket = a_ticket(cast)
    casework.assign(cast.lead, ticket.pk, Person.objects.get(pk=cast.agent.pk), cast.cloud, NOW)
    assert [row.assignee for row in page(cast.lead, built_in()["all"], "", NOW).rows] == [cast.agent.email]
    near = open_near(cast.lead, cast.requester.pk, None, NOW)
    assert [row.assignee for row in near] == [cast.agent.email]
