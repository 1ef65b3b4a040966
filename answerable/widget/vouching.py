"""Whom a product's host may vouch for (docs/decisions/0061). Whoever it may not is refused, and never half let in."""

from answerable.people.models import Organization, Person, Role
from answerable.people.queries import by_email, organization_of_address, organizations_of
from answerable.people.sso_queries import sign_on_for_address
from answerable.people.widget_queries import DEMO, EVERYBODY, Product
from answerable.widget.tokens import Claims


def why_not(product: Product, claims: Claims) -> str:
    """Why this host may not say that this is its user, for the log; "" where it may."""
    person = by_email(claims.email)
    return _why_not_of(product, claims, person) or _why_not_them(product, person)


def _why_not_of(product: Product, claims: Claims, person: Person | None) -> str:
    """What their address and organization say."""
    domain = claims.email.rpartition("@")[2]
    named = domain in product.vouches_for
    if not named and EVERYBODY not in product.vouches_for:
        return "its vouches_for does not name the domain"
    addresses = {claims.email, *([person.email] if person else [])}
    if not named and any(map(_wants_single_sign_on, addresses)):
        return "the organization wants single sign-on only, and vouches_for does not name its domain"
    if not _agrees(claims, organization_of_address(claims.email), person):
        return "the domain is another organization's than the one it names"
    return ""


def _why_not_them(product: Product, person: Person | None) -> str:
    if product.key == DEMO and (person is None or not person.demo):
        return "the demo vouches for the demo's people alone"
    if person is not None and person.role != Role.CUSTOMER:
        return "the address is one of the staff's"
    if person is not None and not person.is_active:
        return "the person is suspended"
    return ""


def _wants_single_sign_on(email: str) -> bool:
    sign_on = sign_on_for_address(email)
    return sign_on is not None and sign_on.sso_only


def _agrees(claims: Claims, organization: Organization | None, person: Person | None) -> bool:
    """A token makes nobody a member: the organization that it names is the domain's own, or one they are in."""
    if not claims.organization or organization is None or organization.slug == claims.organization:
        return True
    return person is not None and organizations_of(person).filter(slug=claims.organization).exists()
