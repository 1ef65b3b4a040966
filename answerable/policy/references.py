"""What must agree between the tables of support.toml: keys that name other tables, addresses that exist once."""

from collections.abc import Iterator, Sequence
from typing import get_args

from answerable.casework.wordings import MAILS
from answerable.mail.wording import problems
from answerable.policy import outside, widget
from answerable.policy.lines import Place
from answerable.policy.schema import Level, Mailbox, Policy
from answerable.policy.values import show_warning

Disagreement = tuple[Place, str, object]


def disagreements(policy: Policy) -> Iterator[Disagreement]:
    """(where, what was expected there, what stands there)."""
    yield from _severities(policy)
    yield from _promises(policy)
    yield from _plans(policy)
    yield from _calendars(policy)
    yield from _inboxes(policy)
    yield from _mailboxes(policy)
    yield from _addresses(policy)
    yield from _fields(policy)
    yield from _teams(policy)
    yield from _texts(policy)
    yield from _ladder(policy)
    yield from _on_call(policy)
    yield from _paging(policy)
    yield from outside.disagreements(policy)
    yield from widget.disagreements(policy)


def _ladder(policy: Policy) -> Iterator[Disagreement]:
    top = len(policy.escalation.levels)
    for number, rung in enumerate(policy.escalation.levels):
        if rung.team not in {None, "own", *policy.teams}:
            known = one_of(["own", *policy.teams])
            yield (
                ("escalation", "levels", number, "team"),
                f"a team of this file, or the request's ({known})",
                rung.team,
            )
    seen: set[tuple[str, str]] = set()
    for number, rule in enumerate(policy.escalation.automatic):
        place = ("escalation", "automatic", number)
        if rule.level > top:
            yield (*place, "level"), f"a level of this file (1 to {top})", rule.level
        for level in rule.severities:
            if (rule.metric, level) in seen:
                yield (*place, "severities"), f"one rule for {rule.metric} of {level}", level
            seen.add((rule.metric, level))


def _on_call(policy: Policy) -> Iterator[Disagreement]:
    for key, schedule in policy.on_call.items():
        if schedule.managed == "file" and not schedule.layers:
            yield (
                ("on_call", key),
                "at least one table [[on_call.KEY.layers]], since nobody would ever be on call",
                None,
            )
        for number, layer in enumerate(schedule.layers):
            if not layer.participants:
                yield ("on_call", key, "layers", number, "participants"), "at least one address of your staff", []


def _paging(policy: Policy) -> Iterator[Disagreement]:
    for key, one in policy.paging.items():
        if not one.steps:
            yield ("paging", key, "steps"), "at least one entry", []
        for number, step in enumerate(one.steps):
            if not step.who:
                yield ("paging", key, "steps", number, "who"), "at least one entry", []


def _teams(policy: Policy) -> Iterator[Disagreement]:
    if policy.p0_team is not None and policy.p0_team not in policy.teams:
        yield ("p0_team",), f"a team of this file ({one_of(list(policy.teams))})", policy.p0_team
    if policy.drill.team is not None and policy.drill.team not in policy.teams:
        yield ("drill", "team"), f"a team of this file ({one_of(list(policy.teams))})", policy.drill.team
    for key, team in policy.teams.items():
        if team.paging is not None and team.paging not in policy.paging:
            known = f"a table [paging.{team.paging}]" if not policy.paging else one_of(list(policy.paging))
            yield ("teams", key, "paging"), f"a paging policy of this file ({known})", team.paging
        if team.most_open is not None and team.assign == "none":
            yield ("teams", key, "most_open"), 'no most_open, since its assign is "none"', team.most_open


def _texts(policy: Policy) -> Iterator[Disagreement]:
    for key, text in (policy.mail.texts or {}).items():
        if key not in MAILS:
            yield ("mail", "texts", key), f"the key of a mail ({one_of(sorted(MAILS))})", key
            continue
        for one in problems(text, MAILS[key].places):
            yield ("mail", "texts", key), f"a text that can be sent ({one})", text[:60]


def one_of(names: list[str]) -> str:
    """`gold, silver or standard`."""
    *most, last = names
    return f"{', '.join(most)} or {last}" if most else last


def _severities(policy: Policy) -> Iterator[Disagreement]:
    for level in get_args(Level):
        if level not in policy.severities:
            yield ("severities",), f"a table [severities.{level}], since every policy has P0, P1, P2 and P3", None
    for level, severity in policy.severities.items():
        yield from _calendar(policy, ("severities", level, "calendar"), severity.calendar)


def _promises(policy: Policy) -> Iterator[Disagreement]:
    yield from _once(("promises", "pausable"), policy.promises.pausable)
    yield from _once(("promises", "warnings"), [show_warning(label) for label in policy.promises.warnings])
    for level, severity in policy.severities.items():
        yield from _once(("severities", level, "pausable"), severity.pausable or ())


def _once(place: Place, entries: Sequence[str]) -> Iterator[Disagreement]:
    for number, entry in enumerate(entries):
        if entry in entries[:number]:
            yield (*place, number), "each entry once", entry


def _plans(policy: Policy) -> Iterator[Disagreement]:
    if policy.default_plan not in policy.plans:
        yield ("default_plan",), f"a plan of this file ({one_of(list(policy.plans))})", policy.default_plan
    for key, plan in policy.plans.items():
        for level, terms in plan.severities.items():
            if terms.calendar is not None:
                yield from _calendar(policy, ("plans", key, "severities", level, "calendar"), terms.calendar)


def _calendar(policy: Policy, place: Place, key: str) -> Iterator[Disagreement]:
    if key not in policy.calendars:
        yield place, f"a calendar of this file ({one_of(list(policy.calendars))})", key


def _calendars(policy: Policy) -> Iterator[Disagreement]:
    for key, calendar in policy.calendars.items():
        place: Place = ("calendars", key)
        if calendar.always_open and (calendar.weekly is not None or calendar.dates_off or calendar.special):
            yield (*place, "always_open"), "either always_open = true or opening hours, not both", True
        elif not calendar.always_open and calendar.weekly is None:
            yield place, "always_open = true, or opening hours in `weekly`", None
        for day, pairs in calendar.special.items():
            if any("00:00" < end < start for start, end in pairs):
                yield (
                    (*place, "special", day),
                    "hours within the day (the next date has its own)",
                    "hours past midnight",
                )


def _inboxes(policy: Policy) -> Iterator[Disagreement]:
    seen: dict[str, str] = {}
    for key, inbox in policy.inbox.items():
        if inbox.team not in policy.teams:
            yield ("inbox", key, "team"), f"a team of this file ({one_of(list(policy.teams))})", inbox.team
        places: list[tuple[Place, str]] = [(("inbox", key, "address"), inbox.address)]
        places += [(("inbox", key, "aliases", n), alias) for n, alias in enumerate(inbox.aliases)]
        for place, address in places:
            if address in seen:
                yield place, f"an address of its own (inbox.{seen[address]} has this one)", address
            seen.setdefault(address, key)


_BY_PASSWORD: tuple[str, ...] = ("password_variable",)
_BY_TOKEN: tuple[str, ...] = ("token_url", "client_id", "client_secret_variable", "refresh_token_variable", "scope")


def _mailboxes(policy: Policy) -> Iterator[Disagreement]:
    seen: dict[tuple[str, str, str], str] = {}
    for key, mailbox in policy.mailbox.items():
        place: Place = ("mailbox", key)
        if mailbox.inbox not in policy.inbox:
            yield (*place, "inbox"), f"an inbox of this file ({one_of(list(policy.inbox))})", mailbox.inbox
        yield from _log_in(place, mailbox)
        folder = (mailbox.host, mailbox.user, mailbox.folder)
        if folder in seen:
            yield (*place, "folder"), f"a folder of its own (mailbox.{seen[folder]} has this one)", mailbox.folder
        seen.setdefault(folder, key)


def _log_in(place: Place, mailbox: Mailbox) -> Iterator[Disagreement]:
    needed, foreign = _BY_PASSWORD, _BY_TOKEN
    if mailbox.auth == "oauth2":
        needed, foreign = ("token_url", "client_id"), _BY_PASSWORD
        if mailbox.client_secret_variable is None and mailbox.refresh_token_variable is None:
            yield place, "refresh_token_variable or client_secret_variable, to ask for tokens with", None
    for name in needed:
        if getattr(mailbox, name) is None:
            yield place, f'{name}, since its auth is "{mailbox.auth}"', None
    for name in foreign:
        if getattr(mailbox, name) is not None:
            yield (*place, name), f'no {name}, since its auth is "{mailbox.auth}"', getattr(mailbox, name)


def _addresses(policy: Policy) -> Iterator[Disagreement]:
    ours = {address for inbox in policy.inbox.values() for address in (inbox.address, *inbox.aliases)}
    support = policy.vendor.support_address
    if support not in ours:
        yield ("vendor", "support_address"), "an address or alias of an inbox, since customers answer to it", support


def _fields(policy: Policy) -> Iterator[Disagreement]:
    for key, field in policy.form.fields.items():
        place: Place = ("form", "fields", key)
        if field.kind == "choice" and len(field.options) < 2:
            yield (*place, "options"), 'at least two options, since its kind is "choice"', list(field.options) or None
        elif field.kind != "choice" and field.options:
            yield (*place, "options"), f'no options, since its kind is "{field.kind}"', list(field.options)
        yield from _once((*place, "options"), field.options)
        yield from _once((*place, "asked_for"), field.asked_for)
