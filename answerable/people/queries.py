"""Questions about people that other rooms ask."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Min, Prefetch, Q, QuerySet

from answerable.audit.actions import Actor
from answerable.lib import sql
from answerable.lib.domains import is_free_mail
from answerable.lib.fresh import Fresh
from answerable.lib.rows import columns, cursor, read, statement
from answerable.people.models import (
    CalendarVersion,
    Domain,
    Grant,
    Membership,
    Organization,
    Person,
    Role,
    StandingCC,
    Team,
    Vendor,
)


def _vendor() -> Vendor:
    return Vendor.objects.filter(pk=1).first() or Vendor(
        id=1,
        name="Answerable",
        product="Answerable",
        support_address="support@localhost",
        portal_address="",
        zone="UTC",
    )


# The vendor's names and settings, at most a few seconds old. A fresh database has a nameless one.
vendor: Fresh[Vendor] = Fresh(_vendor)


def actor_of(person: Person) -> Actor:
    """This person as the one who acts."""
    return Actor(kind="staff" if person.is_staff else "customer", id=person.pk, label=person.label)


def staff() -> QuerySet[Person]:
    """Everybody who may be assigned, by name."""
    return Person.objects.filter(is_active=True).exclude(role=Role.CUSTOMER).order_by("name", "id")


def on_duty(team_id: int | None, others: Iterable[int | None]) -> list[Person]:
    """Active staff: those of the team, and these others; each once, with their teams (two queries)."""
    who = Q(pk__in=[pk for pk in others if pk is not None])
    if team_id is not None:
        who |= Q(pk__in=Team.members.through.objects.filter(team_id=team_id).values("person_id"))
    found = list(staff().filter(who).prefetch_related(Prefetch("teams", _live_teams())))
    for person in found:
        person.__dict__["their_teams"] = [(one.pk, one.key, one.name, one.restricted) for one in person.teams.all()]
    return found


def by_email(address: str) -> Person | None:
    """The person with exactly this address (no dot or plus magic), whatever its case; of a merged one, the other."""
    row = Person.objects.filter(email=address.lower()).select_related("merged_into").first()
    return row.merged_into or row if row else None


def organization_of_domain(domain: str) -> Organization | None:
    """The organization that has this e-mail domain verified or claimed."""
    row = (
        Domain.objects.filter(Q(verified_at__isnull=False) | Q(claimed_at__isnull=False), name=domain.lower())
        .select_related("organization")
        .first()
    )
    return row.organization if row else None


_PERSONS = len(Person._meta.concrete_fields)
_SENDER = statement(
    """
SELECT {person}, {organization}
FROM (VALUES (1)) always
LEFT JOIN people_person known ON known.email = $1
LEFT JOIN people_person person ON person.id = coalesce(known.merged_into_id, known.id)
LEFT JOIN people_domain domain
  ON domain.name = $2 AND (domain.verified_at IS NOT NULL OR domain.claimed_at IS NOT NULL)
LEFT JOIN people_organization organization ON organization.id = domain.organization_id
""",
    person=columns(Person, "person"),
    organization=columns(Organization, "organization"),
)


def sender_of(address: str) -> tuple[Person | None, Organization | None]:
    """`by_email` and `organization_of_domain` in one query, by hand: every mail asks this first."""
    address = address.lower()
    with cursor() as asked:
        asked.execute(_SENDER, [address, address.rpartition("@")[2]])
        row = asked.fetchone()
    assert row is not None
    person, organization = row[:_PERSONS], row[_PERSONS:]
    return (
        read(Person, person) if person[0] is not None else None,
        read(Organization, organization) if organization[0] is not None else None,
    )


def organization_of_address(address: str) -> Organization | None:
    """Where the owner of this address belongs. Free mail belongs nowhere, whoever claimed its domain by mistake."""
    domain = address.rpartition("@")[2]
    return None if is_free_mail(domain) else organization_of_domain(domain)


@dataclass(frozen=True)
class AccountRules:
    """What the policy says of accounts."""

    sign_up: bool = True
    unknown_domains: str = "allow"
    free_mail: str = "allow"
    staff_mfa: str = "optional"


def account_rules() -> AccountRules:
    """In force now."""
    stored = vendor().settings.get("accounts", {})
    return AccountRules(**{name: stored[name] for name in AccountRules.__dataclass_fields__ if name in stored})


@dataclass(frozen=True)
class SecondSteps:
    """What somebody has besides a password. Recovery codes alone are none: they stand in for the others."""

    has_app: bool
    has_codes: bool
    keys: tuple[tuple[int, str], ...]

    @property
    def any(self) -> bool:
        """Whether a log-in asks for one of them."""
        return self.has_app or bool(self.keys)


def second_steps(person: Person) -> SecondSteps:
    """This person's, in one query."""
    rows = list(Authenticator.objects.filter(user_id=person.pk).order_by("pk"))
    kinds = {row.type for row in rows}
    keys = tuple((row.pk, row.wrap().name) for row in rows if row.type == Authenticator.Type.WEBAUTHN)
    return SecondSteps(Authenticator.Type.TOTP in kinds, Authenticator.Type.RECOVERY_CODES in kinds, keys)


@dataclass(frozen=True)
class Session:
    """A browser in which somebody is signed in. `agent` is what it says of itself."""

    pk: int
    since: datetime
    ip: str
    agent: str
    is_this: bool


def sessions_of(person: Person, session_key: str | None) -> list[Session]:
    """Where this person is signed in, the newest first; `session_key` is this browser's own."""
    rows = sorted(UserSession.objects.purge_and_list(person), key=lambda row: row.created_at, reverse=True)
    return [Session(row.pk, row.created_at, row.ip, row.user_agent, row.session_key == session_key) for row in rows]


def organizations_of(person: Person) -> QuerySet[Organization]:
    """Where this person is a member."""
    return Organization.objects.filter(memberships__person=person).order_by("name", "id")


def is_member(person: Person, organization_id: int) -> bool:
    """Whether the person belongs to that organization."""
    return Membership.objects.filter(person=person, organization_id=organization_id).exists()


def grants_in_force(person: Person, now: datetime) -> QuerySet[Grant]:
    """The organizations whose requests this person may read at `now`."""
    return Grant.objects.filter(
        Q(expires_at__isnull=True) | Q(expires_at__gt=now), person=person, revoked_at__isnull=True
    )


_GRANTED = """
SELECT organization_id FROM people_grant
WHERE person_id = %(person)s AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > %(now)s)
"""


def granted_ids(person: Person, now: datetime) -> set[int]:
    """The same organizations by id, by hand: each page of a customer asks."""
    return {pk for (pk,) in sql.rows(_GRANTED, {"person": person.pk, "now": now})}


def seconds_granted(person: Person, now: datetime, most: int) -> int:
    """How long what the person reads by grant stays readable: until the first of their grants ends, `most` at most."""
    ends = grants_in_force(person, now).aggregate(first=Min("expires_at"))["first"]
    return most if ends is None else min(most, int((ends - now).total_seconds()))


@dataclass(frozen=True)
class TeamsOf:
    """A staff member's teams. `shut_in`: sees only those teams' tickets."""

    teams: tuple[tuple[int, str, str], ...]
    shut_in: bool

    @property
    def ids(self) -> list[int]:
        """Their database ids."""
        return [team[0] for team in self.teams]


def _live_teams() -> QuerySet[Team]:
    return Team.objects.filter(retired_at__isnull=True).order_by("name")


_FIELDS = tuple(field.attname for field in Person._meta.concrete_fields)
_WITH_TEAMS = """, (
  SELECT coalesce(json_agg(json_build_array(team.id, team.key, team.name, team.restricted) ORDER BY team.name), '[]')
  FROM people_team team JOIN people_team_members member ON member.team_id = team.id
  WHERE member.person_id = person.id AND team.retired_at IS NULL
)
FROM people_person person WHERE person.id = %(person)s
"""
_PERSON_WITH_TEAMS = f"SELECT {', '.join(_FIELDS)}{_WITH_TEAMS}"


def with_teams(pk: int) -> Person | None:
    """A person together with their teams in one query, by hand: every page asks this first."""
    for *values, theirs in sql.rows(_PERSON_WITH_TEAMS, {"person": pk}):
        person = Person.from_db(DEFAULT_DB_ALIAS, _FIELDS, values)
        person.__dict__["their_teams"] = theirs
        return person
    return None


def teams_of(person: Person) -> TeamsOf:
    """The person's teams, asked once a request: kept on the person object."""
    known: TeamsOf | None = person.__dict__.get("_teams_of")
    if known is None:
        # Not __dict__: a request's user is a lazy wrapper around the person.
        rows = getattr(person, "their_teams", None)
        if rows is None:
            rows = list(_live_teams().filter(members=person).values_list("id", "key", "name", "restricted"))
        known = TeamsOf(
            teams=tuple((pk, key, name) for pk, key, name, _ in rows),
            shut_in=person.role == Role.AGENT and any(restricted for *_, restricted in rows),
        )
        person.__dict__["_teams_of"] = known
    return known


# The teams at work by the policy's key.
teams_by_key: Fresh[dict[str, Team]] = Fresh(lambda: {team.key: team for team in teams()})


def domains_of(organization: Organization) -> set[str]:
    """The organization's verified and claimed e-mail domains."""
    rows = Domain.objects.filter(Q(verified_at__isnull=False) | Q(claimed_at__isnull=False), organization=organization)
    return set(rows.values_list("name", flat=True))


def teams() -> QuerySet[Team]:
    """The teams at work, by name."""
    return Team.objects.filter(retired_at__isnull=True).order_by("name")


def _choices() -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    return [(one.pk, one.label) for one in staff()], list(teams().values_list("pk", "name"))


# (id, name) of who and which teams may be assigned, for menus: at most a few seconds old; the verb looks for itself.
assignable: Fresh[tuple[list[tuple[int, str]], list[tuple[int, str]]]] = Fresh(_choices)


def _calendars() -> dict[str, list[CalendarVersion]]:
    versions: dict[str, list[CalendarVersion]] = {}
    for row in CalendarVersion.objects.order_by("key", "number"):
        versions.setdefault(row.key, []).append(row)
    return versions


# Every version of every calendar by key, oldest first; each in force from its `effective_from`.
calendars: Fresh[dict[str, list[CalendarVersion]]] = Fresh(_calendars)


def standing_ccs(organization: Organization, now: datetime) -> QuerySet[StandingCC]:
    """Who is CC'd on each new request of the organization at `now`."""
    return StandingCC.objects.filter(
        Q(until__isnull=True) | Q(until__gt=now), organization=organization, since__lte=now, ended_at__isnull=True
    ).select_related("person", "set_by")


def people_at(domain: str) -> int:
    """How many active people have an address at this very domain."""
    return Person.objects.filter(is_active=True, email__endswith=f"@{domain.lower()}").count()


def demo_accounts() -> int:
    """How many accounts carry the published demo password."""
    return Person.objects.filter(demo=True, is_active=True).count()
