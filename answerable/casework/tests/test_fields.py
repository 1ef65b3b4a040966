"""Tags and the policy's own fields: what is kept of what was typed, who may, and that it can be set back."""

import pytest

from answerable.casework.field_actions import add_tags, remove_tags, set_fields, set_tags
from answerable.lib.errors import Refused
from answerable.people.models import Vendor
from answerable.tickets.models import Event, Ticket
from answerable.tickets.queries import history
from answerable.tickets.tags import normal_all, read, suggestions
from tests.cast import NOW, Cast, a_ticket


def of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.behaviour("B-290")
def test_tags_are_normal_and_every_change_of_them_can_be_set_back(cast: Cast) -> None:
    ticket = a_ticket(cast)
    add_tags(cast.agent, ticket.pk, [" #Billing", "export", "billing"], NOW)
    add_tags(cast.agent, ticket.pk, ["export"], NOW)
    remove_tags(cast.agent, ticket.pk, ["export", "never-there"], NOW)
    assert of(ticket).tags == ["billing"]
    first, second = Event.objects.filter(ticket=ticket, kind="tags").order_by("id")
    assert first.data == {"before": [], "after": ["billing", "export"]}, "what changed nothing left no event"
    set_tags(cast.agent, ticket.pk, second.data["before"], NOW)
    assert of(ticket).tags == ["billing", "export"]
    said = [line.text.removeprefix("Tomas Kral ") for line in history(ticket, staff=True) if line.kind == "tags"]
    assert said == ["tagged it billing, export", "took off the tags export", "tagged it export"]
    assert not [line for line in history(ticket, staff=False) if line.kind == "tags"]


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        (["  "], "tag_empty"),
        (["two words"], "tag_words"),
        (["a,b"], "tag_words"),
        (["a\x00b"], "tag_words"),
        (["x" * 65], "tag_long"),
        ([f"t{n}" for n in range(21)], "tags_many"),
    ],
)
def test_what_is_no_tag_is_refused(typed: list[str], code: str) -> None:
    with pytest.raises(Refused) as refused:
        normal_all(typed)
    assert refused.value.code == code
    assert read("Two, words  two") == ["two", "words"]


def test_customers_csms_and_strangers_set_no_tags(cast: Cast) -> None:
    ticket = a_ticket(cast)
    for person in (cast.requester, cast.stranger, cast.csm):
        with pytest.raises(Refused):
            set_tags(person, ticket.pk, ["mine"], NOW)
    assert set_tags(cast.agent, ticket.pk, ["ours"], NOW).tags == ["ours"]


def test_suggestions_are_tags_of_requests_that_one_may_see(cast: Cast) -> None:
    for tags in (["export", "billing"], ["export"], ["excel"]):
        set_tags(cast.agent, a_ticket(cast).pk, tags, NOW)
    assert suggestions(cast.agent, " Ex", NOW) == ["export", "excel"]
    assert suggestions(cast.stranger, "", NOW) == []


def _asks() -> None:
    fields = [
        {"key": "zone", "label": "Zone", "kind": "choice", "options": ["eu", "us"], "required": False},
        {"key": "nodes", "label": "Nodes", "kind": "number", "options": [], "required": False},
        {"key": "since", "label": "Since", "kind": "date", "options": [], "required": False},
        {"key": "live", "label": "Live", "kind": "checkbox", "options": [], "required": False},
    ]
    vendor = Vendor.objects.get()
    vendor.settings = vendor.settings | {"form_fields": fields}
    vendor.save()


@pytest.mark.behaviour("B-291")
def test_fields_take_what_the_policy_says_and_can_be_set_back(cast: Cast) -> None:
    _asks()
    ticket = a_ticket(cast)
    set_fields(cast.agent, ticket.pk, {"zone": "eu", "nodes": " 12 ", "live": True}, NOW)
    assert of(ticket).fields["nodes"] == {"label": "Nodes", "kind": "number", "value": "12", "place": 1}
    set_fields(cast.agent, ticket.pk, {"zone": "us", "nodes": "12"}, NOW)
    event = Event.objects.filter(ticket=ticket, kind="fields").latest("id")
    assert event.data == {"before": {"zone": "eu"}, "after": {"zone": "us"}, "labels": {"zone": "Zone"}}
    set_fields(cast.agent, ticket.pk, event.data["before"], NOW)
    assert of(ticket).fields["zone"]["value"] == "eu"
    set_fields(cast.agent, ticket.pk, {"zone": None}, NOW)
    assert "zone" not in of(ticket).fields
    for wrong in ({"zone": "mars"}, {"nodes": "many"}, {"since": "24.12.2026"}, {"unknown": "x"}):
        with pytest.raises(Refused, match=r"Zone|Nodes|Since|no such field"):
            set_fields(cast.agent, ticket.pk, wrong, NOW)
