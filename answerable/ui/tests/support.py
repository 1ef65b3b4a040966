"""The support page of the shipped policy, and of one with office hours and little to show, for the gallery."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from types import SimpleNamespace

from answerable.casework.ladder_rules import read
from answerable.policy.queries import Policy
from answerable.policy.read import SHIPPED, parse
from answerable.portal.public import head
from answerable.portal.support_page import Page, Sources, build
from answerable.portal.support_schema import organization
from answerable.reports.figures import Figures
from answerable.reports.kept import Kept, kept_words
from answerable.ui.tests.people import ELIN, LONG_WORD, NOBODY, NOW

ADDRESS = "https://support.acme.example"
OFFICE = """
[calendars.office]
name = "Office hours"
tz = "Europe/Berlin"
dates_off = [2026-12-25, 2026-12-26, 2027-01-01]
special.2026-12-24 = [["09:00", "12:00"]]
[calendars.office.weekly]
mon = [["09:00", "12:00"], ["13:00", "17:00"]]
tue = [["09:00", "17:00"]]
wed = [["09:00", "17:00"]]
thu = [["09:00", "17:00"]]
fri = [["09:00", "15:00"]]

[plans.basic]
name = "Basic"

[plans.standard]
"""
LEVELS = {
    "P0": Figures(31, 0, 0, 540),
    "P1": Figures(94, 2, 1, 2520),
    "P2": Figures(203, 5, 0, 9240),
    "P3": Figures(7, 1),
}
PLANS = {
    ("P0", ""): Figures(20),
    ("P1", ""): Figures(70, 2),
    ("P2", ""): Figures(203, 5),
    ("P0", "premium"): Figures(11),
}


def policy(*edits: tuple[str, str]) -> Policy:
    """The shipped one, edited."""
    text = SHIPPED.read_text().replace("# portal_address", "portal_address")
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return parse(text, "support.toml")


def page(given: Policy, kept: Kept, now: datetime = NOW) -> Page:
    """Its page, from rules and terms as `apply` hands them down."""
    ladder = given.escalation.model_dump(
        include={"confirm_timeout", "ack_timeout", "min_interval", "csm", "show_names"}
    )
    rungs = [one.model_dump(mode="json") for one in given.escalation.levels]
    rules = [one.model_dump(mode="json") for one in given.escalation.automatic]
    whole = read({**ladder, "levels": rungs, "automatic": rules})
    return build(Sources(given, 4, NOW - timedelta(days=12), whole, lambda: kept), now)


def shown(made: Page) -> dict[str, object]:
    """What the view hands to the template."""
    address = f"{made.address}/support"
    words = f"How {made.vendor} supports {made.product}."
    named = head(f"Support for {made.product}", words, address)
    return {
        "page": made,
        "now": made.at,
        "kept_words": kept_words,
        **named,
        "organization": organization(made, address),
    }


def pages() -> Mapping[str, tuple[str, dict[str, object], SimpleNamespace]]:
    """By name."""
    whole = page(policy(), Kept(NOW, None, LEVELS, PLANS))
    little = policy(
        ("\n[plans.standard]\n", OFFICE),
        ('periodic_update = "24 h"\ncalendar = "always"', 'resolution = "10 d"\ncalendar = "office"'),
        ("form = true ", "form = false "),
        ('name = "Documentation"', f'name = "{LONG_WORD}"'),
        ("# sentence = ", "sentence = "),
    )
    return {
        "support": ("portal/support.html", shown(whole), NOBODY),
        "support-office": ("portal/support.html", shown(page(little, Kept(NOW))), ELIN),
    }
