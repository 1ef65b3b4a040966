"""The shipped file: complete, right, and the defaults it says."""

import re
import tomllib
from fractions import Fraction

import pytest
from pydantic import BaseModel
from pytest_django import Settings

from answerable.policy.read import SHIPPED, parse, read
from answerable.policy.schema import (
    Accounts,
    Form,
    FormField,
    Inbox,
    Mail,
    Mailbox,
    OnCall,
    OnCallLayer,
    Policy,
    Promises,
    Severity,
    SupportLink,
    SupportPage,
    Team,
    Tickets,
    Vendor,
    Widget,
    WidgetKey,
)

TEXT = SHIPPED.read_text()


@pytest.fixture(scope="module")
def policy() -> Policy:
    return read(SHIPPED)


def test_the_promises_of_the_shipped_policy(policy: Policy) -> None:
    first = {level: (severity.name, severity.first_response) for level, severity in policy.severities.items()}
    assert first == {"P0": ("Critical", 1800), "P1": ("High", 7200), "P2": ("Normal", 28_800), "P3": ("Low", 86_400)}
    assert {severity.calendar for severity in policy.severities.values()} == {"always"}
    assert policy.calendars["always"].spec == {"tz": "UTC", "always_open": True}
    assert policy.default_severity == "P2"
    assert policy.uptime.commitment == Fraction(995, 1000)


def test_the_ladder_and_teams_of_the_shipped_policy(policy: Policy) -> None:
    assert [rung.name for rung in policy.escalation.levels] == [
        "Technical Support Engineer",
        "Director, Support",
        "Head of Customer Experience",
    ]
    teams = [team.name for team in policy.teams.values()]
    assert teams == ["Product support", "Cloud support", "DevOps and engineering"]


def test_links_lead_to_this_machine_until_an_address_is_given(settings: Settings) -> None:
    settings.WEB_PORT = 8123
    assert read(SHIPPED).vendor.portal_address == "http://127.0.0.1:8123"
    named = TEXT.replace("# portal_address", "portal_address")
    assert parse(named, "support.toml").vendor.portal_address == "https://support.acme.example"


def test_replies_go_to_the_domain_of_the_support_address_until_another_is_given(policy: Policy) -> None:
    assert policy.reply_domain == "acme.example"
    named = TEXT.replace('# reply_domain = "acme.example"', 'reply_domain = "mail.acme.example"')
    assert parse(named, "support.toml").reply_domain == "mail.acme.example"


@pytest.mark.parametrize(
    ("model", "table"),
    [
        (Vendor, "vendor"),
        (Inbox, "inbox.support"),
        (Mail, "mail"),
        (Mailbox, "mail"),
        (Form, "form"),
        (FormField, "form"),
        (Widget, "form"),
        (WidgetKey, "form"),
        (Accounts, "accounts"),
        (Tickets, "tickets"),
        (Team, "teams.product"),
        (Promises, "promises"),
        (Severity, "severities.P0"),
        (SupportPage, "support_page"),
        (SupportLink, "[support_page.links]"),
    ],
)
def test_every_key_stands_in_the_shipped_file(model: type[BaseModel], table: str) -> None:
    section = re.split(r"(?m)^\[", TEXT.split(f"\n[{table}]\n")[1])[0]
    inboxes = TEXT[TEXT.index("\n[inbox.") : TEXT.index("\n[mail]")]
    # The form asks nothing more, no text is changed and no folder is fetched from: these are examples.
    section, *examples = re.split(r"(?m)^# (?=\[+(?:form\.fields|mailbox|mail\.texts|widget)\b)", section)
    named = {FormField: "[form.fields.", Mailbox: "[mailbox.", Widget: "[widget.", WidgetKey: "[[widget."}
    example = "".join(one for one in examples if one.startswith(named.get(model, "[")))
    text = inboxes if model is Inbox else example if model in named else section
    keys = set(re.findall(r"(?m)^(?:# )?([a-z_]+) = ", text))
    # No level of the shipped policy promises a resolution; the lines above the levels explain it.
    elsewhere = {SupportPage: {"links"}, Severity: {"resolution"}, Form: {"fields"}, Mail: {"texts"}}
    elsewhere |= {Widget: {"keys"}, WidgetKey: {"public_key"}}  # the latter instead of the secret
    assert keys == set(model.model_fields) - elsewhere.get(model, set())


def test_what_is_said_of_keys_left_out_is_so(policy: Policy) -> None:
    """The file shows defaults as values: taking those lines away changes nothing."""
    shown = re.compile(
        "time_zone|locale|acknowledge|generated|trusted_relays|members|per_|mail = |reopen|cc_|undo_|retarget|warnings|pausable = .*, "
    )
    kept = [line for line in TEXT.splitlines() if not shown.match(line)]
    assert len(TEXT.splitlines()) - len(kept) == 17
    assert parse("\n".join(kept), "support.toml").model_dump() == policy.model_dump()


def test_the_commented_examples_are_right() -> None:
    """The office hours and addresses that are offered for uncommenting."""
    example = TEXT[TEXT.index("# [calendars.office]") : TEXT.index("# -----", TEXT.index("# [calendars.office]"))]
    uncommented = "\n".join(line.removeprefix("# ") for line in example.splitlines())
    calendar = tomllib.loads(uncommented)["calendars"]["office"]
    assert set(calendar) == {"name", "tz", "dates_off", "weekly", "special"}
    policy = parse(TEXT.replace(example, uncommented), "support.toml")
    assert policy.calendars["office"].tz == "Europe/Berlin"


def test_the_fields_that_the_form_might_have_are_right() -> None:
    start = TEXT.index("# [form.fields.version]")
    example = TEXT[start : TEXT.index("\n\n", start)]
    uncommented = "\n".join(line.removeprefix("#").removeprefix(" ") for line in example.splitlines())
    fields = parse(TEXT.replace(example, uncommented), "support.toml").form.fields
    assert {key: field.kind for key, field in fields.items()} == {"version": "text", "area": "choice"}
    assert fields["version"].required


def test_the_mailboxes_that_there_might_be_are_right() -> None:
    start = TEXT.index("# [mailbox.support]")
    example = TEXT[start : TEXT.index("\n\n", start)]
    uncommented = "\n".join(line.removeprefix("#").removeprefix(" ") for line in example.splitlines())
    mailboxes = parse(TEXT.replace(example, uncommented), "support.toml").mailbox
    assert {key: (one.inbox, one.auth) for key, one in mailboxes.items()} == {
        "support": ("support", "password"),
        "sales": ("support", "oauth2"),
    }


def test_the_mail_text_that_might_be_there_is_right() -> None:
    start = TEXT.index("# [mail.texts]")
    example = TEXT[start : TEXT.index("\n\n", start)]
    uncommented = "\n".join(line.removeprefix("#").removeprefix(" ") for line in example.splitlines())
    texts = parse(TEXT.replace(example, uncommented), "support.toml").mail.texts
    assert list(texts or {}) == ["copied"]


def test_the_schedule_that_there_might_be_is_right() -> None:
    start = TEXT.index("# [on_call.platform]")
    example = TEXT[start : TEXT.index("\n\n\n", start)]
    uncommented = "\n".join(line.removeprefix("#").removeprefix(" ") for line in example.splitlines())
    schedule = parse(TEXT.replace(example, uncommented), "support.toml").on_call["platform"]
    assert (schedule.tz, schedule.managed, schedule.p0, len(schedule.layers)) == ("Europe/Berlin", "file", True, 2)
    keys = set(re.findall(r"(?m)^([a-z_0-9]+) = ", uncommented))
    assert keys == (set(OnCall.model_fields) | set(OnCallLayer.model_fields)) - {"layers"}
    least = schedule.layers[1]
    assert (least.unit, least.length, least.handoff, least.restriction) == ("week", 1, "09:00", None)


def test_the_paging_that_there_might_be_is_right() -> None:
    start = TEXT.index("# [paging.night]")
    example = TEXT[start : TEXT.index("\n\n\n", start)]
    uncommented = "\n".join(line.removeprefix("#").removeprefix(" ") for line in example.splitlines())
    with_team = TEXT.replace('# paging = "night"', 'paging = "night"')
    policy = parse(with_team.replace(example, uncommented), "support.toml")
    night = policy.paging["night"]
    assert (night.every, night.rounds) == (300, 1)
    assert [(step.who, step.wait) for step in night.steps] == [
        (("on_call.platform",), 600),
        (("ana@acme.example", "leads"), 600),
    ]
    assert (policy.teams["product"].paging, policy.p0_team) == ("night", "devops")


def test_no_line_is_too_long_to_read() -> None:
    assert max(len(line) for line in TEXT.splitlines()) <= 120
