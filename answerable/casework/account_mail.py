"""Queue mails about a person's own account."""

from datetime import datetime

from django.db import transaction

from answerable.casework.account_letters import account_letter
from answerable.casework.later import DELIVER_PRIORITY, deliver
from answerable.notify.actions import post
from answerable.notify.models import Delivery
from answerable.people.models import Person


def post_account_mail(person: Person, subject: str, text: str, now: datetime, **about: object) -> Delivery:
    """It leaves like every other mail."""
    delivery = account_letter(person, subject, text, now, **about)
    with transaction.atomic():
        post([delivery])
        deliver.configure(priority=DELIVER_PRIORITY).defer(delivery_id=delivery.pk)
    return delivery
