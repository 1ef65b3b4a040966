"""Who knocks at the widget's doors: a product of the policy, and in its name a person by a session's token, or nobody.

No cookie counts here: whoever is logged in at the desk or in the portal is nobody without a session of the widget's.
"""

import hashlib
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import cast

from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponseBase, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.lib.zones import zone
from answerable.people.access import DOORS
from answerable.people.models import Person, Role
from answerable.people.queries import vendor
from answerable.people.widget_queries import Product, product_of
from answerable.widget.models import Session


class WidgetRequest(HttpRequest):
    """A request from the widget of a product. `person` None: of somebody whom the host has not named."""

    product: Product
    session_of: Session | None
    person: Person | None


class KnownRequest(WidgetRequest):
    """One whose person is known."""

    session_of: Session
    person: Person


# A view takes a WidgetRequest or a KnownRequest, and what its path names besides the product.
View = Callable[..., HttpResponseBase]


def digest(token: str) -> str:
    """What is kept of a session's token. It is random and long, so that nothing is found by trying."""
    return hashlib.sha256(token.encode()).hexdigest()


def session_of(product: Product, token: str, now: datetime) -> Session | None:
    """The session that this token proves, if all that it rests on still holds."""
    row = Session.objects.select_related("person").filter(digest=digest(token)).first()
    return row if row is not None and _holds(row, product, now) else None


def session_with(product: Product, pk: int, now: datetime) -> Session | None:
    """The session with this id, by an address of its own, if it still holds."""
    row = Session.objects.select_related("person").filter(pk=pk).first()
    return row if row is not None and _holds(row, product, now) else None


def _holds(row: Session, product: Product, now: datetime) -> bool:
    if row.product != product.key or row.ended_at is not None or row.expires_at <= now:
        return False
    person = row.person
    if not person.is_active or person.role != Role.CUSTOMER or person.merged_into_id is not None:
        return False
    return person.session_epoch == row.epoch and row.origin in product.origins


def product_here(key: str) -> Product:
    """The product with this key. Raises Refused."""
    product = product_of(key)
    if product is None:
        raise Refused("not_found", _("There is no support center at this address."))
    return product


def visitor(view: View) -> View:
    """Anybody in a product's widget: with a session's token that person, without one nobody."""
    return _door("widget_visitor", view)


def known(view: View) -> View:
    """Only whom the host has named."""
    return _door("widget_known", view, needs_session=True)


def _door(name: str, view: View, *, needs_session: bool = False) -> View:
    # Without cookies nothing is sent along that a foreign page could make a browser send.
    @csrf_exempt
    @wraps(view)
    def enter(request: HttpRequest, key: str, **named: object) -> HttpResponseBase:
        product, token = product_here(key), _bearer(request)
        row = session_of(product, token, clock.now()) if token else None
        if row is None and (token or needs_session):
            return _over()
        asked = cast("WidgetRequest", request)
        asked.product, asked.session_of, asked.person = product, row, row.person if row else None
        request.user = row.person if row else AnonymousUser()
        own = row.person.zone if row else ""
        with timezone.override(zone(own, request.headers.get("X-Zone", "")[:64], vendor().zone)):
            response = view(asked, **named)
        response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    DOORS[enter] = name
    return enter


def _bearer(request: HttpRequest) -> str:
    kind, _space, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if kind.lower() == "bearer" else ""


def _over() -> HttpResponseBase:
    """The widget asks its host for a new token then."""
    words = _("Your session is over. Close the support center, and open it again.")
    answer = JsonResponse({"error": "session_over", "message": words}, status=401)
    answer.headers["WWW-Authenticate"] = "Bearer"
    return answer
