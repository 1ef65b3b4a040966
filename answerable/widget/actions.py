"""Sessions begin with a host's token and end by themselves; what somebody has looked at is no longer unread."""

import logging
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.lib.errors import Refused
from answerable.people.actions import contact
from answerable.people.models import Person
from answerable.people.widget_queries import Product
from answerable.tickets.entry_queries import newest_reply
from answerable.tickets.models import Ticket
from answerable.widget.access import digest
from answerable.widget.models import Look, Session, SpentToken
from answerable.widget.tokens import LEEWAY, BadToken, Claims, read
from answerable.widget.vouching import why_not

logger = logging.getLogger(__name__)

LIFETIME = timedelta(minutes=15)


def begin(product: Product, origin: str, token: str, now: datetime) -> tuple[str, Session]:
    """Exchange a host's token, once, for a session's own; returns that with its row. Raises Refused."""
    if origin not in product.origins:
        _note(product, f"the page is at {origin[:200]!r}, which is none of the origins in the policy")
        words = _("Pages of %(origin)s may not show this support center.") % {"origin": origin[:200]}
        raise Refused("not_allowed", words, reason="origin")
    try:
        claims = read(product, token)
    except BadToken as bad:
        _note(product, str(bad))
        words = _("You could not be signed in: the token of this page is not right (%(why)s).") % {"why": bad}
        raise Refused("not_allowed", words, reason="token") from None
    if why := why_not(product, claims):
        _note(product, f"{claims.email} may not be vouched for: {why}")
        words = _("You could not be signed in: this product may not vouch for your address.")
        raise Refused("not_allowed", words, reason="address")
    return _begin(product, origin, claims, now)


def _note(product: Product, why: str) -> None:
    """Whoever builds the host's page looks here."""
    logger.warning("widget.%s: a token was refused: %s", product.key, why)


def _begin(product: Product, origin: str, claims: Claims, now: datetime) -> tuple[str, Session]:
    own = secrets.token_urlsafe(32)
    with transaction.atomic():
        if not _spend(product, claims):
            _note(product, "its jti was used before")
            words = _("You could not be signed in: the token of this page was used before.")
            raise Refused("not_allowed", words, reason="used")
        person = contact(claims.email, claims.name, now)
        row = Session.objects.create(
            digest=digest(own),
            product=product.key,
            origin=origin,
            person=person,
            epoch=person.session_epoch,
            subject=claims.subject,
            organization=claims.organization,
            began_at=now,
            expires_at=now + LIFETIME,
        )
        if not Look.objects.filter(person=person, ticket=None).exists():
            begun = {"at": now, "last_reply": newest_reply()}
            Look.objects.get_or_create(person=person, ticket=None, defaults=begun)
    return own, row


def _spend(product: Product, claims: Claims) -> bool:
    until = claims.expires_at + 2 * LEEWAY
    _row, is_first = SpentToken.objects.get_or_create(product=product.key, jti=claims.jti, defaults={"until": until})
    return is_first


def end(row: Session, now: datetime) -> None:
    """Its person has signed out with the host."""
    Session.objects.filter(pk=row.pk, ended_at__isnull=True).update(ended_at=now)


def looked(person: Person, ticket: Ticket, last_reply: int, now: datetime) -> None:
    """The person has the request before them, up to this reply. What they have seen they have not unseen."""
    last = min(last_reply, newest_reply(ticket))
    row, is_first = Look.objects.get_or_create(person=person, ticket=ticket, defaults={"at": now, "last_reply": last})
    if not is_first:
        Look.objects.filter(pk=row.pk, last_reply__lt=last).update(at=now, last_reply=last)


def forget(now: datetime) -> None:
    """Let go of tokens that are too old to be used, and of sessions a day after their end."""
    SpentToken.objects.filter(until__lte=now).delete()
    Session.objects.filter(expires_at__lte=now - timedelta(days=1)).delete()
