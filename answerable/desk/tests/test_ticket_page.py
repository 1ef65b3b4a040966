"""What can be done with a whole ticket from its page, and that each act says what it does and how it is taken back."""

from datetime import timedelta

import pytest
from django.test import Client

from answerable.casework.actions import set_status
from answerable.casework.field_actions import set_fields
from answerable.casework.inbound import Envelope, process_inbound
from answerable.casework.removal_actions import mark_spam
from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.mail.room_queries import is_blocked
from answerable.people.models import Person, Vendor
from answerable.tickets.models import Participant, Reply, Ticket
from tests.cast import NOW, Cast, a_ticket
from tests.running import mail


def at_the_desk(person: Person) -> Client:
    client = Client()
    client.force_login(person)
    return client


def seen(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, answer.content.decode()[:500]
    return answer.content.decode()


def of(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


@pytest.mark.behaviour("B-292")
def test_merging_finds_the_other_says_what_happens_and_copies_nobody_unasked(cast: Cast) -> None:
    away = a_ticket(cast, requester=cast.no_grant, subject="Also down")
    into = a_ticket(cast, subject="Down since the night")
    foreign = a_ticket(cast, requester=cast.stranger, organization=cast.other_org, subject="Down elsewhere")
    client, page = at_the_desk(cast.agent), f"/desk/tickets/{away.number}/merge"
    found = client.get(f"{page}?q=down", headers={"HX-Request": "true"}).content.decode()
    assert f"into={into.number}" in found
    assert f"into={foreign.number}" not in found
    assert "stay apart" in seen(client, f"{page}?into={foreign.number}")
    both = seen(client, f"{page}?into=%23{into.number}")
    assert "Nobody, unless you choose" in both
    assert f"CC {cast.no_grant.name}" in both
    assert client.post(f"{page}/now", {"into": into.number}).status_code == 302
    assert of(away).merged_into == into
    assert not Participant.objects.filter(ticket=into, person=cast.no_grant).exists()
    told = seen(client, f"/desk/tickets/{away.number}")
    assert f"into #{into.number}" in told
    client.post(f"/desk/tickets/{away.number}/back")
    assert of(away).set_aside == ""


def test_who_is_chosen_is_copied_on_the_one_that_stays(cast: Cast) -> None:
    away, into = a_ticket(cast, requester=cast.no_grant), a_ticket(cast)
    at_the_desk(cast.agent).post(
        f"/desk/tickets/{away.number}/merge/now", {"into": f"#{into.number}", "copy": cast.no_grant.pk}
    )
    assert Participant.objects.filter(ticket=into, person=cast.no_grant, role="cc").exists()


@pytest.mark.behaviour("B-293")
def test_spam_blocks_whom_one_chose_and_both_are_taken_back(cast: Cast) -> None:
    ticket, client = a_ticket(cast), at_the_desk(cast.agent)
    page = f"/desk/tickets/{ticket.number}"
    assert "count neither as kept nor as broken" in seen(client, f"{page}/aside/spam")
    client.post(f"{page}/aside/spam/now", {"block": "yes"})
    assert of(ticket).set_aside == "spam"
    assert is_blocked(cast.requester.email)
    assert "Nobody waits for an answer" in seen(client, page)
    assert f"#{ticket.number}" in seen(client, "/desk/set-aside?show=spam")
    client.post(f"{page}/back")
    assert of(ticket).status == "new"
    assert "is blocked" in seen(client, f"{page}/aside/block")
    client.post(f"{page}/aside/unblock/now")
    assert not is_blocked(cast.requester.email)
    assert client.post(f"{page}/back").status_code == 409


@pytest.mark.behaviour("B-293")
def test_leads_alone_delete_and_find_what_was_deleted(cast: Cast) -> None:
    ticket, lead, agent = a_ticket(cast), at_the_desk(cast.lead), at_the_desk(cast.agent)
    page = f"/desk/tickets/{ticket.number}"
    assert agent.post(f"{page}/aside/delete/now").status_code == 403
    assert "Delete…" not in seen(agent, page)
    assert "No customer sees it any more" in seen(lead, f"{page}/aside/delete")
    lead.post(f"{page}/aside/delete/now")
    assert of(ticket).is_deleted
    assert f"#{ticket.number}" in seen(lead, "/desk/set-aside?show=deleted")
    assert f"#{ticket.number}" not in seen(agent, "/desk/set-aside?show=deleted")
    assert "Bring it back" not in seen(agent, page)
    assert agent.post(f"{page}/back").status_code == 403
    lead.post(f"{page}/back")
    assert of(ticket).status == "new"


def test_what_is_set_aside_is_paged_by_key(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.tickets.aside_queries.PAGE", 2)
    for hours in range(3):
        mark_spam(cast.agent, a_ticket(cast).pk, NOW + timedelta(hours=hours))
    client = at_the_desk(cast.agent)
    first = seen(client, "/desk/set-aside")
    assert first.count('class="list-title"') == 2
    following = first.split('rel="next"', maxsplit=1)[0].rsplit('href="', 1)[1].split('"')[0].replace("&amp;", "&")
    assert seen(client, following).count('class="list-title"') == 1


def test_a_strange_act_is_not_found(cast: Cast) -> None:
    client, ticket = at_the_desk(cast.lead), a_ticket(cast, NOW)
    assert client.get(f"/desk/tickets/{ticket.number}/aside/burn").status_code == 404
    assert client.post(f"/desk/tickets/{ticket.number}/aside/burn/now").status_code == 404


@pytest.mark.behaviour("B-295")
def test_beside_the_ticket_is_what_else_is_open_and_what_was_solved_alike(cast: Cast) -> None:
    ticket, client = a_ticket(cast, subject="Warehouse sync stopped in Norway"), at_the_desk(cast.agent)
    own, theirs = a_ticket(cast, subject="Own"), a_ticket(cast, requester=cast.no_grant, subject="Of a colleague")
    foreign = a_ticket(cast, requester=cast.stranger, organization=cast.other_org, subject="Foreign")
    alike, unlike = a_ticket(cast, subject="The sync of a warehouse STOPPED"), a_ticket(cast, subject="A bill")
    for one in (alike, unlike):
        set_status(cast.agent, one.pk, "solved", NOW)
    near = seen(client, f"/desk/tickets/{ticket.number}/near")
    assert [f"#{one.number} " in near for one in (own, theirs, alike)] == [True] * 3
    assert [f"#{one.number} " in near for one in (ticket, foreign, unlike)] == [False] * 3


def test_what_a_shut_in_agent_may_not_see_is_not_near(cast: Cast) -> None:
    cast.cloud.restricted = True
    cast.cloud.save()
    mine, other = a_ticket(cast), a_ticket(cast, team=cast.product, subject="Of another team")
    near = seen(at_the_desk(cast.agent), f"/desk/tickets/{mine.number}/near")
    assert f"#{other.number} " not in near


def test_tags_are_set_where_they_stand_and_go_on_as_one_types(cast: Cast) -> None:
    ticket, client = a_ticket(cast), at_the_desk(cast.agent)
    page = f"/desk/tickets/{ticket.number}"
    client.post(f"{page}/tags", {"tags": "Loader, eu-north loader"})
    assert of(ticket).tags == ["eu-north", "loader"]
    assert '<span class="chip">eu-north</span>' in seen(client, page)
    assert '<option value="a loader">' in seen(client, "/desk/tags?tags=a+LO")
    assert client.post(f"{page}/tags", {"tags": "x" * 70}, headers={"HX-Request": "true"}).status_code == 422


def test_fields_are_set_where_they_stand(cast: Cast) -> None:
    fields = [
        {"key": "zone", "label": "Zone", "kind": "choice", "options": ["eu", "us"], "required": False},
        {"key": "live", "label": "Live", "kind": "checkbox", "options": [], "required": False},
    ]
    Vendor.objects.update(settings={"form_fields": fields})
    ticket, client = a_ticket(cast), at_the_desk(cast.agent)
    page = f"/desk/tickets/{ticket.number}"
    assert "<option>us</option>" in seen(client, page)
    client.post(f"{page}/fields", {"key": ["zone", "live"], "field-zone": "us"})
    assert {key: row["value"] for key, row in of(ticket).fields.items()} == {"zone": "us"}
    client.post(f"{page}/fields", {"key": ["zone", "live"], "field-zone": "", "field-live": "yes"})
    assert {key: row["value"] for key, row in of(ticket).fields.items()} == {"live": True}


def test_an_answer_that_the_policy_would_no_longer_take_stays_till_it_is_changed(cast: Cast) -> None:
    def ask(**kinds: str) -> None:
        fields = [{"key": key, "label": key, "kind": kind, "options": ["eu"]} for key, kind in kinds.items()]
        Vendor.objects.update(settings={"form_fields": fields})
        forget_all()

    def values() -> dict[str, object]:
        return {key: row["value"] for key, row in of(ticket).fields.items()}

    kept: dict[str, str | bool | None] = {
        "build": "4.2 beta",
        "zone": "mars",
        "live": "maybe",
        "steps": "one\ntwo",
        "sure": True,
    }
    ask(build="text", zone="text", live="text", steps="paragraph", sure="checkbox")
    ticket, client = a_ticket(cast), at_the_desk(cast.agent)
    set_fields(cast.agent, ticket.pk, kept, NOW)
    ask(build="number", zone="choice", live="checkbox", steps="text", sure="text", more="text")
    page = seen(client, f"/desk/tickets/{ticket.number}")
    for field in ('name="field-build" value="4.2 beta"', 'name="field-live" value="maybe"', "one\ntwo</textarea>"):
        assert field in page
    sent = {"field-build": "4.2 beta", "field-zone": "mars", "field-live": "maybe", "field-steps": "one\r\ntwo"}
    sent |= {"field-sure": "yes", "field-more": "x"}
    client.post(f"/desk/tickets/{ticket.number}/fields", {"key": [*kept, "more"], **sent})
    assert values() == kept | {"more": "x"}
    answer = client.post(f"/desk/tickets/{ticket.number}/fields", {"key": ["build"], "field-build": "4.3 beta"})
    assert (answer.status_code, values()) == (422, kept | {"more": "x"})
    client.post(f"/desk/tickets/{ticket.number}/fields", {"key": ["build", "sure"], "field-build": "4.3"})
    assert values() == {"build": "4.3", "zone": "mars", "live": "maybe", "steps": "one\ntwo", "more": "x"}


def test_an_option_that_is_no_longer_offered_is_still_the_one_that_is_chosen(cast: Cast) -> None:
    fields = [{"key": "zone", "label": "Zone", "kind": "choice", "options": ["eu", "us"]}]
    Vendor.objects.update(settings={"form_fields": fields})
    ticket, client = a_ticket(cast), at_the_desk(cast.agent)
    set_fields(cast.agent, ticket.pk, {"zone": "us"}, NOW)
    Vendor.objects.update(settings={"form_fields": [fields[0] | {"options": ["eu"]}]})
    forget_all()
    assert "<option selected>us</option>" in seen(client, f"/desk/tickets/{ticket.number}")
    client.post(f"/desk/tickets/{ticket.number}/fields", {"key": "zone", "field-zone": "us"})
    assert of(ticket).fields["zone"]["value"] == "us"


def test_a_mail_about_something_else_becomes_a_request_of_its_own(cast: Cast) -> None:
    raw = mail(cast.requester.email, "Down", "first", "support@vendor.test")
    process_inbound(raw, "support@vendor.test", Envelope("x@y.test"), NOW)
    ticket = Ticket.objects.get()
    entry = Reply.objects.get(ticket=ticket)
    page = f"/desk/tickets/{ticket.number}/entries/{entry.pk}/move"
    assert at_the_desk(cast.csm).get(page).status_code == 403
    client = at_the_desk(cast.agent)
    assert page in seen(client, f"/desk/tickets/{ticket.number}")
    assert "What is promised counts from when it came" in seen(client, page)
    answer = client.post(f"{page}/now", {"where": "new"})
    new = Ticket.objects.latest("pk")
    assert answer["Location"] == f"/desk/tickets/{new.number}"
    assert (new.pk != ticket.pk, Reply.objects.filter(ticket=new).count()) == (True, 1)
    assert client.get(page).status_code == 404


def test_a_new_request_is_opened_for_whom_one_finds_or_for_somebody_new(cast: Cast) -> None:
    client = at_the_desk(cast.agent)
    a_ticket(cast, subject="Open already")
    found = client.get("/desk/new?q=eli", headers={"HX-Request": "true"}).content.decode()
    assert f"?person={cast.requester.pk}" in found
    assert "Nobody is called so" in seen(client, "/desk/new?q=zzz")
    form = seen(client, f"/desk/new?person={cast.requester.pk}")
    assert "Open already" in form
    once = form.split('name="once" value="', 1)[1].split('"')[0]
    data = {"person": cast.requester.pk, "once": once, "said": "no", "severity": "P2", "organization": cast.org.pk}
    wrong = client.post("/desk/new/open", data | {"subject": "Upgrade", "text": "kept", "cc": "nobody"})
    assert (wrong.status_code, "kept" in wrong.content.decode()) == (422, True)
    good = [client.post("/desk/new/open", data | {"subject": "Upgrade", "text": "Soon."})["Location"] for _ in "ab"]
    assert good[0] == good[1]
    ticket = Ticket.objects.latest("pk")
    assert (ticket.status, ticket.organization, ticket.requester) == ("pending", cast.org, cast.requester)


def test_a_new_address_makes_the_person_and_finds_their_organization(cast: Cast) -> None:
    client = at_the_desk(cast.agent)
    assert "?address=new%40norrland.test" in seen(client, "/desk/new?q=new@norrland.test")
    once = seen(client, "/desk/new?address=new@norrland.test").split('name="once" value="', 1)[1].split('"')[0]
    data = {"address": "new@norrland.test", "name": "Nova Ek", "once": once, "said": "yes", "severity": "P2"}
    for _ in "ab":
        client.post("/desk/new/open", data | {"subject": "Hello", "text": "Hello?"})
    ticket = Ticket.objects.get()
    assert (ticket.requester.name, ticket.requester.email, ticket.organization) == (
        "Nova Ek",
        "new@norrland.test",
        cast.org,
    )


def test_follow_and_snooze_stand_on_the_page(cast: Cast) -> None:
    ticket, client = a_ticket(cast, clock.now()), at_the_desk(cast.agent)
    page = f"/desk/tickets/{ticket.number}"
    client.post(f"{page}/follow", {"follow": "yes"})
    assert "by you" in seen(client, page)
    client.post(f"{page}/follow", {"follow": "no"})
    assert "by you" not in seen(client, page)
    until = (clock.now() + timedelta(hours=20)).isoformat()
    assert client.post(f"{page}/snooze", {"until": "soon"}, headers={"HX-Request": "true"}).status_code == 422
    client.post(f"{page}/snooze", {"until": until})
    assert of(ticket).snoozed_until is not None
    assert "Wake it now" in seen(client, page)
    client.post(f"{page}/snooze", {"until": "wake"})
    assert of(ticket).snoozed_until is None
