"""Mails about a person's own account (a password to set anew): to that person alone, and not to be read by admins."""

from datetime import datetime

from django.db import transaction

from answerable.casework.later import deliver
from answerable.casework.settle import DELIVER_PRIORITY
from answerable.mail import compose
from answerable.mail.queries import addresses
from answerable.notify.actions import post
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.people.queries import vendor


def post_account_mail(person: Person, subject: str, text: str, now: datetime, **about: object) -> Delivery:
    """Queue it; it leaves like every other mail. `kind`, and what it is about, for who asks again when it is sent."""
    house = vendor()
    delivery = Delivery(
        person=person,
        address=person.email,
        kind=str(about.pop("kind", "account")),
        message_id=compose.new_message_id(0, 0, addresses().reply_domain),
        subject=subject,
        text=text,
        headers={"from_name": house.name, "from": house.support_address, "reply_to": "", "thread": [], **about},
        created_at=now,
    )
    with transaction.atomic():
        post([delivery])
        deliver.configure(priority=DELIVER_PRIORITY).defer(delivery_id=delivery.pk)
    return delivery
