"""Whoever changes how an account is entered: its owner hears of it by mail, and it is in the trail."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from answerable.audit.actions import record
from answerable.casework.account_mail import post_account_mail
from answerable.people.models import Person
from answerable.people.queries import actor_of, vendor


@dataclass(frozen=True)
class Change:
    """What the owner is told; `verb`: how it stands in the trail ("": it is there already)."""

    words: str
    verb: str = ""
    data: tuple[tuple[str, str], ...] = ()


# By the names of the log-in library's own mails, which these take the place of.
CHANGES = {
    "totp_activated": Change(
        gettext_noop("An authenticator app was set up for your account."), "add_second_step", (("kind", "app"),)
    ),
    "totp_deactivated": Change(
        gettext_noop("The authenticator app of your account was switched off."),
        "remove_second_step",
        (("kind", "app"),),
    ),
    "webauthn_added": Change(
        gettext_noop("A passkey was added to your account."), "add_second_step", (("kind", "passkey"),)
    ),
    "webauthn_removed": Change(
        gettext_noop("A passkey of your account was removed."), "remove_second_step", (("kind", "passkey"),)
    ),
    "recovery_codes_generated": Change(
        gettext_noop("New recovery codes were made for your account; the old ones no longer work."),
        "renew_recovery_codes",
    ),
    "password_changed": Change(gettext_noop("The password of your account was changed.")),
    "password_reset": Change(gettext_noop("A new password was chosen for your account, by a link in your mail.")),
}


def note_change(person: Person, name: str, now: datetime) -> None:
    """One of CHANGES happened; another name is told to nobody."""
    change = CHANGES.get(name)
    if change is None:
        return
    house = vendor()
    context = {
        "person": person,
        "words": _(change.words),
        "account": f"{house.portal_address}/accounts/",
        "reset": f"{house.portal_address}/accounts/password/reset/",
        "vendor": house,
    }
    with transaction.atomic():
        if change.verb:
            record(actor_of(person), change.verb, ("person", person.pk), now, **dict(change.data))
        text = render_to_string("casework/mail/changed.txt", context)
        post_account_mail(person, _("Your account was changed"), text, now, kind="access")
