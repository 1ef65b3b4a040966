"""A person's own channels and rules: add, remove, ask for a test, hand a call over. What is secret is sealed."""

import json
import secrets
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record, system
from answerable.lib.errors import Refused, Undeliverable
from answerable.lib.sealed import Unreadable, seal, unseal
from answerable.notify import apprise_out, push_out, webhook_out
from answerable.notify.actions import summon
from answerable.notify.calls import Call
from answerable.notify.channel_queries import channels_of
from answerable.notify.channel_rows import Channel, Contact
from answerable.notify.models import Notice
from answerable.notify.push_services import Subscription
from answerable.people.models import Person
from answerable.people.queries import actor_of

MOST_CHANNELS = 10
LONGEST = timedelta(hours=2)
MAIL = "mail"


class Rule(NamedTuple):
    """`channel_id` None: the person's mail address."""

    channel_id: int | None
    after_seconds: int


def add_channel(person: Person, kind: str, name: str, address: str, now: datetime) -> tuple[Channel, str]:
    """A channel of this person, and the secret that its calls are signed with, which is never shown again ("" for
    none). Raises Refused."""
    name, address = " ".join(name.split())[:80], address.strip()
    if not name:
        raise Refused("name_missing", _("Give it a name, so that you know it again."))
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        held = channels_of(person)
        if len(held) >= MOST_CHANNELS:
            raise Refused("too_many", _("Ten channels are enough: remove one first."))
        if any(one.name == name for one in held):
            raise Refused("name_taken", _("Another channel of yours is called so."))
        shown = _host(address) if kind == "webhook" else apprise_out.service_of(address)
        secret = secrets.token_urlsafe(32) if kind == "webhook" else ""
        sealed = {"address": seal(address), "secret": seal(secret) if secret else ""}
        row = Channel(person=person, kind=kind, name=name, shown=shown, made_at=now, **sealed)
        begin(row, now)
    return row, secret


def begin(row: Channel, now: datetime) -> None:
    """Store it: it is used at once, as mail is. The caller has locked its person."""
    person = row.person
    row.save()
    Contact.objects.create(person=person, channel=row, after_seconds=0)
    # Whoever had no rules was written to at once, and still is.
    if not Contact.objects.filter(person=person, channel=None).exists():
        Contact.objects.create(person=person, channel=None, after_seconds=0)
    record(actor_of(person), "add_channel", ("person", person.pk), now, channel=row.pk, kind=row.kind, shown=row.shown)


def _host(address: str) -> str:
    try:
        found = urlsplit(address)
        host, _port = found.hostname or "", found.port
        host.encode("idna")  # of which no part is empty or too long: it would be refused at every call
    except ValueError:
        host, found = "", urlsplit("")
    if found.scheme != "https" or not host or found.username or len(host) > 200 or len(address) > 1000:
        raise Refused("bad_address", _("A webhook's address begins with https:// and holds no user name."))
    return host


def remove_channel(person: Person, pk: int, now: datetime) -> None:
    """Nothing goes there any more, and what it needed is forgotten."""
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        row = _own(person, pk)
        _end(row, now)
        record(actor_of(person), "remove_channel", ("person", person.pk), now, channel=pk, shown=row.shown)


def _end(row: Channel, now: datetime) -> None:
    Contact.objects.filter(channel=row).delete()
    if not Contact.objects.filter(person=row.person_id, after_seconds=0).exists():
        # Somebody must be reached at once: by mail, as if there were no rules.
        Contact.objects.update_or_create(person_id=row.person_id, channel=None, defaults={"after_seconds": 0})
    row.address = row.secret = ""
    row.removed_at, row.asked_at = now, None
    row.save(update_fields=["address", "secret", "removed_at", "asked_at", "lost"])


def lose(channel: Channel, why: str, now: datetime) -> None:
    """It reaches its person no more, and not by their will: it ends, and they are told, wherever they want to be."""
    # One that has got another address meanwhile is not lost.
    rows = Channel.objects.select_for_update().filter(pk=channel.pk, mark=channel.mark, removed_at__isnull=True)
    row = rows.first()
    if row is None:
        return
    row.lost = why[:300]
    _end(row, now)
    record(system("push"), "lose_channel", ("person", row.person_id), now, channel=row.pk, shown=row.shown)
    data = {"name": row.name, "path": "/desk/contacts"}
    summon([Notice(person_id=row.person_id, kind="channel_lost", key=f"channel_lost:{row.pk}", data=data, at=now)])


def _own(person: Person, pk: int) -> Channel:
    row = Channel.objects.select_for_update().filter(person=person, pk=pk, removed_at__isnull=True).first()
    if row is None:
        raise Refused("not_found", _("There is no such channel."))
    return row


def set_rules(person: Person, rules: Sequence[Rule], now: datetime) -> None:
    """From the next page on, these and no others. Raises Refused where nobody would be reached at once."""
    known = {one.pk for one in channels_of(person)} | {None}
    if any(rule.channel_id not in known for rule in rules):
        raise Refused("not_found", _("There is no such channel."))
    if any(not 0 <= rule.after_seconds <= LONGEST.total_seconds() for rule in rules):
        raise Refused("too_late", _("Choose a time of at most two hours."))
    if not any(rule.after_seconds == 0 for rule in rules):
        raise Refused("nothing_at_once", _("At least one channel must be used at once."))
    with transaction.atomic():
        Person.objects.select_for_update().get(pk=person.pk)
        Contact.objects.filter(person=person).delete()
        Contact.objects.bulk_create(Contact(person=person, channel_id=one, after_seconds=after) for one, after in rules)
        told = [{"channel": one, "after": after} for one, after in rules]
        record(actor_of(person), "contact_rules", ("person", person.pk), now, rules=told)


def ask_test(person: Person, pk: int, now: datetime) -> None:
    """Try it: a worker sends the test within seconds, and its result stands on the row."""
    with transaction.atomic():
        row = _own(person, pk)
        row.asked_at, row.tested_at, row.works, row.test_result = now, None, None, ""
        row.save(update_fields=["asked_at", "tested_at", "works", "test_result"])


def test_next(call: Call, now: datetime) -> bool:
    """Send one test that somebody asked for. False: there is none. Its row is locked meanwhile."""
    with transaction.atomic():
        # Not against its key: pages that name it are written meanwhile.
        rows = Channel.objects.select_for_update(skip_locked=True, no_key=True).filter(asked_at__isnull=False)
        row = rows.order_by("asked_at").first()
        if row is None:
            return False
        try:
            row.test_result, row.works = hand(row, call, now)[:300], True
        except Undeliverable as error:
            row.test_result, row.works = error.reason[:300], False
        row.tested_at, row.asked_at = now, None
        row.save(update_fields=["asked_at", "tested_at", "works", "test_result"])
    return True


def new_id() -> str:
    """Of a call that is no page."""
    return str(uuid.uuid4())


def hand(channel: Channel, call: Call, now: datetime) -> str:
    """Give the call to the channel; in words what became of it. Raises Undeliverable."""
    if channel.removed_at is not None:
        raise Undeliverable(channel.lost or "its person removed this channel", permanent=True)
    try:
        address, secret = unseal(channel.address), unseal(channel.secret) if channel.secret else ""
    except Unreadable:
        raise Undeliverable("the secret key has changed since: add the channel anew", permanent=True) from None
    try:
        return _given(channel.kind, address, secret, call, now)
    except push_out.Gone as error:
        lose(channel, error.reason, now)
        raise
    except Refused as error:
        raise Undeliverable(error.message, permanent=True) from None


def _given(kind: str, address: str, secret: str, call: Call, now: datetime) -> str:
    if kind == "webhook":
        return webhook_out.post(address, secret, call, now)
    if kind == "push":
        return push_out.send(Subscription(address, **json.loads(secret)), call, now)
    return apprise_out.send(address, call)
