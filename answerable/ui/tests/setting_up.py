"""Pages that set up single sign-on, prove domains and import, for the gallery: (template, context) by name."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.casework.imports import Looked
from answerable.desk.import_forms import ImportForm
from answerable.desk.imports import counts, file_words, lines, outcome_words
from answerable.desk.sso import Needs
from answerable.desk.sso_forms import OIDCForm, SAMLForm
from answerable.lib.tables import Problem
from answerable.mail.models import Checker, Inbox
from answerable.people.import_terms import (
    CHANGE,
    CREATE,
    ORGANIZATION_COLUMNS,
    PERSON_COLUMNS,
    SAME,
    Change,
    OrganizationStep,
    PersonStep,
    Plan,
)
from answerable.ui.tests.organizations import DOMAINS, ORGANIZATION
from answerable.ui.tests.people import KIVU, LONG_ADDRESS, NORRLAND, NOW, RAIL

PORTAL = "https://support.acme.example/accounts"
RECORD = "answerable-verification=9f2c7d1e0b5a48c6a3d2e1f09b8c7d6e5f4a3b2c"


def sso(sign_on: SimpleNamespace | None, **more: object) -> dict[str, object]:
    given = {"server_url": "https://login.norrland.example", "client_id": "answerable"}
    key = "org-norrland"
    return {
        "view_title": f"Single sign-on of {NORRLAND}",
        "rail": RAIL,
        "slug": "norrland",
        "organization": ORGANIZATION,
        "sign_on": sign_on,
        "start_url": "/go",
        "domains": ["norrland.example", "norrland-energi.example"],
        "head_count": 214,
        "is_tried": True,
        "needs": Needs(
            oidc=[("Redirect address (redirect URI)", f"{PORTAL}/oidc/{key}/login/callback/")],
            saml=[
                ("Entity id, and address of our metadata", f"{PORTAL}/saml/{key}/metadata/"),
                ("Where answers go (ACS URL)", f"{PORTAL}/saml/{key}/acs/"),
            ],
        ),
        "oidc_form": OIDCForm(initial=given if sign_on else None, auto_id="oidc-%s"),
        "saml_form": SAMLForm(auto_id="saml-%s"),
        "may_change": True,
        **more,
    }


def set_up(*, only: bool, off: bool, provider: str = "openid_connect") -> SimpleNamespace:
    return SimpleNamespace(sso_only=only, off_at=NOW if off else None, app=SimpleNamespace(provider=provider))


def proof(number: int, **more: object) -> dict[str, object]:
    return {
        "view_title": f"Proof of {DOMAINS[number].name}",
        "rail": RAIL,
        "organization": ORGANIZATION,
        "domain": DOMAINS[number],
        "record": RECORD,
        "answer": "",
        "found": [],
        "would_join": 0,
        **more,
    }


def plan(*, wrong: bool) -> Plan:
    changes = (
        Change("plan", "", "premium"),
        Change("domains", "", "norrland.example (3 people with a proven address there are members then)"),
    )
    renamed = (Change("name", KIVU, "Kivu Holding"),)
    none: tuple[str, ...] = ()
    found = Plan(
        [
            OrganizationStep(2, CREATE, NORRLAND, changes, None, NORRLAND, "premium", 4, "Europe/Stockholm", none),
            OrganizationStep(3, CHANGE, "Kivu Holding", renamed, 2, "Kivu Holding", "", None, "UTC", none),
            OrganizationStep(4, SAME, "Atelier Roche", (), 3, "Atelier Roche", "", None, "UTC", none),
        ],
        [
            PersonStep(
                2, CREATE, LONG_ADDRESS, (Change("name", "", "A. Long"), Change("organization", "", NORRLAND)), None,
                LONG_ADDRESS, "A. Long", "", "", NORRLAND.lower(), None,
            ),
        ],
    )  # fmt: skip
    if wrong:
        found.problems = [
            ("organizations", Problem(5, "domains", "a domain of no other organization", f"kivu.example ({KIVU})")),
            ("organizations", Problem(6, "zone", "a time zone such as Europe/Berlin", "Berlin")),
            ("people", Problem(0, "", "text: save the sheet as CSV", "a spreadsheet (.xlsx, .ods)")),
        ]
    return found


def import_plan(found: Plan | None, guessed: list[tuple[str, str]]) -> dict[str, object]:
    shown: dict[str, object] = {
        "view_title": "Import",
        "rail": RAIL,
        "row": SimpleNamespace(pk=7, applied_at=None),
        "looked": Looked(found, guessed) if found else None,
    }
    if found:
        shown |= {
            "digest": "9f2c" * 16,
            "counts": counts(found),
            "problems": found.problems,
            "more_problems": 12 if found.problems else 0,
            "lines": lines(found),
            "first_url": "",
            "next_url": "/next" if found.people else "",
            "outcome_words": outcome_words(),
            "file_words": file_words(),
        }
    return shown


CHECKED = [
    (
        Inbox(key="support", address="support@acme.example", trusted_authserv=[]),
        [
            Checker(authserv_id="mx.acme-provider.example", last_at=NOW - timedelta(minutes=4)),
            Checker(authserv_id="mail.stranger.example", last_at=NOW - timedelta(days=9)),
        ],
    ),
    (
        Inbox(
            key="urgent",
            address="urgent@acme.example",
            trusted_authserv=["mx.acme-provider.example"],
            confirmed_authserv=["mx.acme.example"],
        ),
        [],
    ),
    (Inbox(key="sales", address="sales@acme.example", trusted_authserv=[], verify_senders=True), []),
]


def senders(inboxes: list[tuple[Inbox, list[Checker]]]) -> dict[str, object]:
    """How inboxes know their senders: one that does not yet, and two that do."""
    return {"view_title": "Proof of senders", "rail": RAIL, "inboxes": inboxes}


def import_new() -> dict[str, object]:
    return {
        "view_title": "Import organizations and people",
        "rail": RAIL,
        "form": ImportForm(),
        "organization_columns": ORGANIZATION_COLUMNS,
        "person_columns": PERSON_COLUMNS,
        "most_rows": 50_000,
        "most_megabytes": 10,
    }


def pages() -> dict[str, tuple[str, dict[str, object]]]:
    """What there is to see, by name."""
    wrong = {"server_url": "http://10.0.0.7", "client_id": ""}
    told = {"answer": "norrland-energi.example does not have the TXT record yet.", "found": ["v=spf1 -all"]}
    staff = {"organization": None, "slug": "staff", "view_title": "Single sign-on of your staff", "is_tried": False}
    template, proven = "desk/sso_set_up.html", "desk/domain_proof.html"
    return {
        "sso-set-up": (template, sso(set_up(only=False, off=False))),
        "sso-set-up-only": (template, sso(set_up(only=True, off=True, provider="saml"))),
        "sso-set-up-new": (template, sso(None, domains=[], oidc_form=OIDCForm(wrong, auto_id="oidc-%s"))),
        "sso-set-up-staff": (template, sso(set_up(only=False, off=False), **staff)),
        "sso-set-up-read": (template, sso(set_up(only=False, off=False), may_change=False)),
        "domain-proof": (proven, proof(2, would_join=4, **told)),
        "domain-claimed": (proven, proof(1)),
        "domain-proven": (proven, proof(0)),
        "senders": ("desk/senders.html", senders(CHECKED)),
        "senders-empty": ("desk/senders.html", senders([])),
        "import-new": ("desk/import_new.html", import_new()),
        "import-plan": ("desk/import_plan.html", import_plan(plan(wrong=False), [("people", "Windows-1252")])),
        "import-wrong": ("desk/import_plan.html", import_plan(plan(wrong=True), [])),
        "import-nothing": ("desk/import_plan.html", import_plan(Plan(), [])),
        "import-done": ("desk/import_plan.html", import_plan(None, [])),
    }
