"""Reads the support page as a person would, section by section, and holds it against a policy."""

import re
from collections.abc import Sequence

from answerable.lib.html import to_text
from answerable.policy.schema import METRICS, Policy
from answerable.sla.queries import Targets, targets
from answerable.ui.words import duration

SECTIONS = ["levels", "kept", "contact", "hours", "escalation", "teams", "resources"]
WORDS = {
    "first_response": "First response",
    "next_response": "Later responses",
    "periodic_update": "News at least every",
    "resolution": "Solution",
}


def part(html: str, section: str) -> str:
    """One section of the page."""
    return html.split(f'<section class="stack" id="{section}"')[1].split("</section>", maxsplit=1)[0]


def words(html: str) -> str:
    """What a person reads of it."""
    return " ".join(to_text(html).split())


def rows(html: str, section: str) -> list[list[str]]:
    """The cells of each row of the section's tables, without the words that only phones show."""
    there = re.sub(r'<span class="cell-word">.*?</span>', "", part(html, section))
    bodies = re.findall(r"<tr>(.*?)</tr>", there, re.DOTALL)
    found = [re.findall(r"<td[^>]*>(.*?)</td>", body, re.DOTALL) for body in bodies]
    return [[words(cell) for cell in row] for row in found if row]


def differences(policy: Policy, html: str) -> list[str]:
    """The sections that do not say what the policy says."""
    wrong = {
        "sections": [one for one in SECTIONS if f'id="{one}"' in html] != SECTIONS,
        "uptime": f"<dd>{policy.uptime.model_dump(mode='json')['commitment']}</dd>" not in html,
        "meanings": _meanings(policy) != [row[:2] for row in rows(html, "levels")[:4]],
        "promises": _promises(policy) != [_titles(html), *(row[2:] for row in rows(html, "levels"))],
        "plans": any(plan.name not in words(part(html, "levels")) for plan in policy.plans.values()),
        "hours": _hours(policy) != re.findall(r'<h3 class="split">(.*?) <span', part(html, "hours")),
        "ladder": _ladder(policy) != re.findall(r'class="rung-title">(.*?)</p><p class="small">(.*?)</p>', html)[1:],
        "ladder's times": _times(policy) != [row[:3] for row in rows(html, "escalation")],
        "teams": _teams(policy) != re.findall(r"<h3>(.*?)</h3>\s*<p>(.*?)</p>", part(html, "teams")),
        "links": _links(policy) != re.findall(r'<a href="(http.*?)">(.*?)</a><span.*?>(.*?)<', part(html, "resources")),
    }
    return [name for name, is_wrong in wrong.items() if is_wrong]


def _meanings(policy: Policy) -> list[list[str]]:
    return [
        [level, " ".join([one.name + one.meaning, *(f"* {example}" for example in one.examples)])]
        for level, one in sorted(policy.severities.items())
    ]


def _titles(html: str) -> list[str]:
    head = part(html, "levels").split("</thead>")[0]
    return re.findall(r'<th class="is-time" scope="col">(.*?)</th>', head)


def _promises(policy: Policy) -> list[list[str]]:
    """By the very function that promises are made with: the default plan's, and those of plans with others."""
    levels = sorted(policy.severities)
    usual = _of(policy.default_plan, levels)
    others = [_of(key, levels) for key in policy.plans if key != policy.default_plan]
    shown = [metric for metric in METRICS if any(one.seconds[metric] for plan in [usual, *others] for one in plan)]
    titles = [WORDS[metric] for metric in shown]
    offers = [one for plan in [usual, *(plan for plan in others if plan != usual)] for one in plan]
    return [titles, *([*(_time(one.seconds[metric]) for metric in shown), _named(policy, one)] for one in offers)]


def _of(plan: str, levels: Sequence[str]) -> list[Targets]:
    return [targets(plan, level) for level in levels]


def _named(policy: Policy, offer: Targets) -> str:
    calendar = policy.calendars[offer.calendar]
    return "24×7" if calendar.always_open else calendar.name or offer.calendar


def _time(seconds: int | None) -> str:
    return duration(seconds) if seconds else "–"


def _hours(policy: Policy) -> list[str]:
    used = {targets(plan, level).calendar for plan in policy.plans for level in policy.severities}
    return [one.name or key for key, one in policy.calendars.items() if key in used]


def _ladder(policy: Policy) -> list[tuple[str, str]]:
    return [(one.name, one.role) for one in policy.escalation.levels]


def _times(policy: Policy) -> list[list[str]]:
    ladder = policy.escalation
    return [
        [level, duration(ladder.confirm_timeout[level]), duration(ladder.ack_timeout[level])]
        for level in sorted(policy.severities)
    ]


def _teams(policy: Policy) -> list[tuple[str, str]]:
    return [(one.name, one.about or "") for one in policy.teams.values()]


def _links(policy: Policy) -> list[tuple[str, str, str]]:
    return [(one.address, one.name, one.about or "") for one in policy.support_page.links]
