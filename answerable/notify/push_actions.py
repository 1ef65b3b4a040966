"""Browsers as channels: turned on by their person, renewed by the browser itself, of one person at a time."""

import json
from datetime import datetime

from django.core import signing
from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.lib.browsers import browser
from answerable.lib.errors import Refused
from answerable.lib.sealed import seal
from answerable.notify.channel_actions import MOST_CHANNELS, begin, lose
from answerable.notify.channel_queries import channels_of
from answerable.notify.channel_rows import Channel
from answerable.notify.push_services import Subscription, service_of
from answerable.people.models import Person
from answerable.people.queries import actor_of

_SALT = "notify.push"


def turn_on(person: Person, given: Subscription, agent: str, now: datetime) -> Channel:
    """Pages of this person reach this browser, and at once a test. `agent`: its User-Agent header. Raises Refused."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        row = Channel.objects.select_for_update().filter(mark=given.mark, removed_at__isnull=True).first()
        if row is not None and row.person_id != person.pk:
            # Their pages, with links that answer in their name, would be read by somebody else.
            lose(row, _("somebody else turned push on in this browser"), now)
            row = None
        if row is None:
            row = _new(person, given, agent, now)
        else:
            _keep(row, given)
        row.asked_at, row.tested_at, row.works, row.test_result = now, None, None, ""
        row.save()
    return row


def _new(person: Person, given: Subscription, agent: str, now: datetime) -> Channel:
    held = channels_of(person)
    if len(held) >= MOST_CHANNELS:
        raise Refused("too_many", _("Ten channels are enough: remove one first."))
    row = Channel(person=person, kind="push", name=_named(agent, {one.name for one in held}), made_at=now)
    _keep(row, given)
    begin(row, now)
    return row


def _named(agent: str, taken: set[str]) -> str:
    """ "Firefox, Linux"; the second one is "Firefox, Linux (2)"."""
    name = browser(agent) or _("A browser")
    names = (name, *(f"{name} ({number})" for number in range(2, MOST_CHANNELS + 2)))
    return next(one for one in names if one not in taken)


def _keep(row: Channel, given: Subscription) -> None:
    row.address, row.mark, row.shown = seal(given.endpoint), given.mark, f"Push, {service_of(given)}"
    row.secret = seal(json.dumps({"p256dh": given.p256dh, "auth": given.auth}))


def renewal_token(channel: Channel) -> str:
    """With it that browser may say that its address has changed, also while nobody is logged in there."""
    return signing.dumps(channel.pk, salt=_SALT)


def renew(token: str, given: Subscription, now: datetime) -> None:
    """The browser has another address from now on. Raises Refused where it is no channel (any more)."""
    try:
        pk = signing.loads(token, salt=_SALT)
    except signing.BadSignature:
        pk = None
    with transaction.atomic():
        rows = Channel.objects.select_for_update(of=("self",)).select_related("person")
        row = rows.filter(pk=pk, kind="push", removed_at__isnull=True).first()
        if row is None or not row.person.is_staff:
            raise Refused("not_found", _("There is no such channel."))
        if row.mark != given.mark and Channel.objects.filter(mark=given.mark, removed_at__isnull=True).exists():
            raise Refused("taken", _("Push was turned on anew in this browser."))
        is_news = row.mark != given.mark
        _keep(row, given)
        row.save(update_fields=["address", "secret", "mark", "shown"])
        if is_news:
            record(actor_of(row.person), "renew_channel", ("person", row.person_id), now, channel=pk, shown=row.shown)
