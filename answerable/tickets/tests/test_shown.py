"""The ticket of a page, found by hand, is the row and its neighbours that the models find."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from answerable.casework import actions as casework
from answerable.lib.errors import Refused
from answerable.people.models import Domain, Organization
from answerable.people.queries import domains_of
from answerable.tickets import access, shown
from answerable.tickets.models import Participant, Ticket
from tests.cast import NOW, Cast, a_ticket


@pytest.fixture
def full(cast: Cast) -> Ticket:
    """A request with a value in as many columns as one can have at once."""
    ticket = a_ticket(cast)
    casework.assign(cast.agent, ticket.pk, cast.agent, cast.cloud, NOW)
    casework.determine_severity(cast.agent, ticket.pk, "P1", "it burns", NOW + timedelta(minutes=1))
    Ticket.objects.filter(pk=ticket.pk).update(tags=["a", "b"], fields={"build": 7}, impact="all", stated_severity="P0")
    return Ticket.objects.get(pk=ticket.pk)


def test_every_column_is_the_ticket_s(cast: Cast, full: Ticket) -> None:
    found, standing = access.find(cast.agent, full.number, NOW)
    assert standing.works_it
    for field in Ticket._meta.concrete_fields:
        assert getattr(found, field.attname) == getattr(full, field.attname), field.name


def test_its_neighbours_are_there_and_cost_nothing(cast: Cast, full: Ticket) -> None:
    found, _ = access.find(cast.agent, full.number, NOW)
    with CaptureQueriesContext(connection) as asked:
        assert (found.organization, found.team, found.assignee) == (full.organization, full.team, full.assignee)
        organization = found.organization
        assert organization is not None
        assert organization.csm == cast.csm
    neighbours = [found.organization, organization.csm, found.team, found.assignee, found.requester]
    kept = [full.organization, cast.csm, full.team, full.assignee, full.requester]
    with CaptureQueriesContext(connection) as asked:
        names = [str(row) for row in neighbours]
        zone, plan = organization.zone, organization.plan
    assert len(asked) == 0
    assert names == [str(row) for row in kept]
    assert (zone, plan) == (cast.org.zone, cast.org.plan)
    for one, other in zip(neighbours, kept, strict=True):
        assert one is not None
        for field in one._meta.concrete_fields:
            assert getattr(one, field.attname) == getattr(other, field.attname), field


def test_it_may_have_no_neighbours_but_its_requester(cast: Cast) -> None:
    bare = a_ticket(cast, organization=None, team=None)
    found, _ = access.find(cast.agent, bare.number, NOW)
    assert (found.organization, found.team, found.assignee) == (None, None, None)
    assert found.requester == cast.requester
    Organization.objects.filter(pk=cast.org.pk).update(csm=None)
    found, _ = access.find(cast.agent, a_ticket(cast).number, NOW)
    assert found.organization is not None
    assert found.organization.csm is None


def test_who_may_not_see_it_does_not_find_it(cast: Cast, full: Ticket) -> None:
    for person in (cast.requester, cast.colleague, cast.reader, cast.lead):
        assert access.find(person, full.number, NOW)[0] == full
    for person in (cast.stranger, cast.no_grant):
        with pytest.raises(Refused):
            access.find(person, full.number, NOW)


def test_the_people_on_it_are_the_rows_in_their_order(cast: Cast, full: Ticket) -> None:
    Participant.objects.filter(person=cast.colleague).update(pending=True)
    for person, ended in ((cast.reader, None), (cast.no_grant, NOW)):
        Participant.objects.create(ticket=full, person=person, role="cc", since=NOW, source="x", ended_at=ended)
    a_ticket(cast)
    rows = Participant.objects.filter(ticket=full, ended_at=None).select_related("person").order_by("id")
    found = shown.people_on(full)
    assert found == list(rows)
    assert len(found) == 3
    for one, other in zip(found, rows, strict=True):
        for field in Participant._meta.concrete_fields:
            assert getattr(one, field.attname) == getattr(other, field.attname), field
        for attname in (field.attname for field in other.person._meta.concrete_fields):
            assert getattr(one.person, attname) == getattr(other.person, attname), attname


def test_its_organization_s_domains_are_those_that_are_verified_or_claimed(cast: Cast, full: Ticket) -> None:
    Domain.objects.create(organization=cast.org, name="proven.test", verified_at=NOW)
    Domain.objects.create(organization=cast.org, name="asked.test")
    found, _ = access.find(cast.agent, full.number, NOW)
    assert shown.domains_of(found) == domains_of(cast.org) == {"norrland.test", "proven.test"}
