"""Putting a policy in force: each room has its part, nothing is written twice, nothing is half done."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import Manager
from pytest_django import Settings

from answerable.audit.actions import system
from answerable.audit.models import Record
from answerable.escalation.schedule_actions import make_schedule
from answerable.escalation.schedule_queries import on_call
from answerable.lib.errors import BadSetting, Refused
from answerable.mail.models import Inbox, Mailbox
from answerable.people.actions import make_person
from answerable.people.models import CalendarVersion, Team, Vendor
from answerable.policy import actions, queries
from answerable.policy.models import Applied
from answerable.policy.read import SHIPPED, parse
from answerable.policy.schema import Policy
from answerable.sla.models import Terms
from answerable.sla.queries import targets, thresholds
from answerable.sla.vocabulary import Threshold

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
WHO = system("answerable apply")


def policy(*edits: tuple[str, str]) -> Policy:
    """The shipped policy with edits."""
    text = SHIPPED.read_text()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return parse(text, "support.toml")


def apply(wanted: Policy, at: datetime = NOW) -> list[str]:
    """Put it in force; the lines of what changed."""
    return [str(change) for change in actions.apply(wanted, at, WHO)]


def _counts() -> list[int]:
    tables: list[Manager[Any]] = [
        Applied.objects,
        Terms.objects,
        CalendarVersion.objects,
        Inbox.objects,
        Record.objects,
    ]
    return [table.count() for table in tables]


@pytest.mark.django_db
def test_each_room_gets_its_part() -> None:
    apply(policy())
    vendor = Vendor.objects.get()
    assert (vendor.name, vendor.support_address, vendor.policy_version) == ("Acme Data", "support@acme.example", 1)
    ladder = vendor.settings.pop("escalation")
    assert [(one["name"], one["team"], one["roles"]) for one in ladder["levels"]] == [
        ("Technical Support Engineer", "own", []),
        ("Director, Support", None, ["lead", "admin"]),
        ("Head of Customer Experience", None, ["admin"]),
    ]
    assert (ladder["ack_timeout"]["P0"], ladder["ack_ttl"]["P1"], ladder["min_interval"]) == (900, 7200, 14_400)
    assert ladder["automatic"][0] == {"metric": "first_response", "severities": ["P0", "P1"], "level": 1}
    assert vendor.settings == {
        "locale": "en",
        "p0_team": "devops",
        "channels": {"mail": True, "form": True, "widget": True},
        "widget_products": [],
        "accounts": {"sign_up": True, "unknown_domains": "allow", "free_mail": "allow", "staff_mfa": "optional"},
        "form_per_address": 5,
        "form_per_network": 20,
        "form_fields": [],
        "reopen_window_seconds": 14 * 86_400,
        "mail": {"reply_mark": False, "probe": False, "keep_discarded": 30 * 86_400, "keep_automatic": 90 * 86_400},
        "cc_outside": "ask",
        "requester_may_hide": True,
        "mail_links": "read",
        "undo_seconds": 5,
        "mail_texts": None,
        "csat": {
            "ask": False,
            "after": 86_400,
            "every": 30 * 86_400,
            "change_within": 7 * 86_400,
            "exempt_channels": [],
            "exempt_organizations": [],
        },
    }
    assert dict(Team.objects.values_list("key", "name")) == {
        "product": "Product support",
        "cloud": "Cloud support",
        "devops": "DevOps and engineering",
    }
    assert CalendarVersion.objects.get().spec == {"tz": "UTC", "always_open": True}
    assert set(Inbox.objects.values_list("address", "team", "severity")) == {
        ("support@acme.example", "product", ""),
        ("urgent@acme.example", "devops", "P0"),
    }
    support = Inbox.objects.get(key="support")
    assert (support.aliases, support.reply_domain) == (["help@acme.example"], "acme.example")


@pytest.mark.django_db
def test_promises_come_from_the_severity_and_the_plan() -> None:
    level = "[plans.premium.severities.P2]"
    apply(policy((level, f'[plans.premium.severities.P3]\nperiodic_update = "none"\n{level}')))
    assert targets("", "P1").seconds["first_response"] == 7200
    assert targets("premium", "P1").seconds["first_response"] == 3600
    assert targets("premium", "P1").calendar == "always"
    assert targets("standard", "P3").seconds["periodic_update"] == 3 * 86_400
    assert targets("premium", "P3").seconds["periodic_update"] is None
    assert targets("premium", "P3").seconds["first_response"] == 86_400


@pytest.mark.django_db
def test_the_portal_is_told_what_the_form_asks_in_the_files_order() -> None:
    zone = "[form.fields.zone]\nlabel = 'Zone'\nshown_to = 'signed_in'\n"
    area = "[form.fields.area]\nlabel = 'Area'\nkind = 'choice'\noptions = ['a', 'b']\n"
    apply(policy(("\n[accounts]", f"\n{zone}{area}[accounts]")))
    asked = Vendor.objects.get().settings["form_fields"]
    assert [(one["key"], one["label"], one["kind"], one["options"]) for one in asked] == [
        ("zone", "Zone", "text", []),
        ("area", "Area", "choice", ["a", "b"]),
    ]
    assert asked[0]["shown_to"] == "signed_in"
    apply(policy(("\n[accounts]", f"\n{area}{zone}[accounts]")))
    assert [one["key"] for one in Vendor.objects.get().settings["form_fields"]] == ["area", "zone"]


@pytest.mark.django_db
@pytest.mark.behaviour("B-75")
def test_the_engine_is_told_what_stops_and_when_to_warn() -> None:
    apply(policy())
    stored = Terms.objects.get()
    assert stored.rules == {
        "pausable": ["periodic_update", "resolution"],
        "retarget": "from_change",
        "warnings": ["25%", "1800s"],
    }
    assert [key for key, level in stored.severities.items() if "pausable" in level] == ["P0"]
    assert targets("", "P0").pausable == ["resolution"]
    assert targets("", "P1").pausable == ["periodic_update", "resolution"]
    assert thresholds(stored) == (Threshold(percent=25), Threshold(seconds=1800))
    apply(
        policy(
            ('pausable = ["periodic_update", "resolution"]', 'pausable = ["first_response"]'),
            ('retarget = "from_change"', 'retarget = "keep_elapsed"'),
            ('warnings = ["25 %", "30 min"]', "warnings = []"),
        )
    )
    changed = targets("premium", "P1")
    assert (changed.pausable, changed.retarget) == (["first_response"], "keep_elapsed")
    assert thresholds(Terms.objects.latest("version")) == ()


@pytest.mark.django_db
@pytest.mark.behaviour("B-38")
def test_applying_twice_changes_nothing_and_writes_nothing() -> None:
    assert apply(policy())
    before = _counts()
    assert apply(policy(), NOW + timedelta(hours=1)) == []
    assert apply(policy(("# A new request", "# One more comment\n# A new request"))) == []
    assert _counts() == before


@pytest.mark.django_db
def test_a_change_is_a_new_version_with_its_lines() -> None:
    apply(policy())
    wanted = policy(('first_response = "2 h"', 'first_response = "3 h"'))
    assert [str(change) for change in actions.plan(wanted)] == ["~ severity P1 first_response 2 h → 3 h"]
    assert apply(wanted) == ["~ severity P1 first_response 2 h → 3 h"]
    newest = queries.last()
    assert newest is not None
    assert (newest.version, newest.applied_by) == (2, "answerable apply")
    assert newest.changes == ["~ severity P1 first_response 2 h → 3 h"]
    assert newest.text == wanted.text
    assert (targets("", "P1").seconds["first_response"], targets("", "P1").policy_version) == (10_800, 2)
    assert [record.subject_id for record in Record.objects.filter(verb="apply_policy").order_by("id")] == [1, 2]


@pytest.mark.django_db
def test_going_back_is_a_version_too() -> None:
    apply(policy())
    apply(policy(('default_severity = "P2"', 'default_severity = "P3"')))
    assert apply(policy()) == ["~ default_severity P3 → P2"]
    assert Applied.objects.count() == 3


@pytest.mark.django_db
def test_a_start_without_a_file_keeps_what_is_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("ANSWERABLE_POLICY", raising=False)
    settings.DATA = tmp_path
    settings.WEB_PORT = 8000
    assert actions.start(NOW, WHO)
    assert apply(policy(("Acme Data Platform", "Acme Lake")))
    assert actions.start(NOW, WHO) == []
    settings.WEB_PORT = 8123
    lines = [str(change) for change in actions.start(NOW, WHO)]
    assert lines == ["~ vendor portal_address http://127.0.0.1:8000 → http://127.0.0.1:8123"]
    assert Vendor.objects.get().product == "Acme Lake"
    (tmp_path / "support.toml").write_text(SHIPPED.read_text())
    assert '~ vendor product "Acme Lake" → "Acme Data Platform"' in [str(change) for change in actions.start(NOW, WHO)]


@pytest.mark.django_db
def test_what_the_file_no_longer_names_is_retired_and_can_come_back() -> None:
    apply(policy())
    cloud = '\n[teams.cloud]\nname = "Cloud support"\nabout = "What we run for you: access, performance, data and integrations."'
    without = policy((cloud, ""))
    assert apply(without, NOW) == ["- team cloud"]
    assert Team.objects.get(key="cloud").retired_at == NOW
    assert apply(policy()) == ['+ team cloud "Cloud support"']
    assert Team.objects.get(key="cloud").retired_at is None


@pytest.mark.django_db
def test_an_inbox_may_be_renamed_and_two_may_swap_addresses() -> None:
    apply(policy())
    renamed = policy(("[inbox.urgent]", "[inbox.critical]"))
    assert apply(renamed) == ["+ inbox critical urgent@acme.example", "- inbox urgent"]
    swapped = policy(
        ('\naddress = "support@acme.example"', '\naddress = "urgent@acme.example"'),
        ('[inbox.urgent]\naddress = "urgent@acme.example"', '[inbox.critical]\naddress = "support@acme.example"'),
    )
    apply(swapped)
    active = dict(Inbox.objects.filter(retired_at__isnull=True).values_list("key", "address"))
    assert active == {"support": "urgent@acme.example", "critical": "support@acme.example"}


@pytest.mark.django_db
def test_a_changed_calendar_holds_from_now_on() -> None:
    apply(policy())
    later = NOW + timedelta(days=1)
    apply(policy(("always_open = true", 'weekly.mon = [["09:00", "17:00"]]')), later)
    versions = list(CalendarVersion.objects.order_by("number"))
    assert [version.number for version in versions] == [1, 2]
    assert versions[1].effective_from == later
    assert versions[1].spec["weekly"] == {"mon": [["09:00", "17:00"]]}


@pytest.mark.django_db
def test_pages_read_the_policy_in_force() -> None:
    with pytest.raises(Refused, match="answerable apply"):
        queries.current()
    apply(policy(("Acme Data Platform", "Acme Lake")))
    assert queries.current().vendor.product == "Acme Lake"
    apply(policy(("Acme Data Platform", "Acme Pond")))
    assert queries.current().vendor.product == "Acme Pond"


@pytest.mark.django_db
def test_versions_refuse_change() -> None:
    apply(policy())
    for change in (Applied.objects.all().delete, lambda: Applied.objects.update(text="")):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


@pytest.mark.django_db
@pytest.mark.behaviour("B-40")
def test_a_failure_half_way_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise IntegrityError("the last room says no")

    monkeypatch.setattr(actions, "apply_vendor", broken)
    with pytest.raises(IntegrityError, match="says no"):
        apply(policy())
    assert not Applied.objects.exists()
    assert not Team.objects.exists()
    assert not Record.objects.exists()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("edits", "second"), [([], []), ([('severity = "P2"', 'severity = "P3"')], ["~ default_severity"])]
)
def test_two_at_once_take_turns(edits: list[tuple[str, str]], second: list[str]) -> None:
    """Both start before either has finished; the later one compares with what the earlier one has put in force."""
    ready = Barrier(2)

    def run(wanted: Policy) -> list[str]:
        try:
            ready.wait(timeout=10)
            return apply(wanted)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        later, earlier = sorted(pool.map(run, [policy(), policy(*edits)]), key=len)
    assert len(earlier) > 20
    assert [line[:18] for line in later] == second
    assert Applied.objects.count() == Terms.objects.count() == 1 + len(second)


def test_which_file_is_applied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    here, data = tmp_path / "here", tmp_path / "data"
    here.mkdir()
    data.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("ANSWERABLE_POLICY", raising=False)
    settings.DATA = data
    assert actions.find(None) == actions.Found(SHIPPED, shipped=True)
    (data / "support.toml").touch()
    assert actions.find(None) == actions.Found(data / "support.toml")
    (here / "support.toml").touch()
    assert actions.find(None) == actions.Found(Path("support.toml"))
    monkeypatch.setenv("ANSWERABLE_POLICY", str(tmp_path / "none.toml"))
    with pytest.raises(BadSetting, match=r"^ANSWERABLE_POLICY: names .*none\.toml, and there is no such file"):
        actions.find(None)
    (tmp_path / "none.toml").touch()
    assert actions.find(None) == actions.Found(tmp_path / "none.toml")
    assert actions.find("given.toml") == actions.Found(Path("given.toml"))


SUPPORT_MAILBOX = """
[mailbox.support]
inbox = "support"
host = "IMAP.acme.example"
user = "support@acme.example"
password_variable = "SUPPORT_IMAP_PASSWORD"
after = "move: Done"
"""


@pytest.mark.django_db
@pytest.mark.behaviour("B-214")
def test_mailboxes_are_made_changed_and_retired() -> None:
    with_one = ("\n[mail]\n", f"{SUPPORT_MAILBOX}\n[mail]\n")
    apply(policy())
    assert apply(policy(with_one)) == ["+ mailbox support support@acme.example"]
    row = Mailbox.objects.get()
    assert (row.host, row.port, row.inbox, row.after) == ("imap.acme.example", 993, "support@acme.example", "move:Done")
    Mailbox.objects.update(uid_validity=7, next_uid=5, last_error="away", failing_since=NOW)
    changed = policy(with_one, ('host = "IMAP.acme.example"', 'host = "imap.acme.example"\ntls = "starttls"'))
    assert apply(changed) == ["~ mailbox support tls ssl → starttls"]
    row.refresh_from_db()
    assert (row.port, row.next_uid, row.last_error, row.failing_since) == (143, 5, "", None)
    assert apply(policy()) == ["- mailbox support"]
    assert list(Mailbox.objects.values_list("retired_at", "next_uid")) == [(NOW, 5)]
    apply(policy(with_one))
    row.refresh_from_db()
    assert (row.retired_at, row.next_uid) == (None, None), "what came meanwhile is older mail"
    apply(policy(with_one, ("mail = true", "mail = false")))
    row.refresh_from_db()
    assert row.retired_at == NOW, "the channel is closed"


ON_CALL = """
[on_call.platform]
name = "Platform"
tz = "UTC"
[[on_call.platform.layers]]
name = "Engineers"
participants = ["ana@acme.example"]
start = 2026-01-05

[uptime]"""


@pytest.mark.django_db
def test_schedules_of_the_file_are_applied_and_those_of_the_desk_left_alone() -> None:
    lead = make_person("lead@acme.example", "Lea", "lead", None, NOW)
    ana = make_person("ana@acme.example", "Ana", "agent", None, NOW)
    apply(policy(("\n[uptime]", ON_CALL)))
    assert on_call("platform", NOW) == ana.pk
    apply(policy(), NOW + timedelta(hours=1))
    assert on_call("platform", NOW + timedelta(hours=1)) is None
    made = make_schedule(lead, "Edge", "UTC", NOW)
    with pytest.raises(actions.BadPolicy) as bad:
        apply(policy(("\n[uptime]", ON_CALL.replace("platform", made.key))))
    (problem,) = bad.value.problems
    assert problem.key == "on_call.edge.managed"
    assert problem.line == SHIPPED.read_text().partition("\n[uptime]")[0].count("\n") + 2
    apply(policy(("\n[uptime]", ON_CALL.replace("platform", made.key).replace("tz =", 'managed = "desk"\ntz ='))))
    assert on_call("edge", NOW) is None
