"""Pages about organizations and people for the gallery: (template, context) by name."""

from datetime import datetime, timedelta
from types import SimpleNamespace

from answerable.desk.organization_forms import (
    AddressForm,
    DomainForm,
    GrantForm,
    MemberForm,
    OrganizationForm,
    ReasonForm,
    StandingForm,
)
from answerable.desk.organization_history import Said
from answerable.people.seeing_queries import Look
from answerable.tickets.organization_queries import Loss, Part, Preview, Tally
from answerable.ui.tests import ladders
from answerable.ui.tests.people import KIVU, LONG_ADDRESS, NORRLAND, NOW, RAIL, ROWS, Row

DAY = timedelta(days=1)
MARIA = SimpleNamespace(pk=4, label="Maria Costa", email="maria@acme.example")
ELIN = SimpleNamespace(pk=7, label="Elin Berg", email="elin@norrland.example", is_active=True)
HOLM = SimpleNamespace(pk=8, label="J. Holm", email="holm@norrland.example", is_active=True)
LONG = SimpleNamespace(pk=9, label=LONG_ADDRESS, email=LONG_ADDRESS, is_active=False, is_staff=False)


class Several(list[SimpleNamespace]):
    """As the manager of a relation."""

    def all(self) -> list[SimpleNamespace]:
        """The rows."""
        return self


def domain(name: str, pk: int, *, verified: datetime | None = None, claimed: datetime | None = None) -> SimpleNamespace:
    return SimpleNamespace(pk=pk, name=name, verified_at=verified, claimed_at=claimed)


DOMAINS = Several(
    [
        domain("norrland.example", 1, verified=NOW),
        domain("norrland-energi.example", 2, claimed=NOW),
        domain("norrland-waits.example", 3),
    ]
)
ORGANIZATION = SimpleNamespace(
    pk=1, name=NORRLAND, slug="norrland", csm=MARIA, zone="Europe/Stockholm", domains=DOMAINS
)
BANK = SimpleNamespace(pk=2, name=KIVU, slug="kivu", csm=None, zone="UTC", domains=Several())
GRANTS = [
    SimpleNamespace(
        pk=1, person=HOLM, organization=ORGANIZATION, granted_by=MARIA, granted_at=NOW - 40 * DAY,
        reason="Quarterly review of all incidents", expires_at=NOW + 12 * DAY, revoked_at=None, revoked_by=None,
    ),
    SimpleNamespace(
        pk=2, person=LONG, organization=ORGANIZATION, granted_by=MARIA, granted_at=NOW - 3 * DAY,
        reason="Runs their operations", expires_at=None, revoked_at=None, revoked_by=None,
    ),
]  # fmt: skip
PAST = [
    SimpleNamespace(
        pk=3, person=ELIN, granted_by=MARIA, granted_at=NOW - 90 * DAY, reason="Stood in for J. Holm",
        expires_at=NOW - 60 * DAY, revoked_at=None, revoked_by=None,
    ),
]  # fmt: skip
STANDING = [SimpleNamespace(pk=1, person=HOLM, set_by=MARIA, since=NOW - 9 * DAY, until=NOW + 20 * DAY, fill_after=7)]
MEMBERS = [
    SimpleNamespace(person=one, source=source) for one, source in [(ELIN, "verified"), (HOLM, "sso"), (LONG, "staff")]
]
HISTORY = [
    Said(3, NOW - DAY, "Maria Costa let J. Holm read the requests: Quarterly review of all incidents"),
    Said(2, NOW - 3 * DAY, "Ada Lind changed the plan from Standard to Enterprise, 24×7"),
    Said(1, NOW - 9 * DAY, "Ada Lind created it"),
]


def _request(row: Row) -> SimpleNamespace:
    return SimpleNamespace(
        number=row.number, subject=row.subject, severity=row.severity, status=row.status, waits_for=row.waits,
        updated_at=row.updated_at, severity_determined_at=NOW, due_at=row.next_due_at, promise_start_at=row.promise_start_at,
        assignee=SimpleNamespace(label=row.assignee) if row.assignee else None,
    )  # fmt: skip


def form() -> OrganizationForm:
    csms = [("", "Nobody"), ("4", "Maria Costa")]
    plans = [("", "Standard, unless another is chosen"), ("premium", "Enterprise, 24×7")]
    initial = {"name": NORRLAND, "plan": "premium", "csm": "4", "zone": "Europe/Stockholm"}
    return OrganizationForm(initial=initial, auto_id="organization-%s", plans=plans, csms=csms)


def organization(**more: object) -> dict[str, object]:
    return {
        "view_title": NORRLAND,
        "rail": RAIL,
        "organization": ORGANIZATION,
        "plan": "Enterprise, 24×7",
        "domains": DOMAINS,
        "members": MEMBERS,
        "more_members": False,
        "grants": GRANTS,
        "past_grants": PAST,
        "standing": STANDING,
        "sign_on": SimpleNamespace(sso_only=True, off_at=None),
        "history": HISTORY,
        "older_history": 1,
        "requests": [_request(row) for row in (ROWS[0], ROWS[4], ROWS[6])],
        "more_requests": True,
        "tally": Tally(23, 1, 2),
        "may_manage": True,
        "edit_form": form(),
        "domain_form": DomainForm(auto_id="domain-%s"),
        "member_form": MemberForm(auto_id="member-%s"),
        **more,
    }


def grant(to: SimpleNamespace | None) -> dict[str, object]:
    return {
        "view_title": "Let somebody read all requests",
        "rail": RAIL,
        "organization": ORGANIZATION,
        "address_form": AddressForm(),
        "to": to,
        "opens": Preview("1000+", "3", "2"),
        "belongs": [KIVU],
        "is_member": False,
        "form": GrantForm(initial={"person": 8}, auto_id="offer-%s"),
        "whom_url": "/desk:grant_new",
        "action": "/desk:grant",
    }


def standing(to: SimpleNamespace | None) -> dict[str, object]:
    form = StandingForm(initial={"person": 8}, auto_id="offer-%s")
    opens = Preview("21", "2", "1")
    return grant(to) | {"view_title": "CC somebody on each request", "form": form, "opens": opens, "is_member": True}


FOUND = [
    SimpleNamespace(**vars(ELIN), memberships=Several([SimpleNamespace(organization=ORGANIZATION)]), is_staff=False),
    SimpleNamespace(**vars(LONG), memberships=Several()),
]


def person(who: SimpleNamespace) -> dict[str, object]:
    known = {"last_login": NOW - DAY, "joined_at": NOW - 90 * DAY, "zone": "", "merged_into": None}
    return {
        "view_title": who.label,
        "rail": RAIL,
        "person": SimpleNamespace(**{**vars(who), **known}),
        "role": "Customer",
        "aliases": ["elin.berg@norrland.example"],
        "memberships": [SimpleNamespace(organization=ORGANIZATION, since=NOW - 90 * DAY)],
        "grants": GRANTS[:1],
        "requests": [_request(row) for row in ROWS[:3]],
        "more_requests": True,
        "history": [Said(1, NOW - DAY, "Ada Lind merged elin.berg@norrland.example into this account")],
        "older_history": None,
        "may_administer": True,
        "is_tied": True,
        "reason_form": ReasonForm(auto_id="suspend-%s"),
        "may_see_as": True,
        "looks": LOOKS,
        "mail_stops": MAIL_STOPS,
    }


MAIL_STOPS = [
    SimpleNamespace(
        kind="undeliverable", address="elin@norrland.example", since=NOW - 2 * DAY,
        why="550 5.1.1 <elin@norrland.example>: Recipient address rejected: User unknown in virtual mailbox table",
    ),
    SimpleNamespace(
        kind="complained", address="elin@norrland.example", since=NOW - 9 * DAY,
        why="Re: Warehouse sync stopped for all tenants [#20418]",
    ),
]  # fmt: skip

LOOKS = [
    Look("Tomas Klein", NOW - timedelta(minutes=4), NOW + timedelta(minutes=26)),
    Look("Maria Costa", NOW - 3 * DAY, NOW - 3 * DAY + timedelta(minutes=12)),
]


def bare_person() -> dict[str, object]:
    names = ("aliases", "memberships", "grants", "requests", "history", "looks", "mail_stops")
    return {name: [] for name in names} | {"more_requests": False, "may_see_as": False}


def over(who: SimpleNamespace) -> dict[str, object]:
    return {
        "view_title": f"Revoke the grant of {who.label}",
        "rail": RAIL,
        "organization": ORGANIZATION,
        "who": who,
        "loss": Loss("214", "3"),
        "words": "Their open pages end at once. They are told by mail, and so are the organization's other readers.",
        "button": "Revoke now",
        "action": "/revoke",
    }


def merge(other: SimpleNamespace | None) -> dict[str, object]:
    return {
        "view_title": "Merge somebody into Elin Berg",
        "rail": RAIL,
        "survivor": ELIN,
        "address_form": AddressForm(),
        "other": other,
        "refused": "",
        "across": True,
        "moves": Part("12", "3"),
        "belongs": [[NORRLAND], [KIVU]],
        "grants": [NORRLAND],
    }


def bare() -> dict[str, object]:
    """An organization without anything, for somebody who may change nothing."""
    nothing: dict[str, object] = {
        name: [] for name in ("domains", "members", "grants", "past_grants", "standing", "history", "requests")
    }
    forms = {"edit_form": None, "domain_form": None, "member_form": None, "may_manage": False}
    rest = {"sign_on": None, "organization": BANK, "tally": Tally(), "more_requests": False, "older_history": None}
    return organization(**nothing, **forms, **rest, view_title=KIVU)


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """What there is to see, by name."""
    every = {
        "view_title": "Organizations",
        "rail": RAIL,
        "q": "",
        "may_create": True,
        "first_url": "",
        "next_url": "/n",
    }
    rows = [(ORGANIZATION, "Enterprise, 24×7"), (BANK, "Standard")]
    mine = [(ORGANIZATION, "Enterprise, 24×7", Tally(23, 1, 2)), (BANK, "Standard", Tally(1))]
    theirs = every | {"view_title": "My organizations"}
    none: dict[str, object] = {"rows": [], "next_url": ""}
    return {
        "organizations": ("desk/organizations.html", {**every, "rows": rows}),
        "organizations-empty": ("desk/organizations.html", {**every, **none}),
        "organizations-none": ("desk/organizations.html", {**every, **none, "q": "zebra"}),
        "organization": ("desk/organization.html", organization()),
        "organization-bare": ("desk/organization.html", bare()),
        "organization-new": (
            "desk/organization_new.html",
            {"view_title": "New organization", "rail": RAIL, "form": form()},
        ),
        "standing-new": ("desk/standing_new.html", standing(HOLM)),
        "standing-whom": ("desk/standing_new.html", standing(None)),
        "people": ("desk/people.html", {**every, "view_title": "People", "rows": FOUND}),
        "people-none": ("desk/people.html", {**every, **none, "view_title": "People", "q": "zebra"}),
        "people-empty": ("desk/people.html", {**every, **none, "view_title": "People"}),
        "person": ("desk/person.html", person(ELIN)),
        "person-suspended": ("desk/person.html", person(LONG) | bare_person()),
        "person-merge": ("desk/person_merge.html", merge(HOLM)),
        "person-merge-whom": (
            "desk/person_merge.html",
            merge(None) | {"refused": "These are the same account already."},
        ),
        "access-over": ("desk/access_over.html", over(HOLM)),
        "access-over-long": ("desk/access_over.html", over(LONG)),
        "grant-whom": ("desk/grant_new.html", grant(None)),
        "grant-new": ("desk/grant_new.html", grant(HOLM)),
        "my-organizations": (
            "desk/my_organizations.html",
            {**theirs, "rows": mine, "ending": GRANTS[:1], "escalated": ladders.ESCALATED},
        ),
        "my-organizations-quiet": (
            "desk/my_organizations.html",
            {**theirs, "rows": mine[1:], "ending": [], "escalated": []},
        ),
        "my-organizations-empty": ("desk/my_organizations.html", {**theirs, **none, "ending": [], "escalated": []}),
    }
