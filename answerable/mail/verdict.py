"""What a mail provider that we trust says about the sender (email contract E-85, E-86); nobody else is believed.

Domains are aligned when the public suffix list says that one owner registered both (RFC 7489 calls it relaxed).
"""

import re
from collections.abc import Iterable, Sequence
from typing import Literal, NamedTuple

from answerable.lib.domains import owner
from answerable.mail.incoming import Incoming, Trace

Verdict = Literal["pass", "fail", "none"]

_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*+"?|\(|\)|;|=|[^\s"();=]+', re.DOTALL)
_BY = re.compile(r"(?:^|\s)by\s{1,20}([^\s;()]{1,255})")
_ADDRESS_LITERAL = re.compile(r"\[?[0-9a-f.:]+\]?")


class _Result(NamedTuple):
    method: str
    result: str
    properties: dict[str, str]


def verdict(incoming: Incoming, trusted: Sequence[str]) -> Verdict:
    """pass, fail or none. `trusted`: the authserv-ids that the inbox's provider writes; empty means that nobody is."""
    if "multiple_from" in incoming.flags:
        return "fail"
    results = [result for one in _believed(incoming.trace, trusted) for result in _results(one.value)]
    domain = incoming.sender.rpartition("@")[2]
    dmarc = [one for one in results if one.method == "dmarc"]
    if any(one.result == "fail" for one in dmarc):
        return "fail"
    if any(one.result == "pass" and _is_about(one, domain) for one in dmarc):
        return "pass"
    return "pass" if any(one.result == "pass" and _vouches(one, domain) for one in results) else "none"


def source(incoming: Incoming, trusted: Sequence[str]) -> str:
    """The server whose word that is; empty: nobody was believed (E-87)."""
    return next((_authserv_id(one.value) for one in _believed(incoming.trace, trusted)), "")


def _is_about(result: _Result, domain: str) -> bool:
    named = result.properties.get("header.from", domain)
    return aligned(named.rpartition("@")[2], domain)


def _vouches(result: _Result, domain: str) -> bool:
    """A passing DKIM signature or SPF check by the sender's own domain."""
    keys = {"dkim": ("header.d", "header.i"), "spf": ("smtp.mailfrom", "smtp.mail")}.get(result.method, ())
    return any(aligned(result.properties[key].rpartition("@")[2], domain) for key in keys if key in result.properties)


def aligned(one: str, other: str) -> bool:
    """Whether two domains belong to one owner."""
    first, second = owner(one), owner(other)
    return first is not None and first == second


def _believed(trace: Iterable[Trace], trusted: Sequence[str]) -> list[Trace]:
    """The topmost run of fields by a server that we trust, above any hop of a server that is not its provider's."""
    ids = {one.lower() for one in trusted}
    owners = {owner(one) or one for one in ids}
    run: list[Trace] = []
    for one in trace:
        if one.name == "received":
            if run or _is_foreign(one.value, owners):
                break
        elif _authserv_id(one.value) not in ids:
            if run:
                break
        elif run and one.position != run[-1].position + 1:
            break
        else:
            run.append(one)
    return run


def _is_foreign(received: str, owners: set[str]) -> bool:
    found = _BY.search(received.lower())
    host = found[1].strip(".") if found else ""
    if "." not in host or _ADDRESS_LITERAL.fullmatch(host):
        return False  # a hop inside some network says nothing
    return (owner(host) or host) not in owners


def _authserv_id(value: str) -> str:
    head = _statements(value)[:1]
    return head[0][0].strip('"').lower() if head and head[0] else ""


def _results(value: str) -> list[_Result]:
    found = []
    for words in _statements(value)[1:]:
        if len(words) >= 3 and words[1] == "=":
            pairs = zip(words[3:], words[4:], words[5:], strict=False)
            properties = {key.lower(): content.strip('"').lower() for key, equals, content in pairs if equals == "="}
            found.append(_Result(words[0].partition("/")[0].lower(), words[2].lower(), properties))
    return found


def _statements(value: str) -> list[list[str]]:
    """The words between semicolons. Comments are left out, and a quoted string is one word whatever it holds: the local
    part of an address is the sender's to choose.
    """
    found: list[list[str]] = [[]]
    depth = 0
    for match in _TOKEN.finditer(value):
        word = match[0]
        if word == "(":
            depth += 1
        elif word == ")":
            depth = max(0, depth - 1)
        elif not depth and word == ";":
            found.append([])
        elif not depth:
            found[-1].append(word)
    return found
