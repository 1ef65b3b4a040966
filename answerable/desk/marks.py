"""What staff are told beside an entry that came by mail: whether its sender is proven, and what was odd about it."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

# Flags of the mail room that help whoever reads the entry. What is not here is for the log alone.
_WORDS = {
    "truncated": gettext_noop("Not all of it could be kept here; the mail as it came has the rest."),
    "name_spoof": gettext_noop("Its sender goes by somebody else's name or address."),
    "multiple_from": gettext_noop("It names several senders."),
    "corrupt_part": gettext_noop("A part of it arrived damaged."),
    "missing_cid": gettext_noop("A picture that it shows did not come along."),
    "encrypted": gettext_noop("It is encrypted: only a mail program that has the key can read it."),
    "tnef_failed": gettext_noop("Its winmail.dat could not be opened."),
    "partial": gettext_noop("It is one of several parts of a message."),
    "external_body": gettext_noop("It refers to a file elsewhere, which is not fetched."),
    "cc_capped": gettext_noop("It names more people than one mail may add; the others were left out."),
    "message_id_reused": gettext_noop("Another message came with the same Message-ID."),
}


class Mark(NamedTuple):
    """`kind`: pass, none or fail. `word` is shown, `words` on asking."""

    kind: str
    word: str
    words: str


def verdict_mark(origin: Mapping[str, str]) -> Mark | None:
    """Whether the sender is proven, and who says so (E-87); None for what came by no mail, or before this was kept."""
    verdict, values = origin.get("verdict", ""), {"by": origin.get("by", ""), "address": origin.get("address", "")}
    if verdict == "pass":
        return Mark("pass", _("proven"), _("%(by)s confirms that this mail comes from %(address)s.") % values)
    if verdict == "fail" and values["by"]:
        return Mark("fail", _("check failed"), _("%(by)s says that this mail does not come from %(address)s.") % values)
    if verdict == "fail":
        return Mark("fail", _("check failed"), _("Nobody can say which of its senders wrote this mail."))
    if verdict == "none":
        return Mark("none", _("not proven"), _("No mail server that you trust says who wrote this mail.") % values)
    return None


def forwarded_by(flags: Iterable[str], origin: Mapping[str, str]) -> str:
    """Who of the staff brought a customer's mail in (E-97)."""
    return origin.get("name") or origin.get("address", "") if "forwarded_by_agent" in flags else ""


def told(flags: Iterable[str]) -> tuple[str, ...]:
    """The flags in words."""
    return tuple(_(_WORDS[flag]) for flag in dict.fromkeys(flags) if flag in _WORDS)
