"""Put a policy in force: check the file, say what differs, hand each room its part. All of it or nothing."""

import hashlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from answerable.audit.actions import Actor, record
from answerable.casework.ladder_policy_actions import from_file
from answerable.escalation.drill_actions import DrillSpec, apply_drill
from answerable.escalation.outside_policy import apply_outside
from answerable.escalation.paging import Plan, Step
from answerable.escalation.paging_policy import PagingSpec, apply_paging
from answerable.escalation.schedule_actions import ScheduleSpec, apply_schedules, owned_by_desk
from answerable.lib.errors import BadSetting
from answerable.lib.fresh import forget_all
from answerable.mail.actions import InboxSpec, MailboxSpec, apply_inboxes, apply_mailboxes
from answerable.people.actions import TeamSpec, VendorSpec, apply_calendars, apply_teams, apply_vendor
from answerable.policy import outside, widget
from answerable.policy.diff import Change, changes, outline
from answerable.policy.lines import lines
from answerable.policy.models import Applied
from answerable.policy.ownership import claims
from answerable.policy.queries import last
from answerable.policy.read import SHIPPED, BadPolicy, Problem, parse, read
from answerable.policy.schema import METRICS, Policy, Severity, Terms
from answerable.sla.actions import TermsSpec, apply_terms, ask_replan

__all__ = ["SHIPPED", "BadPolicy", "Change", "Found", "Problem", "apply", "check", "find", "plan", "start"]

# Any number will do, as long as nothing else in this database uses it: "policy" in ASCII.
_LOCK = 0x706F_6C69_6379


@dataclass(frozen=True)
class Found:
    """The file to apply. `shipped`: no file of the vendor's own was found, so it is the one we ship."""

    path: Path
    shipped: bool = False


def find(given: str | None) -> Found:
    """The file named on the command line or by ANSWERABLE_POLICY, else support.toml here, else in the data folder."""
    if given:
        return Found(Path(given))
    named = os.environ.get("ANSWERABLE_POLICY", "").strip()
    if named:
        if not Path(named).is_file():
            raise BadSetting(
                "ANSWERABLE_POLICY", f"names {named}, and there is no such file (unset it, or write the file)"
            )
        return Found(Path(named))
    for path in (Path("support.toml"), settings.DATA / "support.toml"):
        if path.is_file():
            return Found(path)
    return Found(SHIPPED, shipped=True)


def check(path: Path) -> Policy:
    """The policy in this file, right in itself. Raises BadPolicy. Needs no database."""
    return read(path)


def start(now: datetime, who: Actor) -> list[Change]:
    """Apply what was found; without a file, once more what is in force, so that no restart takes a policy away.

    Once more, because what the file leaves to defaults (the port in links) may have changed since.
    """
    found, applied = find(None), last()
    if found.shipped and applied:
        return apply(parse(applied.text, f"support.toml of version {applied.version}"), now, who)
    return apply(check(found.path), now, who)


def plan(policy: Policy) -> list[Change]:
    """What `apply` would change now."""
    applied = last()
    return changes(applied.outline if applied else {}, outline(policy))


def apply(policy: Policy, now: datetime, who: Actor, *, open_tickets: bool = False) -> list[Change]:
    """Put the policy in force and return what changed; nothing is written if nothing differs.

    Open tickets keep what they were promised, unless `open_tickets` puts the new terms on them too (contract §1.4).
    Two at once take turns on an advisory lock, so the second compares with what the first has put in force.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        _require_unclaimed(policy)
        found = plan(policy)
        if found:
            applied = _record(policy, found, now, who)
            _hand_down(policy, applied.version, now, who)
        if open_tickets:
            ask_replan("policy", "", who.label, now)
    forget_all()
    return found


def _require_unclaimed(policy: Policy) -> None:
    """What the desk owns is never overwritten by a file that has not said whose it is."""
    problems = list(claims(policy))
    claimed = owned_by_desk(key for key, one in policy.on_call.items() if one.managed == "file")
    where = lines(policy.text) if claimed else {}
    wanted = 'managed = "desk", since the desk owns this schedule (retire it there, and the file may have its key)'
    places = [(key, where.get(("on_call", key, "managed")) or where.get(("on_call", key))) for key in claimed]
    problems += [Problem("support.toml", line, f"on_call.{key}.managed", wanted, '"file"') for key, line in places]
    if problems:
        raise BadPolicy(problems)


def _record(policy: Policy, found: list[Change], now: datetime, who: Actor) -> Applied:
    before = last()
    applied = Applied.objects.create(
        version=before.version + 1 if before else 1,
        text=policy.text,
        sha256=hashlib.sha256(policy.text.encode()).hexdigest(),
        outline=outline(policy),
        changes=[str(change) for change in found],
        applied_at=now,
        applied_by=who.label,
    )
    record(who, "apply_policy", ("policy", applied.version), now, sha256=applied.sha256, changes=applied.changes)
    return applied


def _hand_down(policy: Policy, version: int, now: datetime, who: Actor) -> None:
    """Each room gets its own values; none of them reads support.toml."""
    apply_teams([_team(key, policy) for key in policy.teams], now)
    changed = apply_calendars({key: calendar.spec for key, calendar in policy.calendars.items()}, now)
    # With the mail channel closed there is no address of ours left, so the intake refuses every recipient.
    open_inboxes = policy.inbox if policy.channels.mail else {}
    apply_inboxes([_inbox(key, policy) for key in open_inboxes], policy.reply_domain, now)
    apply_mailboxes([_mailbox(key, policy) for key in policy.mailbox] if policy.channels.mail else [], now)
    if apply_terms(_terms(policy), version, now):
        ask_replan("warnings", "", who.label, now)
    apply_vendor(_vendor(policy, who, now), version)
    apply_schedules([_schedule(key, policy) for key in policy.on_call], who, now)
    apply_paging([_paging(key, policy) for key in policy.paging], now, who)
    apply_drill(_drill(policy), now)
    apply_outside([outside.spec(key, policy) for key in policy.outside], now)
    for key in changed:
        ask_replan("calendar", key, who.label, now)


def _team(key: str, policy: Policy) -> TeamSpec:
    team = policy.teams[key]
    return TeamSpec(key, team.name, team.restricted, team.assign, team.most_open)


def _schedule(key: str, policy: Policy) -> ScheduleSpec:
    one = policy.on_call[key]
    return ScheduleSpec(key, one.name, one.managed, one.p0, one.spec)


def _paging(key: str, policy: Policy) -> PagingSpec:
    one = policy.paging[key]
    plan = Plan(tuple(Step(step.who, step.wait) for step in one.steps), one.every, one.rounds)
    named = tuple(team for team, its in policy.teams.items() if its.paging == key)
    return PagingSpec(key, plan, named, one.name or "", one.managed)


def _drill(policy: Policy) -> DrillSpec:
    one = policy.drill
    return DrillSpec(one.enabled, one.day, one.at, one.zone or policy.vendor.time_zone, one.team or "")


def _inbox(key: str, policy: Policy) -> InboxSpec:
    inbox = policy.inbox[key]
    return InboxSpec(
        key=key,
        address=inbox.address,
        aliases=inbox.aliases,
        team=inbox.team,
        severity=inbox.severity or "",
        acknowledge=inbox.acknowledge,
        trusted_authserv=inbox.trusted_authserv,
        known_contacts_only=inbox.known_contacts_only,
        acknowledge_generated=inbox.acknowledge_generated,
        generated_counts=inbox.generated_counts,
        acknowledge_forwards=inbox.acknowledge_forwards,
        trusted_relays=inbox.trusted_relays,
        members_find=inbox.members_find,
        verify_senders=inbox.verify_senders,
    )


def _mailbox(key: str, policy: Policy) -> MailboxSpec:
    mailbox = policy.mailbox[key]
    return MailboxSpec(
        name=key,
        inbox=policy.inbox[mailbox.inbox].address,
        host=mailbox.host,
        port=mailbox.port or (993 if mailbox.tls == "ssl" else 143),
        tls=mailbox.tls,
        user=mailbox.user,
        folder=mailbox.folder,
        after=mailbox.after,
        auth=mailbox.auth,
        password_variable=mailbox.password_variable or "",
        token_url=mailbox.token_url or "",
        client_id=mailbox.client_id or "",
        client_secret_variable=mailbox.client_secret_variable or "",
        refresh_token_variable=mailbox.refresh_token_variable or "",
        scope=mailbox.scope or "",
    )


def _terms(policy: Policy) -> TermsSpec:
    return TermsSpec(
        severities={level: _severity(severity) for level, severity in policy.severities.items()},
        plans={
            key: {"name": plan.name, "severities": {level: _written(terms) for level, terms in plan.severities.items()}}
            for key, plan in policy.plans.items()
        },
        default_severity=policy.default_severity,
        default_plan=policy.default_plan,
        rules={
            "pausable": list(policy.promises.pausable),
            "retarget": policy.promises.retarget,
            "warnings": list(policy.promises.warnings),
        },
    )


def _severity(severity: Severity) -> dict[str, Any]:
    words = {"name": severity.name, "meaning": severity.meaning, "examples": list(severity.examples)}
    promised = {metric: getattr(severity, metric) for metric in METRICS} | {"calendar": severity.calendar}
    stops = {} if severity.pausable is None else {"pausable": list(severity.pausable)}
    return words | promised | stops


def _written(terms: Terms) -> dict[str, Any]:
    """What the plan's table really says: a promise of "none" is None here, one that is left out is absent."""
    return {name: getattr(terms, name) for name in (*METRICS, "calendar") if name in terms.model_fields_set}


def _vendor(policy: Policy, who: Actor, now: datetime) -> VendorSpec:
    return VendorSpec(
        name=policy.vendor.name,
        product=policy.vendor.product,
        support_address=policy.vendor.support_address,
        portal_address=policy.vendor.portal_address,
        zone=policy.vendor.time_zone,
        settings={
            "locale": policy.vendor.locale,
            "p0_team": policy.p0_team,
            "channels": policy.channels.model_dump(),
            "accounts": policy.accounts.model_dump(),
            "widget_products": widget.products(policy),
            "form_per_address": policy.form.per_address,
            "form_per_network": policy.form.per_network,
            "form_fields": [{"key": key, **field.model_dump(mode="json")} for key, field in policy.form.fields.items()],
            "reopen_window_seconds": policy.tickets.reopen_window,
            "cc_outside": policy.tickets.cc_outside,
            "requester_may_hide": policy.tickets.requester_may_hide,
            "mail": policy.mail.model_dump(include={"reply_mark", "probe", "keep_discarded", "keep_automatic"}),
            "mail_links": policy.tickets.mail_links,
            "undo_seconds": policy.tickets.undo_seconds,
            "mail_texts": policy.mail.texts,
            "csat": policy.csat.model_dump(mode="python")
            | {
                "exempt_channels": list(policy.csat.exempt_channels),
                "exempt_organizations": list(policy.csat.exempt_organizations),
            },
            "escalation": from_file(_ladder(policy), who, now),
        },
    )


def _ladder(policy: Policy) -> dict[str, Any]:
    """In seconds, as `casework.ladder_rules` reads it."""
    ladder = policy.escalation
    return {
        **ladder.model_dump(exclude={"levels", "automatic", "fallback"}),
        "fallback": list(ladder.fallback),
        "levels": [rung.model_dump(mode="json") for rung in ladder.levels],
        "automatic": [rule.model_dump(mode="json") for rule in ladder.automatic],
    }


def terms_of(policy: Policy) -> TermsSpec:
    """What the policy promises, as `sla` takes it; for those who only think of putting it in force."""
    return _terms(policy)
