"""Small worlds made by chance, with everything that access looks at: who is in them, and what they are to each request."""

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from answerable.people.models import Grant, Organization, Person, Role, StandingCC, Team
from answerable.people.person_actions import absorb
from answerable.people.queries import actor_of
from answerable.tickets import standing
from answerable.tickets.access import lock_open_of
from answerable.tickets.merging import hand_over_all
from answerable.tickets.models import Participant, Ticket
from tests.cast import NOW

ROLES = [role.value for role in Role]
# Customers and agents are whom most rules are about.
_MOSTLY = [*ROLES, "customer", "customer", "agent"]


@st.composite
def worlds(draw: st.DrawFn) -> dict[str, Any]:
    """Roles, teams, grants with ends, participants in every state, standing CCs, and people who turn out to be one."""
    people = draw(st.lists(st.tuples(st.sampled_from(_MOSTLY), st.booleans()), min_size=2, max_size=4))
    who = st.integers(0, len(people) - 1)
    org = st.integers(0, 1)
    return {
        "people": people,
        "teams": draw(st.lists(st.tuples(st.booleans(), st.sets(who)), min_size=1, max_size=2)),
        "csm": draw(st.tuples(st.none() | who, st.none() | who)),
        "grants": draw(st.lists(st.tuples(who, org, st.sampled_from([None, -1, 0, 1]), st.booleans()), max_size=4)),
        "tickets": draw(
            st.lists(
                st.tuples(who, st.none() | org, st.none() | st.just(0), st.none() | who, st.booleans(), st.booleans()),
                min_size=1,
                max_size=3,
            )
        ),
        "participants": draw(
            st.lists(
                st.tuples(
                    st.integers(0, 2),
                    who,
                    st.sampled_from(["requester", "cc", "follower"]),
                    st.booleans(),
                    st.booleans(),
                ),
                max_size=6,
            )
        ),
        "standing": draw(st.lists(st.tuples(who, org, st.booleans()), max_size=2)),
        "merges": draw(st.lists(st.tuples(who, who), max_size=2)),
        "deleted": draw(st.sets(st.integers(0, 2), max_size=2)),
    }


# Everything that decides, once: chance meets a pending or an ended CC too seldom to be relied on.
# 0 is an agent shut in, who does not see the last ticket; 1 to 5 take part in the first one or seem to; 6 to 10 hold
# grants or held them; 14 was CC'd by a standing CC, 15 is; 16 turned out to be 17.
FULL: dict[str, Any] = {
    "people": [
        ("agent", True),
        *[("customer", True)] * 10,
        ("customer", False),
        ("lead", True),
        ("csm", True),
        *[("customer", True)] * 4,
    ],
    "teams": [(True, {0})],
    "csm": (13, None),
    "grants": [
        (6, 0, None, False),
        (7, 0, 1, False),
        (8, 0, 0, False),
        (9, 0, -1, False),
        (10, 0, None, True),
        (16, 1, None, False),
    ],
    "tickets": [
        (1, 0, 0, None, False, False),
        (1, 0, None, None, True, False),
        (1, 0, None, None, False, True),
        (1, 1, None, 0, False, False),
        (1, None, None, None, False, False),
        (16, 0, 0, None, False, False),
        (1, 0, None, None, False, False),
        (1, 0, None, None, False, False),
    ],
    "deleted": {7},
    "participants": [
        (0, 1, "requester", False, False),
        (0, 2, "cc", False, False),
        (0, 3, "cc", True, False),
        (0, 4, "cc", False, True),
        (0, 5, "follower", False, False),
        (0, 11, "cc", False, False),
        (1, 6, "cc", True, False),
        (4, 0, "cc", False, False),
        (4, 16, "cc", False, False),
        (5, 16, "requester", False, False),
        (6, 1, "requester", False, False),
        (6, 2, "cc", False, False),
        (7, 1, "requester", False, False),
        (7, 2, "cc", False, False),
    ],
    "standing": [(14, 0, True), (15, 0, False)],
    "merges": [(17, 16)],
}


def build(world: dict[str, Any]) -> tuple[list[Person], list[Ticket]]:
    """The world in the database; people and requests in its order, as they are in the end."""
    people = [
        Person.objects.create(email=f"p{i}@x.test", role=role, is_active=active, joined_at=NOW)
        for i, (role, active) in enumerate(world["people"])
    ]
    orgs = [
        Organization.objects.create(
            name=f"O{i}", slug=f"o{i}", created_at=NOW, csm=people[csm] if csm is not None else None
        )
        for i, csm in enumerate(world["csm"])
    ]
    teams = []
    for i, (restricted, members) in enumerate(world["teams"]):
        team = Team.objects.create(key=f"t{i}", name=f"T{i}", restricted=restricted)
        team.members.set([people[m] for m in members])
        teams.append(team)
    for person, org, end, revoked in world["grants"]:
        Grant.objects.create(
            person=people[person],
            organization=orgs[org],
            granted_by=people[0],
            reason="r",
            granted_at=NOW - timedelta(days=9),
            expires_at=None if end is None else NOW + timedelta(seconds=end),
            revoked_at=NOW if revoked else None,
        )
    tickets = [
        Ticket.objects.create(
            number=n + 1,
            requester=people[requester],
            organization=None if org is None else orgs[org],
            team=None if team is None else teams[team],
            assignee=None if assignee is None else people[assignee],
            severity="P2",
            channel="mail",
            sensitive=sensitive,
            unverified=unverified,
            set_aside="deleted" if n in world["deleted"] else "",
            created_at=NOW,
            updated_at=NOW,
            last_event_at=NOW,
        )
        for n, (requester, org, team, assignee, sensitive, unverified) in enumerate(world["tickets"])
    ]
    for ticket, person, role, pending, ended in world["participants"]:
        if ticket < len(tickets):
            Participant.objects.get_or_create(
                ticket=tickets[ticket],
                person=people[person],
                role=role,
                defaults={"since": NOW, "source": "x", "pending": pending, "ended_at": NOW if ended else None},
            )
    _copy_always(world, people, orgs)
    for survivor, other in world["merges"]:
        merge(people[survivor], people[other])
    return list(Person.objects.order_by("pk")), list(Ticket.objects.order_by("number"))


def _copy_always(world: dict[str, Any], people: list[Person], orgs: list[Organization]) -> None:
    for person, org, ended in world["standing"]:
        row = StandingCC.objects.create(person=people[person], organization=orgs[org], since=NOW, set_by=people[0])
        standing.join_many(lock_open_of(orgs[org].pk, 0, 50), row, actor_of(people[0]), NOW)
        if ended:
            standing.end_rows(row, NOW)


def merge(survivor: Person, other: Person) -> bool:
    """As `casework.person_actions.merge_people` does it, where two may be one."""
    survivor.refresh_from_db()
    other.refresh_from_db()
    customers = {survivor.role, other.role} == {"customer"} and survivor.pk != other.pk
    if not customers or survivor.merged_into or other.merged_into:
        return False
    hand_over_all(other, survivor)
    absorb(survivor, survivor, other, NOW)
    return True
