"""What was done to an organization or a person, as sentences from the audit trail."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from answerable.audit.models import Record
from answerable.people.organization_queries import labels_of
from answerable.sla.queries import plan_name

Words = Mapping[str, Any]


@dataclass(frozen=True)
class Said:
    """One line of the history."""

    id: int
    at: datetime
    text: str


def _fixed(text: str) -> Callable[[Words], str]:
    """A sentence marked for translation by gettext_noop where it is named."""
    return lambda words: _(text) % words


def _plan(words: Words) -> str:
    return _("%(who)s changed the plan from %(before)s to %(after)s") % {
        **words,
        "before": plan_name(words["before"]),
        "after": plan_name(words["after"]),
    }


def _edited(words: Words) -> str:
    changed, names = words["changed"], words["names"]
    parts = []
    if "name" in changed:
        parts.append(_("name: %(before)s, now %(after)s") % _pair(*changed["name"]))
    if "csm" in changed:
        before, after = (names.get(pk, _("nobody")) for pk in changed["csm"])
        parts.append(_("customer success manager: %(before)s, now %(after)s") % _pair(before, after))
    if "locale" in changed:
        parts.append(_("language: %(before)s, now %(after)s") % _pair(*changed["locale"]))
    if "zone" in changed:
        parts.append(_("time zone: %(before)s, now %(after)s") % _pair(*changed["zone"]))
    return _("%(who)s changed %(what)s") % {**words, "what": "; ".join(parts)}


def _pair(before: str, after: str) -> dict[str, str]:
    return {"before": before or _("nothing"), "after": after}


def _merged(words: Words) -> str:
    if words["into"] == words["id"]:
        return _("%(who)s merged %(address)s into this account") % words
    return _("%(who)s merged this account into that of %(person)s") % words


def _stopped_mail(words: Words) -> str:
    if words["kind"] == "complained":
        return _("No automatic mail to %(address)s any more: it called one spam") % words
    return _("No automatic mail to %(address)s any more: mail to it was refused for good") % words


SENTENCES: dict[str, Callable[[Words], str]] = {
    "create_organization": _fixed(gettext_noop("%(who)s created it")),
    "edit_organization": _edited,
    "set_plan": _plan,
    "claim_domain": _fixed(gettext_noop("%(who)s claimed %(domain)s")),
    "ask_proof": _fixed(gettext_noop("%(who)s asked for the proof of %(domain)s")),
    "verify_domain": _fixed(gettext_noop("%(who)s found the proof of %(domain)s")),
    "release_domain": _fixed(gettext_noop("%(who)s gave up %(domain)s")),
    "add_member": _fixed(gettext_noop("%(who)s made %(person)s a member")),
    "remove_member": _fixed(gettext_noop("%(who)s ended the membership of %(person)s")),
    "grant": _fixed(gettext_noop("%(who)s let %(person)s read the requests: %(reason)s")),
    "set_standing_cc": _fixed(gettext_noop("%(who)s has %(person)s CC'd on each new request")),
    "end_standing_cc": _fixed(gettext_noop("%(who)s ended it that %(person)s is CC'd on each new request")),
    "stop_mail": _stopped_mail,
    "lift_mail_stop": _fixed(gettext_noop("%(who)s has automatic mail sent to %(address)s again")),
    "suspend_person": _fixed(gettext_noop("%(who)s suspended this account: %(reason)s")),
    "restore_person": _fixed(gettext_noop("%(who)s restored this account")),
    "add_second_step": _fixed(gettext_noop("%(who)s added a second step")),
    "remove_second_step": _fixed(gettext_noop("%(who)s removed a second step")),
    "renew_recovery_codes": _fixed(gettext_noop("%(who)s made new recovery codes")),
    "loosen_sso": _fixed(gettext_noop("%(who)s had their single sign-on forgotten")),
    "merge_person": _merged,
    "set_up_sso": _fixed(gettext_noop("%(who)s set up single sign-on by %(issuer)s")),
    "switch_on_sso": _fixed(gettext_noop("%(who)s switched single sign-on on")),
    "switch_off_sso": _fixed(gettext_noop("%(who)s switched single sign-on off")),
    "require_sso": _fixed(gettext_noop("%(who)s made single sign-on the only way in")),
    "allow_passwords": _fixed(gettext_noop("%(who)s let passwords in beside single sign-on")),
    "remove_sso": _fixed(gettext_noop("%(who)s removed single sign-on")),
    "import_person": _fixed(gettext_noop("%(who)s imported this account")),
    "edit_person": _edited,
    "end_grant": _fixed(gettext_noop("The grant of %(person)s ended")),
    "revoke": _fixed(gettext_noop("%(who)s revoked the grant of %(person)s")),
}


def sentences(records: Sequence[Record]) -> list[Said]:
    """In the order of the records; people by the name they have now."""
    names = labels_of(_people(records))
    return [Said(row.pk, row.at, _sentence(row, names)) for row in records]


def _people(records: Iterable[Record]) -> Iterable[int]:
    for row in records:
        yield from (pk for pk in (row.data.get("person"), *row.data.get("changed", {}).get("csm", ())) if pk)


def _sentence(row: Record, names: Mapping[int, str]) -> str:
    words = {"reason": "", "issuer": "", **row.data, "who": row.actor_label, "names": names, "id": row.subject_id}
    words["person"] = names.get(row.data.get("person", 0), _("somebody"))
    say = SENTENCES.get(row.verb)
    return say(words) if say else f"{row.actor_label}: {row.verb.replace('_', ' ')}"
