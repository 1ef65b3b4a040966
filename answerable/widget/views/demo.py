"""A page that plays a vendor's product, with two users of its own: only where the demo's people are."""

import uuid
from datetime import timedelta

import jwt
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.people.access import anyone
from answerable.people.models import Person
from answerable.people.widget_queries import DEMO, Product, demo_customers
from answerable.widget.access import product_here

FEW = 2


def _people() -> list[Person]:
    """From different organizations, as far as their addresses tell."""
    by_domain = {person.email.rpartition("@")[2]: person for person in reversed(demo_customers())}
    return list(reversed(by_domain.values()))[:FEW]


@require_safe
@anyone
def page(request: HttpRequest) -> HttpResponse:
    """The product, signed out; its own script signs its users in."""
    product_here(DEMO)
    return render(request, "widget/demo_product.html", {"people": _people(), "key": DEMO})


# It stands for a host's own server, which knows its user by a session of its own; here whoever asks is believed, and
# gets one of the demo's people.
@csrf_exempt
@require_POST
@anyone
def token(request: HttpRequest) -> HttpResponse:
    """A token for one of its users, as a host's server makes it."""
    product = product_here(DEMO)
    person = next((one for one in _people() if str(one.pk) == request.POST.get("user", "")), None)
    if person is None:
        raise Refused("not_found", _("The demo's product has no such user."))
    return JsonResponse({"token": _signed(product, person)})


def _signed(product: Product, person: Person) -> str:
    now = clock.now()
    claims = {
        "sub": f"demo-{person.pk}",
        "email": person.email,
        "email_verified": True,
        "name": person.name or person.email,
        "aud": product.audience,
        "iat": now,
        "exp": now + timedelta(minutes=5),
        "jti": str(uuid.uuid4()),
    }
    key = product.keys[0]
    return jwt.encode(claims, key.material, algorithm=product.algorithm, headers={"kid": key.id})
