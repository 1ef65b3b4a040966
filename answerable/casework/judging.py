"""Whether a message's sender is who they say, and whose word that is: our own, or that of a server we trust (E-86)."""

from django.conf import settings

from answerable.lib.networks import within
from answerable.mail.models import Inbox, RawMail
from answerable.mail.parse import Incoming
from answerable.mail.sender_check import Caller, check, is_checkable
from answerable.mail.verdict import Verdict, source, verdict

# Our own check, in the place of a server's name.
OURSELVES = "answerable"


def judged(incoming: Incoming, raw: RawMail, inbox: Inbox | None) -> tuple[Verdict, str]:
    """The verdict and its source.

    What somebody from outside hands to our own intake is checked by us, where the inbox says so; what its header tells
    of other servers was then written by the sender. Behind a mail server of ours only that server can know.
    """
    if "multiple_from" in incoming.flags:
        return "fail", ""
    if inbox is None:
        return "none", ""
    if inbox.verify_senders and _came_straight(raw):
        caller = Caller(str(raw.client), raw.helo, raw.envelope_from)
        found = check(bytes(raw.body), incoming.sender.rpartition("@")[2], caller)
        return found.verdict, f"{OURSELVES}: {found.told}"[:255]
    return verdict(incoming, inbox.believed), source(incoming, inbox.believed)[:255]


def _came_straight(raw: RawMail) -> bool:
    if raw.source != "smtp" or raw.client is None or not is_checkable(raw.client):
        return False
    return not within(raw.client, settings.SMTP_RELAYS)
