"""Each way a file can be wrong: the exact line, the key, what was expected and what stands there."""

from pathlib import Path

import pytest

from answerable.policy.read import SHIPPED, BadPolicy, Problem, parse, read

GOOD = SHIPPED.read_text()


def edited(old: str, new: str, text: str = GOOD) -> str:
    """The shipped file with one thing changed."""
    assert text.count(old) >= 1, f"{old!r} is not in the file"
    return text.replace(old, new, 1)


def line_of(text: str, words: str) -> int:
    """The line on which these words first stand."""
    return text[: text.index(words)].count("\n") + 1


def problems(text: str) -> list[Problem]:
    """What is wrong with this text."""
    with pytest.raises(BadPolicy) as caught:
        parse(text, "support.toml")
    return caught.value.problems


# What is changed to what, and the message; the line is that of the new words.
MISTAKES = r"""
first_response = "2 h" => first_response = "2 hrs"
  severities.P1.first_response: expected a duration such as "30 min", "2 h" or "3 d", or "none", got "2 hrs"
first_response = "2 h" => first_response = 7200
  severities.P1.first_response: expected a duration such as "30 min", "2 h" or "3 d", or "none", got 7200
first_response = "2 h" => first_response = "0 h"
  severities.P1.first_response: expected a duration such as "30 min", "2 h" or "3 d", or "none", got "0 h"
first_response = "2 h" => first_response = "366 d"
  severities.P1.first_response: expected a duration of at most "365 d", or "none", got "366 d"
reopen_window = "14 d" => reopen_window = "none"
  tickets.reopen_window: expected a duration such as "30 min", "2 h" or "3 d", got "none"
first_response = "2 h" => first_respons = "2 h"
  severities.P1.first_respons: expected a known key (did you mean first_response?), got first_respons
[uptime] => [uptme]
  uptme: expected a known key (did you mean uptime?), got uptme
cc_outside = => zebra =
  tickets.zebra: expected a known key (cc_outside, mail_links, reopen_window, requester_may_hide or undo_seconds), got zebra
role = "Brings => roel = "Brings
  escalation.levels[1].roel: expected a known key (did you mean role?), got roel
restricted = false => restricted = "no"
  teams.product.restricted: expected true or false, got "no"
per_network = 20 => per_network = 0
  form.per_network: expected at least 1, got 0
per_network = 20 => per_network = true
  form.per_network: expected a whole number, got true
name = "Acme Data" => name = 1979-05-27
  vendor.name: expected text in quotes, got 1979-05-27
name = "Acme Data" => name = "  "
  vendor.name: expected text that is not empty, got "  "
name = "Acme Data" => name = "Acme\nBcc: x"
  vendor.name: expected one line of plain text, got "Acme\nBcc: x"
locale = "en" => locale = "tlh"
  vendor.locale: expected "en", got "tlh"
time_zone = "UTC" => time_zone = "Europe"
  vendor.time_zone: expected a time zone name such as "Europe/Berlin" or "UTC", got "Europe"
address = "https://docs. => address = "docs.
  support_page.links[0].address: expected a web address such as "https://docs.acme.example/start", got "docs.acme.example/"
address = "https://docs. => address = "javascript://docs.
  support_page.links[0].address: expected a web address such as "https://docs.acme.example/start", got "javascript://docs.acme.example/"
# portal_address = "https://support => portal_address = "support
  vendor.portal_address: expected a web address such as "https://support.acme.example", got "support.acme.example"
# reply_domain = "acme.example" => reply_domain = "@acme"
  mail.reply_domain: expected a mail domain such as "acme.example", got "@acme"
# reply_domain = "acme.example" => texts.coped = "x"
  mail.texts.coped: expected the key of a mail (access, ack, ack_unconfirmed, asked, copied, csat, ladder, merged, merged_elsewhere, not_copied, notice, notices, page or reply), got "coped"
# reply_domain = "acme.example" => texts.ack = "{{numbr}} {{link}} {{number}}"
  mail.texts.ack: expected a text that can be sent (Line 1: {{numbr}} is not known; did you mean {{number}}?), got "{{numbr}} {{link}} {{number}}"
"99.5 %" => 99.5
  uptime.commitment: expected a percentage above 0 and up to 100, such as "99.5 %", got 99.5
"99.5 %" => "100.5 %"
  uptime.commitment: expected a percentage above 0 and up to 100, such as "99.5 %", got "100.5 %"
cc_outside = "ask" => cc_outside = "aks"
  tickets.cc_outside: expected "ask", "allow" or "refuse", got "aks"
severity = "P0" => severity = "p0"
  inbox.urgent.severity: expected "P0", "P1", "P2" or "P3", got "p0"
trusted_authserv = [] => trusted_authserv = [7]
  inbox.support.trusted_authserv[0]: expected text in quotes, got 7
trusted_authserv = [] => trusted_authserv = "mx"
  inbox.support.trusted_authserv: expected a list in [ ], got "mx"
[severities.P3] => [severities.P4]
  severities.P4: expected P0, P1, P2 or P3, got the name "P4"
[teams.devops] => [teams.'Dev Ops']
  teams.Dev Ops: expected a key of small letters, digits, - and _ (at most 64), got the name "Dev Ops"
"help@acme.example" => "acme.example"
  inbox.support.aliases[0]: expected one e-mail address such as "support@acme.example", got "acme.example"
"help@acme.example" => "a+b@acme.example"
  inbox.support.aliases[0]: expected an address without + (Answerable makes plus-forms of it), got "a+b@acme.example"
team = "product" => team = "prodcut"
  inbox.support.team: expected a team of this file (product, cloud or devops), got "prodcut"
calendar = "always" => calendar = "never"
  severities.P0.calendar: expected a calendar of this file (always), got "never"
pausable = ["periodic => pausable = ["update", "periodic
  promises.pausable[0]: expected "first_response", "next_response", "periodic_update" or "resolution", got "update"
pausable = ["resolution"] => pausable = "none"
  severities.P0.pausable: expected a list in [ ], got "none"
pausable = ["resolution"] => pausable = ["resolution", "resolution"]
  severities.P0.pausable[1]: expected each entry once, got "resolution"
pausable = ["periodic => pausable = ["resolution", "periodic
  promises.pausable[2]: expected each entry once, got "resolution"
retarget = "from_change" => retarget = "from_start"
  promises.retarget: expected "from_change" or "keep_elapsed", got "from_start"
warnings = ["25 %" => warnings = ["100 %"
  promises.warnings[0]: expected a share of the promise such as "25 %" (1 % to 99 %) or a time left such as "30 min" (1 min to 30 d), got "100 %"
warnings = ["25 %" => warnings = ["0 min"
  promises.warnings[0]: expected a share of the promise such as "25 %" (1 % to 99 %) or a time left such as "30 min" (1 min to 30 d), got "0 min"
warnings = ["25 %" => warnings = ["31 d"
  promises.warnings[0]: expected a share of the promise such as "25 %" (1 % to 99 %) or a time left such as "30 min" (1 min to 30 d), got "31 d"
warnings = ["25 %" => warnings = [25
  promises.warnings[0]: expected a share of the promise such as "25 %" (1 % to 99 %) or a time left such as "30 min" (1 min to 30 d), got 25
warnings = ["25 %" => warnings = ["1 h", "60 min"
  promises.warnings[1]: expected each entry once, got "1 h"
warnings = ["25 %" => warnings = ["1 %", "2 %", "3 %", "4 %", "5 %"
  promises.warnings: expected at most 5 entries, got 6
first_response = "4 h" => calendar = "late"
  plans.premium.severities.P2.calendar: expected a calendar of this file (always), got "late"
default_plan = "standard" => default_plan = "gold"
  default_plan: expected a plan of this file (standard or premium), got "gold"
address = "urgent@acme.example" => address = "Help@Acme.example"
  inbox.urgent.address: expected an address of its own (inbox.support has this one), got "help@acme.example"
"help@acme.example" => "support@acme.example", "x@acme.example"
  inbox.support.aliases[0]: expected an address of its own (inbox.support has this one), got "support@acme.example"
support_address = "support => support_address = "hi
  vendor.support_address: expected an address or alias of an inbox, since customers answer to it, got "hi@acme.example"
"""


@pytest.mark.parametrize("case", MISTAKES.strip().replace("\n  ", "\t").splitlines())
def test_a_mistake_is_told_with_its_line(case: str) -> None:
    edit, message = case.split("\t")
    old, new = edit.split(" => ")
    text = edited(old, new)
    assert [str(problem) for problem in problems(text)] == [f"support.toml:{line_of(text, new)}: {message}"]


def test_what_is_too_long_is_cut_in_the_message() -> None:
    (problem,) = problems(edited('name = "Acme Data"', f'name = "{"A" * 201}"'))
    assert (problem.expected, problem.got) == ("text of at most 200 characters", f'"{"A" * 59}…')


ONE = "per_network = 20\n[form.fields.area]\n"
FIELDS = [
    # Below per_network, the words whose line is named, the message.
    ("label = ''", "label", 'form.fields.area.label: expected text that is not empty, got ""'),
    ("labl = 'x'", "labl", "form.fields.area.labl: expected a known key (did you mean label?), got labl"),
    (
        "label = 'x'\nkind = 'list'",
        "kind",
        'form.fields.area.kind: expected "text", "paragraph", "choice", "number", "date" or "checkbox", got "list"',
    ),
    (
        "label = 'x'\nkind = 'choice'",
        "[form.fields",
        'form.fields.area.options: expected at least two options, since its kind is "choice", got nothing',
    ),
    (
        "label = 'x'\nkind = 'choice'\noptions = ['a']",
        "options = ['a']",
        'form.fields.area.options: expected at least two options, since its kind is "choice", got ["a"]',
    ),
    (
        "label = 'x'\nkind = 'choice'\noptions = ['a',\n'a']",
        "'a']",
        'form.fields.area.options[1]: expected each entry once, got "a"',
    ),
    (
        "label = 'x'\noptions = ['a', 'b']",
        "options = ['a'",
        'form.fields.area.options: expected no options, since its kind is "text", got ["a", "b"]',
    ),
    (
        "label = 'x'\nshown_to = 'all'",
        "shown_to = 'all'",
        'form.fields.area.shown_to: expected "everyone" or "signed_in", got "all"',
    ),
    ("label = 'x'\nrequired = 1", "required = 1", "form.fields.area.required: expected true or false, got 1"),
    (
        "label = 'x'\n[form.fields.'The Area']\nlabel = 'y'",
        "[form.fields.'The",
        'form.fields.The Area: expected a key of small letters, digits, - and _ (at most 64), got the name "The Area"',
    ),
]


@pytest.mark.parametrize(("field", "where", "message"), FIELDS)
def test_what_the_form_cannot_ask(field: str, where: str, message: str) -> None:
    text = edited("per_network = 20", f"{ONE}{field}\n#")
    after = text.index("[form.fields.area]\n" + field.splitlines()[0])
    line = text.count("\n", 0, text.index(where, after)) + 1
    assert [str(problem) for problem in problems(text)] == [f"support.toml:{line}: {message}"]


def test_the_form_asks_no_more_than_twenty_things() -> None:
    fields = "".join(f"[form.fields.f{n}]\nlabel = 'x'\n" for n in range(21))
    (problem,) = problems(edited("per_network = 20", f"per_network = 20\n{fields}#"))
    assert (problem.key, problem.expected, problem.got) == ("form.fields", "at most 20 entries", "more")


PAIR = 'a pair of different times such as ["09:00", "17:00"]'
HOURS = [
    # In place of always_open, the words whose line is named, what is expected.
    ('weekly.mon = [["09:00", "17:00"],\n["9:00", "17:00"]]', '["9:00"', PAIR),
    ('weekly.mon = [["09:00", "09:00"]]', "weekly.mon", PAIR),
    ('weekly.mon = ["09:00"]', "weekly.mon", PAIR),
    ('weekly.funday = [["09:00", "17:00"]]', "weekly.fun", "mon, tue, wed, thu, fri, sat or sun"),
    ('weekly = {}\ndates_off = [\n2026-12-25,\n"2026-02-30"]', '"2026-02', "a date such as 2026-12-25"),
    ("weekly = {}\nspecial.2026-13-01 = []", "special.", "a date such as 2026-12-25"),
    (
        'weekly = {}\nspecial.2026-12-24 = [["22:00", "02:00"]]',
        "special.",
        "hours within the day (the next date has its own)",
    ),
    ("dates_off = [2026-12-25]", "[calendars.always]", "always_open = true, or opening hours in `weekly`"),
    ("weekly = {}\nalways_open = true", "always_open", "either always_open = true or opening hours, not both"),
]


@pytest.mark.parametrize(("hours", "where", "expected"), HOURS)
def test_opening_hours_that_cannot_be(hours: str, where: str, expected: str) -> None:
    text = edited("always_open = true", hours)
    (problem,) = problems(text)
    assert (problem.line, problem.expected) == (line_of(text, where), expected)


def test_opening_hours_reach_the_engine_as_they_stand() -> None:
    hours = 'weekly.fri = [["22:00", "06:00"]]\ndates_off = [2026-12-25, "2026-12-26"]\nspecial.2026-12-24 = []'
    policy = parse(edited("always_open = true", hours), "support.toml")
    assert policy.calendars["always"].spec == {
        "tz": "UTC",
        "weekly": {"fri": [["22:00", "06:00"]]},
        "dates_off": ["2026-12-25", "2026-12-26"],
        "special": {"2026-12-24": []},
    }


@pytest.mark.parametrize(
    ("old", "new", "key", "got"),
    [
        ('name = "Acme Data"', 'name = "Acme Data', "vendor.name", "illegal character '\\n' at column 18"),
        ('name = "Acme Data"', "name = Acme", "vendor.name", "invalid value at column 8"),
        ('team = "product"', 'team = "product"\nteam = "cloud"', "inbox.support.team", "cannot overwrite a value"),
        ("\n[teams.cloud]\n", "\n[teams.product]#\n", "teams.product", "cannot declare ('teams', 'product') twice"),
    ],
)
def test_what_is_no_toml_is_told_with_its_line(old: str, new: str, key: str, got: str) -> None:
    text = edited(old, new)
    (problem,) = problems(text)
    last = line_of(text, new) + new.rstrip().count("\n")
    assert (problem.line, problem.key, problem.expected) == (last, key, "valid TOML")
    assert problem.got.startswith(got)


def test_a_file_that_ends_in_the_middle() -> None:
    text = GOOD + "\nlate = ["
    (problem,) = problems(text)
    assert (problem.line, problem.key) == (text.count("\n") + 1, "csat.late")


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file() -> None:
    text = edited('name = "Cloud support"', "nam = 1", edited("per_address = 5", 'per_address = "5"'))
    assert [problem.key for problem in problems(text)] == ["form.per_address", "teams.cloud.nam"]


def test_what_is_missing_is_told_at_the_table_around_it() -> None:
    text = edited('name = "Premium"\n', "")
    (problem,) = problems(text)
    assert (problem.line, problem.key) == (line_of(text, "\n[plans.premium]") + 1, "plans.premium.name")
    assert (problem.expected, problem.got) == ("a value, since this key is required", "nothing")
    text = edited("[severities.P3]", "[plans.standard.severities.P3]\nresolution = '1 h'\n[inbox.late]")
    keys = {problem.key: problem.line for problem in problems(text)}
    assert keys["inbox.late.address"] == line_of(text, "[inbox.late]")


def test_a_level_that_is_missing() -> None:
    start, end = GOOD.index("[severities.P3]"), GOOD.index("# Plans are what")
    (problem,) = problems(GOOD[:start] + GOOD[end:])
    assert str(problem) == (
        f"support.toml:{line_of(GOOD, '[severities.P0]')}: severities: "
        "expected a table [severities.P3], since every policy has P0, P1, P2 and P3, got nothing"
    )


def test_an_empty_file_names_every_section() -> None:
    found = problems("")
    assert {problem.line for problem in found} == {1}
    assert [problem.key for problem in found] == [
        "calendars",
        "default_plan",
        "default_severity",
        "escalation",
        "inbox",
        "plans",
        "severities",
        "teams",
        "uptime",
        "vendor",
    ]


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadPolicy, match=r"^\S+/none\.toml: expected a file that can be read, got no such file"):
        read(tmp_path / "none.toml")
    with pytest.raises(BadPolicy, match="expected a file that can be read, got is a directory"):
        read(tmp_path)
    latin = tmp_path / "latin.toml"
    latin.write_bytes(b'a = 1\nb = "caf\xe9"\n')
    with pytest.raises(BadPolicy, match=r"latin\.toml:2: expected text in UTF-8, got the byte 0xe9$"):
        read(latin)
    deep = tmp_path / "deep.toml"
    deep.write_text("a = " + "[" * 100_000)
    with pytest.raises(BadPolicy, match=r"deep\.toml: expected a policy, got brackets nested without end"):
        read(deep)


def test_a_file_from_another_editor(tmp_path: Path) -> None:
    path = tmp_path / "support.toml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    assert read(path) == parse(GOOD, "support.toml")


def test_a_policy_does_not_change_once_read() -> None:
    policy = parse(GOOD, "support.toml")
    field = "name"
    with pytest.raises(ValueError, match="frozen"):
        setattr(policy.vendor, field, "Other")
    assert policy.text == GOOD


MAILBOX = """
[mailbox.support]
inbox = "support"
host = "imap.acme.example"
user = "support@acme.example"
password_variable = "SUPPORT_PASSWORD"
"""
BAD_MAILBOXES = r"""
inbox = "support" => inbox = "sales"
  inbox: expected an inbox of this file (support or urgent), got "sales"
host = "imap.acme.example" => host = "imap://acme"
  host: expected a server's name or IP address such as "imap.acme.example", got "imap://acme"
host = "imap.acme.example" => port = 0
  host: expected a value, since this key is required, got nothing
  port: expected at least 1, got 0
password_variable = "SUPPORT_PASSWORD" => password_variable = "hunter2"
  password_variable: expected the name of an environment variable in capitals, never the secret itself, got "hunter2"
password_variable = "SUPPORT_PASSWORD" => after = "delete"
  after: expected "leave", "flag" or "move:" with a folder, got "delete"
password_variable = "SUPPORT_PASSWORD" => after = "flag"
  : expected password_variable, since its auth is "password", got nothing
user = "support@acme.example" => user = "support@acme.example"; auth = "oauth2"; token_url = "https://login.acme.example/t"
  : expected client_id, since its auth is "oauth2", got nothing
  : expected refresh_token_variable or client_secret_variable, to ask for tokens with, got nothing
  password_variable: expected no password_variable, since its auth is "oauth2", got "SUPPORT_PASSWORD"
user = "support@acme.example" => user = "x"; token_url = "http://login.acme.example"
  token_url: expected an address by https such as "https://oauth2.googleapis.com/token", got "http://login.acme.example"
"""


@pytest.mark.parametrize("case", BAD_MAILBOXES.strip().replace("\n  ", "\t").splitlines())
def test_a_mailbox_that_could_not_be_read_is_told(case: str) -> None:
    edit, *messages = case.split("\t")
    old, new = edit.split(" => ")
    text = f"{GOOD}\n{MAILBOX.replace(old, new.replace('; ', chr(10)))}"
    said = [str(problem).partition(": ")[2].removeprefix("mailbox.support") for problem in problems(text)]
    assert sorted(one.removeprefix(".") for one in said) == sorted(messages)


ON_CALL = """
[on_call.platform]
name = "Platform"
tz = "UTC"
[[on_call.platform.layers]]
name = "Engineers"
participants = ["ana+pager@acme.example"]
start = 2026-12-07
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('tz = "UTC"', 'tz = "Mars"', 'tz: expected a time zone name such as "Europe/Berlin" or "UTC", got "Mars"'),
        (
            '"ana+pager@acme.example"',
            '"ana"',
            'layers[0].participants[0]: expected one e-mail address such as "support@acme.example", got "ana"',
        ),
        (
            '["ana+pager@acme.example"]',
            "[]",
            "layers[0].participants: expected at least one address of your staff, got []",
        ),
        (
            "start = 2026-12-07",
            'start = "7 December"',
            'layers[0].start: expected a date such as 2026-12-25, got "7 December"',
        ),
        (
            "start = 2026-12-07",
            'start = 2026-12-07\nunit = "month"',
            'layers[0].unit: expected "day" or "week", got "month"',
        ),
        ("start = 2026-12-07", "start = 2026-12-07\nlength = 0", "layers[0].length: expected at least 1, got 0"),
        (
            "start = 2026-12-07",
            'start = 2026-12-07\nhandoff = "24:00"',
            'layers[0].handoff: expected a time of day such as "09:00", up to "23:59", got "24:00"',
        ),
        (
            "start = 2026-12-07",
            'start = 2026-12-07\nrestriction.mon = [["9", "17"]]',
            'layers[0].restriction.mon[0]: expected a pair of different times such as ["09:00", "17:00"], got ["9", "17"]',
        ),
    ],
)
def test_a_schedule_that_is_wrong(old: str, new: str, message: str) -> None:
    assert not parse(GOOD + ON_CALL, "x").on_call["platform"].p0
    text = GOOD + ON_CALL.replace(old, new)
    said = [str(problem) for problem in problems(text)]
    assert [line.partition(": ")[2].removeprefix("on_call.platform.") for line in said] == [message]
    assert all(int(line.split(":")[1]) > GOOD.count("\n") for line in said)


def test_a_schedule_of_the_file_has_somebody_on_it() -> None:
    alone = ON_CALL[: ON_CALL.index("[[")]
    (problem,) = problems(GOOD + alone)
    assert (
        str(problem)
        .partition(": ")[2]
        .startswith("on_call.platform: expected at least one table [[on_call.KEY.layers]]")
    )
    assert parse(GOOD + alone + 'managed = "desk"\n', "x").on_call["platform"].layers == ()


def test_two_mailboxes_do_not_share_a_folder() -> None:
    (problem,) = problems(f"{GOOD}\n{MAILBOX}\n{MAILBOX.replace('mailbox.support', 'mailbox.other')}")
    assert (problem.key, problem.expected) == (
        "mailbox.other.folder",
        "a folder of its own (mailbox.support has this one)",
    )
