"""The lines of a diff, as a person reads them."""

import pytest

from answerable.policy.diff import changes, outline
from answerable.policy.read import SHIPPED, parse

GOOD = SHIPPED.read_text()


def diff(*edits: tuple[str, str]) -> list[str]:
    """What these edits of the shipped file come to."""
    text = GOOD
    for old, new in edits:
        assert old in text
        text = text.replace(old, new, 1)
    return [str(change) for change in changes(outline(parse(GOOD, "a")), outline(parse(text, "b")))]


EDITS = r"""
first_response = "2 h" => first_response = "90 min"
  ~ severity P1 first_response 2 h → 90 min
first_response = "2 h" => first_response = "none"
  ~ severity P1 first_response 2 h → none
next_response = "2 h" =>
  ~ severity P1 next_response 2 h → none
first_response = "4 h" => first_response = "none"
  ~ plan premium severities.P2.first_response 4 h → none
first_response = "4 h" => resolution = "none"
  + plan premium severities.P2.resolution none
  - plan premium severities.P2.first_response 4 h
name = "Cloud support" => name = "Cloud"
  ~ team cloud name "Cloud support" → "Cloud"
retarget = "from_change" => retarget = "keep_elapsed"
  ~ promises retarget from_change → keep_elapsed
warnings = ["25 %", "30 min"] => warnings = ["1 h"]
  ~ promises warnings ["25 %", "30 min"] → ["1 h"]
warnings = ["25 %", "30 min"] => warnings = ["25%", "30min"]
pausable = ["resolution"] =>
  - severity P0 pausable ["resolution"]
default_severity = "P2" => default_severity = "P3"
  ~ default_severity P2 → P3
restricted = false => restricted = true
  ~ team product restricted false → true
severity = "P0" =>
  - inbox urgent severity P0
aliases = ["help@acme.example"] =>
  ~ inbox support aliases ["help@acme.example"] → []
"99.5 %" => "99.95 %"
  ~ uptime commitment 99.5 % → 99.95 %
kept = true =>
  ~ support page kept true → false
name = "Release notes" => name = "News"
  ~ support page link 2 name "Release notes" → "News"
Director, Support => Director
  ~ ladder level 2 name "Director, Support" → "Director"
always_open = true => weekly.mon = [["09:00", "17:00"]]
  ~ calendar always always_open true → false
  + calendar always weekly.mon [["09:00", "17:00"]]
[inbox.urgent] => [inbox.critical]
  + inbox critical urgent@acme.example
  - inbox urgent
# reply_domain = "acme.example" => reply_domain = "mail.acme.example"
  ~ mail reply_domain acme.example → mail.acme.example
# reply_domain = "acme.example" => reply_domain = "acme.example"
per_network = 20 => per_network = 30
  ~ form per_network 20 → 30
reopen_window = "14 d" => reopen_window = "336 h"
# The => # A
"""


@pytest.mark.parametrize("case", EDITS.strip().replace("\n  ", "\t").splitlines())
def test_one_edit_is_told_in_its_lines(case: str) -> None:
    edit, *lines = case.split("\t")
    old, _, new = edit.partition(" =>")
    assert diff((old, new.strip())) == lines


def test_a_team_that_comes_and_one_that_goes() -> None:
    assert diff(("\n[teams.cloud]", "\n[teams.data]\nname = 'Data'\n[teams.cloud]")) == ['+ team data "Data"']
    cloud = '\n[teams.cloud]\nname = "Cloud support"\nabout = "What we run for you: access, performance, data and integrations."'
    assert diff((cloud, "")) == ["- team cloud"]


ZONE = "\n[form.fields.zone]\nlabel = 'Zone'\n"
AREA = "\n[form.fields.area]\nlabel = 'Area'\nkind = 'choice'\noptions = ['a', 'b']\n"


def test_what_the_form_asks_and_in_which_order() -> None:
    plain, zone, both, other = (
        outline(parse(GOOD.replace("\n[accounts]", f"{fields}\n[accounts]"), "x"))
        for fields in ("", ZONE, ZONE + AREA, AREA + ZONE)
    )
    told = [
        [str(one) for one in changes(*pair)] for pair in ((plain, zone), (zone, both), (both, other), (both, plain))
    ]
    assert told == [
        ['+ form fields ["zone"]', '+ form field zone "Zone"'],
        ['~ form fields ["zone"] → ["zone", "area"]', '+ form field area "Area"'],
        ['~ form fields ["zone", "area"] → ["area", "zone"]'],
        ['- form fields ["zone", "area"]', "- form field zone", "- form field area"],
    ]
    renamed = outline(parse(GOOD.replace("\n[accounts]", f"{ZONE.replace('Zone', 'Region')}\n[accounts]"), "x"))
    assert [str(one) for one in changes(zone, renamed)] == ['~ form field zone label "Zone" → "Region"']


ON_CALL = """
[on_call.platform]
name = "Platform"
tz = "UTC"
[[on_call.platform.layers]]
name = "Engineers"
participants = ["ana@acme.example"]
start = 2026-12-07

[uptime]"""


def test_who_is_on_call() -> None:
    plain, given, other = (
        outline(parse(GOOD.replace("\n[uptime]", text), "x"))
        for text in (
            "\n[uptime]",
            ON_CALL,
            ON_CALL.replace('ana@acme.example"', 'ana@acme.example", "ben@acme.example"'),
        )
    )
    told = [[str(one) for one in changes(*pair)] for pair in ((plain, given), (given, other), (other, plain))]
    ana, both = '["ana@acme.example"]', '["ana@acme.example", "ben@acme.example"]'
    assert told == [
        ['+ on call platform "Platform"', '+ on call platform layer 1 "Engineers"'],
        [f"~ on call platform layer 1 participants {ana} → {both}"],
        ["- on call platform", "- on call platform layer 1"],
    ]


def test_a_first_policy_is_all_new() -> None:
    lines = [str(change) for change in changes({}, outline(parse(GOOD, "a")))]
    assert lines[0] == '+ vendor "Acme Data"'
    assert "+ inbox urgent urgent@acme.example" in lines
    assert "+ default_plan standard" in lines
    assert '+ ladder level 3 "Head of Customer Experience"' in lines
    assert all(line.startswith("+ ") for line in lines)


def test_long_texts_are_cut_in_the_line_and_not_in_the_comparison() -> None:
    (line,) = diff(("and there is no way around it.", "and there is no way around it at all."))
    assert line.startswith('~ severity P0 meaning "Production is down')
    assert len(line) < 200
