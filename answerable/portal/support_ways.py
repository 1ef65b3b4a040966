"""Ways to reach us and to help oneself, as the policy has them open: each one a link that works."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.utils.translation import gettext as _

from answerable.lib.addresses import url
from answerable.policy.queries import Policy
from answerable.portal.public import known


@dataclass(frozen=True)
class Way:
    """One way in. `address`: a path of ours, mailto, or a product's; `label`: what its link says."""

    kind: str
    name: str
    about: str
    label: str
    address: str


def _form(policy: Policy) -> Way | None:
    if not policy.channels.form:
        return None
    about = _("Tell us what happened. You see at once by when we answer.")
    return Way("form", _("Submit a request"), about, _("Submit a request"), url("portal:form"))


def _mail(policy: Policy) -> Way | None:
    if not policy.channels.mail:
        return None
    address = policy.vendor.support_address
    about = _("A mail becomes the same request, with the same promise.")
    return Way("mail", _("Write to us"), about, address, f"mailto:{address}")


def _portal(_policy: Policy) -> Way:
    about = _("Read answers, reply, escalate, and see what we promised.")
    return Way("portal", _("Your requests"), about, _("Sign in"), url("portal:my_requests"))


# In this order; then the products.
WAYS: tuple[Callable[[Policy], Way | None], ...] = (_form, _mail, _portal)


def ways(policy: Policy) -> tuple[Way, ...]:
    """Those that are open to everybody."""
    return (*(way for one in WAYS if (way := one(policy))), *_in_products(policy))


def _in_products(policy: Policy) -> tuple[Way, ...]:
    """Where our support center stands in a product's own pages. One at localhost alone is still being built."""
    if not policy.channels.widget:
        return ()
    about = _("Open the support center on any page of the product that has it: search, ask, and read the answer there.")
    found = [(one.name, next(filter(_is_public, one.origins), "")) for one in policy.widget.values()]
    return tuple(
        Way("widget", _("In %(product)s") % {"product": name}, about, urlsplit(address).netloc, address)
        for name, address in found
        if address
    )


def _is_public(origin: str) -> bool:
    return origin.startswith("https://") and urlsplit(origin).hostname not in {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Resource:
    """What helps without asking us."""

    name: str
    about: str
    address: str


def resources(policy: Policy) -> tuple[Resource, ...]:
    """The help center, then the links of the policy."""
    links = tuple(Resource(one.name, one.about or "", one.address) for one in policy.support_page.links)
    return (*_help_center(policy), *links)


def _help_center(policy: Policy) -> tuple[Resource, ...]:
    """Once there is one."""
    address = known("portal:help")
    about = _("Answers about %(product)s, to search and to read.") % {"product": policy.vendor.product}
    return (Resource(_("Help center"), about, address),) if address else ()
