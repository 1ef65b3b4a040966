"""The ladder where two act at once, where somebody may not, and where a request moves away under it."""

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.test import Client

from answerable.casework import actions as casework
from answerable.casework import ladder_actions as verbs
from answerable.casework.ladder_actions import Stake
from answerable.casework.ladder_told import told as ladder_of
from answerable.casework.link_actions import end_links
from answerable.casework.merge_actions import merge
from answerable.casework.organization_actions import move_ticket
from answerable.casework.tests.test_ladder import MINUTE, assigned, kinds, policy, stands, sweep, told
from answerable.escalation import episodes
from answerable.escalation.episodes import log_of
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.notify.models import Delivery
from answerable.people.models import Team, Vendor
from answerable.tickets import access
from answerable.tickets.models import Participant, Ticket
from answerable.tickets.queries import history
from tests.cast import NOW, Cast, a_ticket, says
from tests.cast import ladder as the_policy

__all__ = ["policy"]


def settling(cast: Cast, **more: Any) -> Ticket:
    """A summary waits for its customer."""
    ticket = a_ticket(cast, severity="P0", **more)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    verbs.acknowledge(cast.agent, ticket.pk, NOW + MINUTE)
    verbs.propose(cast.agent, ticket.pk, "moved to a cluster", NOW + 2 * MINUTE)
    return ticket


def link_of(cast: Cast) -> str:
    found = re.search(r"/ladder/\S+", Delivery.objects.filter(kind="ladder", person=cast.requester).latest("id").text)
    assert found
    return found[0]


def test_what_is_accepted_is_a_summary_and_what_has_moved_on_is_looked_at_again(cast: Cast, policy: None) -> None:
    ticket = settling(cast)
    with pytest.raises(Refused, match="moved meanwhile"):
        verbs.settle_it(cast.requester, ticket.pk, NOW + 3 * MINUTE, accepts=False)
    path = link_of(cast)
    verbs.raise_level(cast.colleague, ticket.pk, "still slow", NOW + 3 * MINUTE)
    with time_machine.travel(NOW + 3 * MINUTE, tick=False):
        assert Client().post(path, {"answer": "accept"}).status_code == 409
    assert (stands(ticket).level, stands(ticket).waiting_for_ack) == (2, True)
    verbs.settle_it(cast.requester, ticket.pk, NOW + 4 * MINUTE, accepts=False)
    assert log_of(ticket.pk)[-1].cause == "withdrawn"


def test_no_colleague_of_ours_accepts_for_the_customer(cast: Cast, policy: None) -> None:
    ticket = settling(cast)
    Participant.objects.create(ticket=ticket, person=cast.agent, role="cc", since=NOW, source="desk")
    with pytest.raises(Refused, match="customer accepts"):
        verbs.settle_it(cast.agent, ticket.pk, NOW + 3 * MINUTE, accepts=True)
    shown = ladder_of(cast.agent, ticket, access.standing(cast.agent, ticket, NOW), NOW)
    assert not {"accept", "withdraw"} & shown.may


@pytest.mark.behaviour("B-424")
def test_two_of_the_staff_at_once_take_it_up_one_level(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    client = Client()
    client.force_login(cast.lead)
    path = f"/desk/tickets/{ticket.number}/ladder"
    for _ in range(2):
        client.post(f"{path}/up", {"why": "they called"})
    assert kinds(ticket) == ["asked", "waived", "raised", "paged", "joined"]
    shown = re.search(r'name="last" value="(\d+)"', client.get(path).content.decode())
    assert shown
    for answer in (302, 409):
        assert client.post(f"{path}/up", {"why": "they called", "last": shown[1]}).status_code == answer
    assert stands(ticket).level == 2


def test_who_cannot_see_the_request_is_no_contact_and_the_csm_holds_no_level(cast: Cast) -> None:
    the_policy(levels=[{"name": "Only", "roles": ["csm"]}], fallback=[cast.agent.email])
    Team.objects.filter(key__in=["cloud", "product"]).update(restricted=True)
    cast.agent.teams.set([cast.product])
    forget_all()
    ticket = a_ticket(cast, team=cast.cloud)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    assert kinds(ticket)[-1] == "paged"
    (row,) = (row for row in log_of(ticket.pk) if row.kind == "paged")
    assert row.people == [cast.other_csm.pk]
    the_policy(levels=[{"name": "Gone", "people": ["nobody@vendor.test"]}], fallback=[cast.agent.email])
    other = a_ticket(cast, team=cast.cloud)
    verbs.ask(cast.requester, other.pk, Stake("much"), NOW)
    assert log_of(other.pk)[-1].people == [cast.admin.pk]


def test_the_representative_hears_of_what_they_were_not_asked_first(cast: Cast) -> None:
    the_policy(levels=[{"name": "Lead", "roles": ["lead"]}])
    ticket = assigned(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    assert told(cast.agent, "moved") == 1


@pytest.mark.behaviour("B-425")
def test_names_of_staff_stay_inside_where_the_policy_says_so(cast: Cast) -> None:
    the_policy(show_names=False)
    ticket = settling(cast)
    lines = " ".join(line.text for line in history(ticket, staff=False))
    mails = " ".join(Delivery.objects.filter(kind="ladder").values_list("text", flat=True))
    shown = ladder_of(cast.requester, ticket, access.standing(cast.requester, ticket, NOW), NOW)
    seen = " ".join([*(move.text for move in shown.moves), *(f"{rung.said} {rung.holders}" for rung in shown.rungs)])
    for text in (lines, mails, seen):
        assert "support" in text
        assert "Elin Berg" in text
        assert "Tomas Kral" not in text.replace("Tomas Kral has seen this", "")
    inside = ladder_of(cast.lead, ticket, access.standing(cast.lead, ticket, NOW), NOW)
    assert any("Tomas Kral acknowledged" in move.text for move in inside.moves)


def test_a_level_that_lapsed_and_has_it_again_says_so(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    sweep(NOW + 16 * MINUTE)
    shown = ladder_of(cast.lead, ticket, access.standing(cast.lead, ticket, NOW), NOW)
    assert shown.rungs[1].said == "did not answer in time"
    verbs.lower(cast.lead, ticket.pk, 1, "they are there now", NOW + 17 * MINUTE)
    shown = ladder_of(cast.lead, ticket, access.standing(cast.lead, ticket, NOW), NOW)
    assert shown.rungs[1].said == "taken back here by Priya Nair"


@pytest.mark.behaviour("B-426")
def test_a_merged_step_0_is_asked_where_it_is_handled_without_its_words(cast: Cast, policy: None) -> None:
    away, into = assigned(cast), assigned(cast)
    verbs.ask(cast.requester, away.pk, Stake("the launch"), NOW)
    merge(cast.lead, away.pk, into.pk, NOW + MINUTE)
    assert (stands(into).stage, stands(into).due_at is not None) == ("asked", True)
    assert "the launch" not in " ".join(line.text for line in history(into, staff=True))
    assert told(cast.agent, "confirm") == 2


def test_it_counts_where_the_request_belongs_now(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW)
    move_ticket(cast.agent, ticket.pk, cast.other_org, NOW + MINUTE)
    assert [row.ticket_id for row in episodes.open_in([f"o:{cast.other_org.pk}"])] == [ticket.pk]
    assert episodes.open_in([f"o:{cast.org.pk}"]) == []


@pytest.mark.behaviour("B-427")
def test_its_link_ends_with_the_links_of_earlier_mails_and_with_the_policy(cast: Cast, policy: None) -> None:
    ticket = settling(cast)
    path, vendor = link_of(cast), Vendor.objects.get()
    Vendor.objects.update(settings=vendor.settings | {"mail_links": "log_in"})
    forget_all()
    with time_machine.travel(NOW + 3 * MINUTE, tick=False):
        for answer in (Client().get(path), Client().post(path, {"answer": "accept"})):
            assert answer.headers["Location"] == f"/requests/{ticket.number}#ladder"
        Vendor.objects.update(settings=vendor.settings)
        forget_all()
        assert Client().get(path).status_code == 200
        end_links(cast.requester, ticket.pk, cast.requester.pk, NOW + 3 * MINUTE)
        assert Client().post(path, {"answer": "accept"}).status_code == 404
    assert stands(ticket).stage == "settling"


def test_its_mails_keep_no_other_mail_from_its_reader(cast: Cast, policy: None) -> None:
    ticket = a_ticket(cast, severity="P0")
    casework.add_reply(cast.agent, ticket.pk, says("Here."), NOW)
    verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW + MINUTE)
    for minutes in (17, 33):
        sweep(NOW + minutes * MINUTE)
    assert Delivery.objects.filter(kind="ladder", person=cast.colleague).count() == 3
    other = a_ticket(cast)
    merge(cast.agent, ticket.pk, other.pk, NOW + 40 * MINUTE)
    assert Delivery.objects.filter(kind="people", person=cast.colleague, ticket_id=ticket.pk).exists()


def test_one_that_fails_keeps_no_other_from_moving(cast: Cast, policy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("answerable.casework.jobs.PICK", 1)
    broken, other = a_ticket(cast, severity="P0"), a_ticket(cast, severity="P0")
    for minutes, ticket in enumerate((broken, other)):
        verbs.ask(cast.requester, ticket.pk, Stake("much"), NOW + minutes * MINUTE)
    real: Callable[..., bool] = verbs.lapse

    def lapse(ticket_id: int, now: Any) -> bool:
        if ticket_id == broken.pk:
            raise ValueError("as far as this test goes")
        return real(ticket_id, now)

    monkeypatch.setattr(verbs, "lapse", lapse)
    sweep(NOW + 20 * MINUTE)
    assert stands(other).level == 2
