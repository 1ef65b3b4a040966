"""Mails about a person's own account, as rows of the outbox: to that person alone, and not to be read by admins."""

from datetime import datetime

from allauth.account.utils import user_pk_to_url_str
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _

from answerable.mail import compose
from answerable.mail.queries import addresses
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.people.passwords import ResetTokens
from answerable.people.queries import vendor


def account_letter(person: Person, subject: str, text: str, now: datetime, **about: object) -> Delivery:
    """`kind`, `html`, and what it is about, for who asks again when it is sent. Not stored yet."""
    house = vendor()
    return Delivery(
        person=person,
        address=person.email,
        kind=str(about.pop("kind", "account")),
        message_id=compose.new_message_id(0, 0, addresses().reply_domain),
        subject=subject,
        text=text,
        html=str(about.pop("html", "")),
        headers={"from_name": house.name, "from": house.support_address, "reply_to": "", "thread": [], **about},
        created_at=now,
    )


def link_letter(person: Person, now: datetime) -> Delivery:
    """A link to choose a password. At the policy's own address: the Host header of whoever asked must not choose where
    a secret link points.
    """
    key = {"uidb36": user_pk_to_url_str(person), "key": ResetTokens().make_token(person)}
    is_first = person.email_verified_at is None
    link = f"{vendor().portal_address}{reverse('account_reset_password_from_key', kwargs=key)}"
    text = render_to_string("casework/mail/link.txt", {"link": link, "is_first": is_first})
    return account_letter(person, _("Confirm your address") if is_first else _("Set a new password"), text, now)
