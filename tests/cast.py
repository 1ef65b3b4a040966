"""The one cast of people that tests across rooms play with, and short ways to put a ticket on the stage."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from answerable.casework import actions as casework
from answerable.lib.fresh import forget_all
from answerable.mail.actions import InboxSpec, apply_inboxes
from answerable.people import actions as people
from answerable.people.models import Domain, Organization, Person, Team, Vendor
from answerable.sla.actions import TermsSpec, apply_terms
from answerable.tickets.actions import Message, Opening, Upload
from answerable.tickets.models import Ticket

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"
HOUR = 3600


@dataclass(frozen=True)
class Cast:
    """Everybody: staff, the customers of Norrland (`org`), and a stranger."""

    agent: Person
    lead: Person
    csm: Person
    other_csm: Person
    admin: Person
    requester: Person
    colleague: Person
    reader: Person
    no_grant: Person
    stranger: Person
    org: Organization
    other_org: Organization
    cloud: Team
    product: Team


def assemble() -> Cast:
    """Terms, teams, organizations and people, as most tests need them."""
    terms()
    inbox()
    people.apply_teams([people.TeamSpec("cloud", "Cloud support"), people.TeamSpec("product", "Product support")], NOW)
    cloud, product = Team.objects.get(key="cloud"), Team.objects.get(key="product")
    agent = _person("agent@vendor.test", "Tomas Kral", "agent")
    cloud.members.add(agent)
    csm = _person("csm@vendor.test", "Maria Costa", "csm")
    admin = _person("admin@vendor.test", "Ada Lind", "admin")
    org = _organization("Norrland Energi", "norrland.test", csm, admin)
    other = _organization("Kivu Bank", "kivu.test", None, admin)
    cast = Cast(
        agent=agent,
        lead=_person("lead@vendor.test", "Priya Nair", "lead"),
        csm=csm,
        other_csm=_person("csm2@vendor.test", "Olu Ade", "csm"),
        admin=admin,
        requester=_person("elin@norrland.test", "Elin Berg", "customer"),
        colleague=_person("lund@norrland.test", "A. Lund", "customer"),
        reader=_person("holm@norrland.test", "J. Holm", "customer"),
        no_grant=_person("nils@norrland.test", "Nils Ek", "customer"),
        stranger=_person("mbeki@kivu.test", "J. Mbeki", "customer"),
        org=org,
        other_org=other,
        cloud=cloud,
        product=product,
    )
    for person in (cast.requester, cast.colleague, cast.reader, cast.no_grant):
        people.add_member(person, org, "staff", NOW)
    people.add_member(cast.stranger, other, "staff", NOW)
    people.grant(csm, cast.reader, org, people.GrantTerms("quarterly review", NOW + timedelta(days=3650)), NOW)
    return cast


def _person(email: str, name: str, role: str) -> Person:
    return people.make_person(email, name, role, PASSWORD, NOW - timedelta(days=30))


def _organization(name: str, domain: str, csm: Person | None, admin: Person) -> Organization:
    org = Organization.objects.create(
        name=name, slug=domain.split(".", maxsplit=1)[0], csm=csm, zone="Europe/Stockholm", created_at=NOW
    )
    Domain.objects.create(organization=org, name=domain, claimed_by=admin, claimed_at=NOW)
    return org


def terms(calendar: dict[str, object] | None = None) -> None:
    """Default promises: P0 30 min, P1 2 h, P2 8 h, P3 24 h; in a 24x7 calendar unless another one is given."""
    people.apply_calendars({"always": calendar or {"tz": "UTC", "always_open": True}}, NOW - timedelta(days=365))
    first = {"P0": HOUR // 2, "P1": 2 * HOUR, "P2": 8 * HOUR, "P3": 24 * HOUR}
    severities = {
        key: {"name": key, "meaning": "", "examples": [], "first_response": seconds, "calendar": "always"}
        for key, seconds in first.items()
    }
    plans = {"standard": {"name": "Standard", "severities": {}}}
    apply_terms(TermsSpec(severities, plans, "P2", "standard"), 1, NOW - timedelta(days=365))
    people.apply_vendor(
        people.VendorSpec(
            "Acme Data", "Acme Data Cloud", "support@vendor.test", "http://portal.vendor.test", "UTC", {}
        ),
        1,
    )


def inbox(**more: Any) -> None:
    """The support mailbox."""
    spec = InboxSpec(key="support", address="support@vendor.test", **more)
    apply_inboxes([spec], "vendor.test", NOW)


def ladder(**more: Any) -> None:
    """The ladder as it ships: the request's team, leads and administrators, administrators."""
    levels = [
        {"name": "Technical Support Engineer", "role": "Takes over the diagnosis.", "team": "own"},
        {"name": "Director, Support", "role": "Brings in people.", "roles": ["lead"]},
        {"name": "Head of Customer Experience", "role": "Decides.", "roles": ["admin"]},
    ]
    times = {"P0": 900, "P1": 1800, "P2": 7200, "P3": 14_400}
    given = {
        "levels": levels,
        "confirm_timeout": times,
        "ack_timeout": times,
        "ack_ttl": {"P0": 1800, "P1": 7200},
        **more,
    }
    vendor = Vendor.objects.get()
    Vendor.objects.update(settings=vendor.settings | {"escalation": given})
    forget_all()


def says(text: str, channel: str = "portal", **more: Any) -> Message:
    """A plain message."""
    return Message(text=text, new_text=text, html=f"<p>{text}</p>", channel=channel, **more)


def a_file(name: str, content: bytes) -> Upload:
    """Something to attach."""
    return Upload(name, "text/plain", content)


def a_ticket(cast: Cast, now: datetime = NOW, **more: Any) -> Ticket:
    """A request of the requester's, with the colleague CC'd."""
    values: dict[str, Any] = {
        "subject": "Warehouse sync stopped",
        "requester": cast.requester,
        "organization": cast.org,
        "team": cast.cloud,
        "severity": "P2",
        "channel": "portal",
    }
    opening = Opening(**(values | more))
    return casework.open_ticket(
        opening, says("Nothing has loaded since 02:10."), now, casework.Copies(cc=(cast.colleague,))
    )
