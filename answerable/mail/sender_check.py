"""Our own check of a sender: DKIM, SPF and DMARC (RFC 6376, 7208, 7489) for mail that came straight to our intake.

Only what comes from a public address of somebody else is checked: behind a mail server of ours the connection says
nothing of the sender (docs/decisions/0015, 0031). Names are asked for with limits, since the sender chose all of them.
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import dkim
import spf

from answerable.lib import dns
from answerable.lib.domains import owner
from answerable.mail.verdict import Verdict, aligned

# Of a message that is larger the check says nothing: it would be read several times over.
MOST_BYTES = 20 * 1024 * 1024
# All questions about one message together: they are asked while its transaction waits.
MOST_SECONDS = 6.0
MOST_QUESTIONS = 40
MOST_SIGNATURES = 5
SMALLEST_KEY = 1024
# What the libraries raise on what senders write, beside their own errors.
_GARBLED = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError)
_silent = logging.getLogger("answerable.mail.sender_check.dkim")
_silent.disabled = True


@dataclass(frozen=True)
class Caller:
    """Who handed the message over: their address, their greeting and the path that they named."""

    client: str
    helo: str
    mail_from: str


@dataclass(frozen=True)
class Checked:
    """`told`: each method's result, in the words of an Authentication-Results field."""

    verdict: Verdict
    told: str


class _Names:
    """The name service for one message. Raises dns.NoAnswer also when it was asked too much."""

    def __init__(self) -> None:
        self._end = time.monotonic() + MOST_SECONDS
        self._asked = 0
        self.failed = False

    def ask(self, name: str, kind: str) -> list[Any]:
        self._asked += 1
        left = self._end - time.monotonic()
        if self._asked > MOST_QUESTIONS or left <= 0:
            self.failed = True
            raise dns.NoAnswer("no more questions for this message")
        try:
            return dns.records(name, kind, seconds=min(left, dns.MOST_SECONDS))
        except dns.NoAnswer:
            self.failed = True
            raise

    def text(self, name: str) -> list[bytes]:
        return [b"".join(row.strings) for row in self.ask(name, "TXT")]


def is_checkable(client: str | None) -> bool:
    """Whether a connection from there says anything about the sender: an address of the whole world."""
    try:
        return client is not None and ip_address(client).is_global
    except ValueError:
        return False


def check(raw: bytes, domain: str, caller: Caller) -> Checked:
    """The verdict on a message whose From has this domain. What cannot be found out is "none", never "pass"."""
    if len(raw) > MOST_BYTES:
        return Checked("none", "too large to be checked")
    names = _Names()
    signers = _signers(raw, names)
    spf_result, path = _spf(caller, names)
    dmarc, strict = _dmarc(domain, names)
    told = f"dkim={','.join(signers) or 'none'} spf={spf_result} dmarc={dmarc}"
    by_dkim = any(_fits(one, domain, strict="adkim" in strict) for one in signers)
    by_spf = spf_result == "pass" and _fits(path, domain, strict="aspf" in strict)
    if by_dkim or by_spf:
        return Checked("pass", told)
    if dmarc != "found" or names.failed:
        return Checked("none", told)
    return Checked("fail", told)


def _fits(one: str, domain: str, *, strict: bool) -> bool:
    return one.lower() == domain if strict else aligned(one, domain)


def _signers(raw: bytes, names: _Names) -> list[str]:
    """The domains whose signatures hold. One over a part of the text (l=) is none: anything may follow it."""
    try:
        message = dkim.DKIM(raw, logger=_silent, minkey=SMALLEST_KEY)
    except (dkim.DKIMException, *_GARBLED):
        return []
    count = sum(name.lower() == b"dkim-signature" for name, _ in message.headers)
    found = [one for number in range(min(count, MOST_SIGNATURES)) for one in _signer(raw, number, names)]
    return list(dict.fromkeys(found))


def _signer(raw: bytes, number: int, names: _Names) -> Iterator[str]:
    def key(name: bytes | str, timeout: int = 5) -> bytes | None:
        found = names.text(name.decode("ascii") if isinstance(name, bytes) else name)
        return found[0] if found else None

    message = dkim.DKIM(raw, logger=_silent, minkey=SMALLEST_KEY)
    with contextlib.suppress(dkim.DKIMException, dns.NoAnswer, *_GARBLED):
        if message.verify(number, dnsfunc=key) and b"l" not in message.signature_fields:
            yield message.domain.decode("ascii").lower()


# pyspf asks by a function of its module, whoever asks: by ours, for the message that its thread is at.
_at = threading.local()


def _look_up(name: str, kind: str, _strict: object = True, _timeout: float = 0) -> list[tuple[tuple[str, str], Any]]:
    read: dict[str, Callable[[Any], Any]] = {
        "A": lambda row: row.address,
        "AAAA": lambda row: row.address,
        "MX": lambda row: (row.preference, row.exchange.to_text(omit_final_dot=True)),
        "PTR": lambda row: row.target.to_text(omit_final_dot=True),
        "TXT": lambda row: row.strings,
    }
    if kind not in read:
        return []
    try:
        return [((name, kind), read[kind](row)) for row in _at.names.ask(name, kind)]
    except dns.NoAnswer as error:
        raise spf.TempError(f"DNS {error}") from None


spf.DNSLookup = _look_up


def _spf(caller: Caller, names: _Names) -> tuple[str, str]:
    """The result, and the domain that it is about: of the path, or of the greeting where the path is empty."""
    path = caller.mail_from.rpartition("@")[2].lower() or caller.helo.lower()
    _at.names = names
    try:
        sender = caller.mail_from or f"postmaster@{caller.helo}"
        result, _why = spf.check2(i=caller.client, s=sender, h=caller.helo, querytime=MOST_SECONDS)
    except _GARBLED:
        return "permerror", path
    finally:
        del _at.names
    return str(result), path


def _dmarc(domain: str, names: _Names) -> tuple[str, set[str]]:
    """Whether the domain says what may be sent in its name ("found", "none", "temperror"), and what it wants exact."""
    try:
        for one in dict.fromkeys((domain, owner(domain) or domain)):
            found = [row for row in names.text(f"_dmarc.{one}") if row.split(b";")[0].replace(b" ", b"") == b"v=DMARC1"]
            if len(found) == 1:
                tags = dict(part.replace(b" ", b"").split(b"=", 1) for part in found[0].split(b";") if b"=" in part)
                return "found", {name for name in ("adkim", "aspf") if tags.get(name.encode()) == b"s"}
            if found:
                return "none", set()  # several are as good as none
    except dns.NoAnswer:
        return "temperror", set()
    return "none", set()
