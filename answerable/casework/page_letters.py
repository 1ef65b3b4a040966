"""What a page says, as a mail or as a call to somebody's own channel. It names no words of the request: they stay where
access is asked, and where they can be removed for good."""

from datetime import datetime

from django.utils.translation import gettext as _

from answerable.casework.account_letters import account_letter
from answerable.casework.page_links import page_token
from answerable.casework.wordings import words
from answerable.escalation.alert_queries import open_for
from answerable.escalation.alerts import Alert, Page
from answerable.escalation.page_actions import KIND
from answerable.lib.addresses import url
from answerable.mail import tokens
from answerable.mail.queries import addresses, token_keys
from answerable.mail.wording import Value
from answerable.notify.calls import Call
from answerable.notify.models import Delivery
from answerable.people.models import Person
from answerable.people.queries import vendor


def letter(page: Page, now: datetime) -> Delivery:
    """A page by mail; answering it acknowledges (E-41). Not stored yet."""
    alert = page.alert
    seen = _absolute(url("desk:page_link", token=page_token(alert.pk, page.person_id, now)))
    values = {
        "vendor": Value(vendor().name),
        "news": Value(alert.title),
        "about": Value(_team(alert)),
        "seen": Value(seen),
        "link": Value(_absolute(url("desk:alert", pk=alert.pk))),
    }
    title = _title(alert, page.number)
    text, html = words(KIND, values, title)
    row = account_letter(page.person, title.replace("[", "(").replace("]", ")"), text, now, kind=KIND, html=html)
    reply = tokens.make("ack", alert.pk, page.person_id, token_keys())
    row.headers["reply_to"] = f"{reply}@{addresses().reply_domain}"
    return row


def test_letter(person: Person, now: datetime) -> Delivery:
    """Whether mail reaches them at all."""
    text = _("This is a test that you asked for: a page by mail reaches you. There is nothing to do.")
    return account_letter(person, _("Test of your pages"), text, now, kind=KIND)


def call(page: Page, now: datetime) -> Call:
    """The same for a channel of their own: it goes through other people's hands, so nobody's words are in it."""
    alert = page.alert
    return Call(
        id=str(page.uuid),
        kind="page",
        title=_title(alert, page.number),
        text=_team(alert),
        link=_absolute(url("desk:page_link", token=page_token(alert.pk, page.person_id, now))),
        severity=alert.severity,
        alert=alert.pk,
        open_alerts=open_for(page.person_id) if page.channel is not None and page.channel.kind == "push" else None,
    )


def test_call(call_id: str) -> Call:
    """A test of a channel."""
    text = _("This is a test that you asked for. There is nothing to do.")
    return Call(call_id, "test", _("Test of your pages"), text, _absolute(url("desk:contacts")))


def _title(alert: Alert, number: int) -> str:
    """The first page bears the title alone."""
    if number == 0:
        return alert.title
    return _("%(title)s (page %(number)s)") % {"title": alert.title, "number": number + 1}


def _team(alert: Alert) -> str:
    name = alert.team.name if alert.team else _("No team yet")
    if not alert.is_drill:
        return name
    return _("This is a DRILL (%(team)s). No customer waits: say that you have it, and it ends.") % {"team": name}


def _absolute(link: str) -> str:
    return link if link.startswith("http") else f"{vendor().portal_address}{link}"
