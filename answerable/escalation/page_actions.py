"""Each page on its way: taken when it is due, handed to its channel, and what became of it.

A page that is taken is due again some seconds later: whoever took it and died leaves it to the next worker, which hands
it over once more under the same id. A try is counted once it begins: a job that only waits for its turn is none.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from answerable.escalation.alert_actions import PAGING, write
from answerable.escalation.alerts import Alert, Page
from answerable.escalation.paging import Entry
from answerable.lib import sql
from answerable.lib.errors import Undeliverable
from answerable.lib.rows import columns, cursor, read, statement, update, update_many
from answerable.notify.calls import Call
from answerable.notify.channel_actions import hand
from answerable.notify.models import Delivery

# Of the mails that pages are.
KIND = "page"
# How long whoever took a page has to hand it over, and how often that is tried.
HELD, MOST_TRIES = timedelta(seconds=20), 4
# How long a job may wait for its turn until there is another one for its page.
QUEUED = timedelta(minutes=2)
RETRY_SECONDS = (5, 15, 45)


class Taken(NamedTuple):
    """A page to hand over. `way`: "mail", or a channel."""

    id: int
    way: str


# A mail is handed over by whoever takes it; anything else by a job.
_TAKE = """
UPDATE escalation_page SET due_at = CASE way WHEN 'mail' THEN %(held)s ELSE %(queued)s END,
  tries = tries + CASE way WHEN 'mail' THEN 1 ELSE 0 END
WHERE id IN (
  SELECT id FROM escalation_page WHERE state = 'waiting' AND due_at <= %(now)s
  ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
) RETURNING id, way
"""
_BEGIN = """
UPDATE escalation_page SET due_at = %(held)s, tries = tries + 1 WHERE id IN (
  SELECT id FROM escalation_page WHERE state = 'waiting' AND id = %(id)s FOR UPDATE SKIP LOCKED
) RETURNING id
"""


def take_due(now: datetime, limit: int) -> list[Taken]:
    """Pages whose time has come, in the caller's transaction, which also sees to it that they are handed over."""
    ends = {"held": now + HELD, "queued": now + QUEUED}
    return [Taken(*row) for row in sql.rows(_TAKE, {"now": now, "limit": limit, **ends})]


def begin(page_id: int, now: datetime) -> None:
    """Its job begins: stored before anything is tried, so that what kills its worker is not tried for ever."""
    sql.rows(_BEGIN, {"id": page_id, "held": now + HELD})


def lock_waiting(page_ids: Collection[int], now: datetime) -> list[Page]:
    """Those of these pages that still have to leave, locked; what nobody needs any more is void."""
    rows = Page.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk__in=page_ids, state="waiting")
    found = rows.select_related("alert", "alert__team", "person", "channel").order_by("pk")
    return [page for page in found if _must_leave(page, now)]


def _must_leave(page: Page, now: datetime) -> bool:
    if page.alert.state != "open":
        _done(page, "void", "somebody has seen it" if page.alert.state == "acked" else "it is over", now)
        return False
    if not page.person.is_staff:
        _failed(page, "no longer one of the staff", now)
        return False
    if page.tries > MOST_TRIES:
        _failed(page, "could not be handed over: whoever tried was stopped", now)
        return False
    return True


def send(page: Page, call: Call, now: datetime) -> None:
    """Hand a locked page to its channel."""
    if page.channel is None:
        _failed(page, "its person removed this channel", now)
        return
    try:
        _done(page, "sent", hand(page.channel, call, now), now)
    except Undeliverable as error:
        put_off(page, error, now)


def put_off(page: Page, error: Undeliverable, now: datetime) -> None:
    """Soon again, or never."""
    if error.permanent or page.tries >= MOST_TRIES:
        _failed(page, error.reason, now)
        return
    wait = max(RETRY_SECONDS[page.tries - 1], error.after_seconds)
    page.due_at, page.result = now + timedelta(seconds=wait), error.reason[:300]
    page.save(update_fields=["due_at", "result"])


def handed(pages: Sequence[Page], deliveries: Sequence[Delivery]) -> None:
    """They are in the outbox, each as this mail."""
    for page, delivery in zip(pages, deliveries, strict=True):
        page.state, page.due_at, page.delivery = "handed", None, delivery
    update_many(pages, ("state", "due_at", "delivery_id"))


_WANTED = """
SELECT page.state <> 'void' AND alert.state = 'open' FROM escalation_page page
JOIN escalation_alert alert ON alert.id = page.alert_id WHERE page.delivery_id = %(delivery)s ORDER BY page.id LIMIT 1
"""


def is_wanted(delivery: Delivery) -> bool:
    """Whether the alert of this mail still pages, and by this page. A mail for a test always leaves."""
    found = sql.rows(_WANTED, {"delivery": delivery.pk})
    return not found or bool(found[0][0])


_MAILED = statement(
    "SELECT {page} FROM escalation_page page WHERE delivery_id = $1 ORDER BY id LIMIT 1 FOR UPDATE",
    page=columns(Page, "page"),
)


def _lock_mailed(delivery: Delivery) -> Page | None:
    """The page that left as this mail."""
    with cursor() as asked:
        asked.execute(_MAILED, [delivery.pk])
        row = asked.fetchone()
    return read(Page, row) if row else None


def note_mail(delivery: Delivery, now: datetime) -> None:
    """What became of the mail that a page is: sent, not sent for good, or returned afterwards."""
    page = _lock_mailed(delivery)
    if page is None or page.state == "failed":
        return
    # One that nobody needs any more may have been on its way already.
    if delivery.state == "sent":
        _done(page, "sent", "the mail server took it", now)
    elif page.state == "void":
        return
    elif delivery.state == "suppressed" and not is_wanted(delivery):
        _done(page, "void", delivery.last_error, now)
    elif delivery.state in {"failed", "bounced", "suppressed"}:
        _failed(page, delivery.last_error or delivery.state, now)
    elif delivery.last_error:
        page.result = delivery.last_error[:300]
        page.save(update_fields=["result"])


def _done(page: Page, state: str, result: str, now: datetime) -> None:
    page.state, page.result, page.due_at, page.done_at = state, result[:300], None, now
    update(page, "state", "result", "due_at", "done_at")


def _failed(page: Page, why: str, now: datetime) -> None:
    """The person's next channel is used at once; with none left, and nobody else reached, so is the next step."""
    _done(page, "failed", why, now)
    with transaction.atomic():
        # Two that fail at once take turns here: the second one sees the first.
        alert = Alert.objects.select_for_update().get(pk=page.alert_id)
        others = Page.objects.filter(alert=alert, turn=page.turn, number=page.number)
        ahead = others.filter(person=page.person_id, state="waiting", tries=0).order_by("due_at")
        # One that a worker has in hand needs no word, and whoever has it may wait for this alert.
        following = ahead.select_for_update(skip_locked=True, of=("self",)).first()
        if following is not None:
            Page.objects.filter(pk=following.pk).update(due_at=now)
        elif alert.state == "open" and not others.filter(state__in=["waiting", "handed", "sent"]).exists():
            write(alert, [Entry("unreached", now, page.turn, {"number": page.number})], PAGING, now)
            _go_on(alert, now)


def _go_on(alert: Alert, now: datetime) -> None:
    """To the next step at once; a level of the ladder has run out, and the ladder goes on."""
    if alert.level is None:
        alert.due_at = now
    else:
        alert.out_at = alert.out_at or now
    alert.save(update_fields=["due_at", "out_at"])
