"""The mail room in plain words: what became of a message, why, by whom, and what its marks mean."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from answerable.audit.models import Record
from answerable.mail.models import RawMail
from answerable.mail.parse import Incoming


class Outcome(NamedTuple):
    """In a word for the list, and in a sentence. `tone`: "risk" for what waits for somebody, else ""."""

    word: str
    sentence: str
    tone: str = ""


def outcome(row: RawMail) -> Outcome:
    """What became of it."""
    if row.state == "received":
        return Outcome(_("Waiting"), _("It is kept, and waits to be handled."), "risk")
    if row.state == "quarantined":
        return _set_aside(row)
    return _outcomes(row).get(row.outcome, Outcome(row.outcome, row.outcome))


def _set_aside(row: RawMail) -> Outcome:
    why = reasons().get(row.reason, row.reason)
    if row.put_away_at is None:
        return Outcome(_("Quarantine"), why, "risk")
    if row.purged_at is not None:
        return Outcome(_("Discarded"), _("It was discarded, and let go of when its term was over."))
    return Outcome(_("Discarded"), _("It was discarded, and can be restored. %(why)s") % {"why": why})


def _outcomes(row: RawMail) -> dict[str, Outcome]:
    return {
        "new": Outcome(_("New request"), _("It became a request.")),
        "reply": Outcome(_("Joined"), _("It joined a request, and everybody on it reads it.")),
        "held": _held(row),
        "event": Outcome(_("Noted"), _("A machine answered (%(what)s): noted on the request.") % _what(row)),
        "auto": Outcome(_("Automatic"), _("A machine wrote (%(what)s): listed, and nothing was done.") % _what(row)),
        "bounce": _bounce(row),
        "duplicate": Outcome(_("Duplicate"), _("The same message came before; nothing was done twice.")),
        "ack": Outcome(_("Page answered"), _("Its sender answered a page: they have seen the alert.")),
        "probe": Outcome(_("Probe"), _("A message of ours to ourselves: mail gets through.")),
    }


def _held(row: RawMail) -> Outcome:
    why = " ".join(held_reasons().get(word, word) for word in row.reason.split(",") if word)
    if row.put_away_at is not None:
        return Outcome(_("Kept out"), _("It was kept out of the request. %(why)s") % {"why": why})
    words = _("Staff see it beside the request; it joins when they let it in. %(why)s") % {"why": why}
    return Outcome(_("Held"), words, "risk")


def _bounce(row: RawMail) -> Outcome:
    if row.reason == "unmatched":
        return Outcome(_("Bounce"), _("It returns a mail, but none that we sent to that address: nothing was done."))
    return Outcome(_("Bounce"), _("It returns a mail of ours, which is marked as not delivered."))


def _what(row: RawMail) -> dict[str, str]:
    return {"what": classes().get(row.reason, row.reason)}


def classes() -> dict[str, str]:
    """The classes of automatic mail (E-46)."""
    return {
        "vacation": _("somebody is away"),
        "mdn": _("read receipt"),
        "feedback": _("complaint by way of a mail provider"),
        "list": _("mailing list"),
        "bulk": _("bulk mail"),
        "generated": _("written by a program"),
    }


def reasons() -> dict[str, str]:
    """Why a message is in quarantine (E-10)."""
    return {
        "empty": _("There is nothing in it."),
        "no_headers": _("It has no header, so nobody can tell whose it is."),
        "no_sender": _("It names no sender who could be answered."),
        "oversize": _("It is larger than messages may be; only its header was read."),
        "error": _("The program failed on it."),
        "sender_blocked": _("Its sender is blocked, or unknown to an inbox that takes mail of known people only."),
        "rate_limited": _("Its sender, or their domain, wrote more within the hour than one should."),
        "loop": _("It is mail of our own that came back."),
        "spam": _("It was marked as spam."),
    }


def held_reasons() -> dict[str, str]:
    """Why a message is held (the table before E-39)."""
    return {
        "non_participant": _("Its sender takes no part in the request."),
        "auth_fail": _("Its sender's address is likely forged."),
        "unverified": _("Nothing proves its sender's address."),
    }


_NO_WORDS = {"unverified", "auth_fail", "non_participant"}  # said with the verdict, or with why it is held


def flags(row: RawMail) -> list[str]:
    """The message's marks, each a sentence."""
    known = {
        "truncated": _("Longer than is read: the rest is in the raw message."),
        "charset_fallback": _("Its letters were labelled wrongly; they were guessed."),
        "corrupt_part": _("A part of it is damaged."),
        "multiple_from": _("It names several senders."),
        "name_spoof": _("A stranger under the name of somebody of your staff."),
        "message_id_reused": _("Another message came with the same Message-ID."),
        "bad_token": _("It was sent to a reply address that is not ours, or was changed."),
        "thread_conflict": _("It points to several requests; the strongest mark decided."),
        "cc_capped": _("It names more people than are CC'd at once."),
        "ack_suppressed": _("Not acknowledged: its sender had several within the hour."),
        "automatic": _("Written by a machine, so it was not acknowledged."),
        "missing_cid": _("A picture in it is missing."),
        "encrypted": _("It is encrypted."),
        "tnef_failed": _("Its winmail.dat could not be unpacked."),
    }
    return [known.get(flag, flag.replace("_", " ")) for flag in row.flags if flag not in _NO_WORDS]


def verdict(row: RawMail, incoming: Incoming | None) -> str:
    """What is known of the sender's address, and who says so (E-87)."""
    words = {"server": row.verdict_source}
    if row.verdict == "pass":
        return _("Proven, says %(server)s") % words if row.verdict_source else _("Proven when it came")
    if row.verdict == "fail":
        return _("Likely forged, says %(server)s") % words if row.verdict_source else _("Likely forged")
    if not row.verdict:
        return _("Not looked at")
    if incoming and incoming.checker and not row.verdict_source:
        return _("Not proven: nobody trusts %(server)s for this inbox") % {"server": incoming.checker}
    return _("Not proven: no mail server vouched for it")


def source(row: RawMail) -> str:
    """The way it came."""
    ways = {"smtp": _("by SMTP"), "imap": _("from a mailbox"), "pipe": _("by a pipe")}
    return ways.get(row.source, row.source)


class Done(NamedTuple):
    """What somebody decided on the message, and when."""

    text: str
    at: datetime


def decisions(records: Iterable[Record], numbers: dict[int, int]) -> list[Done]:
    """Who did what with it, latest first."""
    return [Done(_decision(one, numbers), one.at) for one in records]


def _decision(one: Record, numbers: dict[int, int]) -> str:
    words = {
        "who": one.actor_label,
        "to": _named(one.data.get("ticket"), numbers),
        "from": _named(one.data.get("before"), numbers),
    }
    said = {
        "mail_released": _("%(who)s released it as %(to)s"),
        "mail_attached": _("%(who)s put it on %(to)s"),
        "mail_discarded": _("%(who)s discarded it"),
        "mail_spam": _("%(who)s discarded it and blocked its sender"),
        "mail_restored": _("%(who)s restored it"),
        "mail_made_ticket": _("%(who)s made %(to)s of it"),
        "mail_moved": _("%(who)s moved it from %(from)s to %(to)s"),
        "mail_split": _("%(who)s made %(to)s of it, apart from %(from)s"),
        "mail_retried": _("%(who)s had it handled again"),
    }
    return said.get(one.verb, "%(who)s") % words


def _named(ticket_id: int | None, numbers: dict[int, int]) -> str:
    number = numbers.get(ticket_id or 0)
    return f"#{number}" if number else _("a request")
