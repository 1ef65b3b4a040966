"""Public pages: their one address at the vendor's domain, whatever name the browser used, and how others name them."""

from django.urls import NoReverseMatch

from answerable.lib.addresses import url
from answerable.people.models import Person
from answerable.people.queries import vendor


def absolute(name: str, **arguments: object) -> str:
    """The address of a named page at the vendor's domain: for canonical links, feeds, sitemaps, what machines read."""
    return f"{vendor().portal_address}{url(name, **arguments)}"


def head(title: str, description: str, canonical: str, kind: str = "website") -> dict[str, object]:
    """What `ui/_public_head.html` needs; `kind` is "article" for one."""
    return {"title": title, "description": description, "canonical": canonical, "kind": kind}


def form_is_open(person: Person | None) -> bool:
    """To this reader: who is signed in may always ask, others where [channels] has the form open."""
    return person is not None or bool(vendor().settings.get("channels", {}).get("form", True))


def known(name: str) -> str:
    """The path of a page that a room may bring later; "" while no page has this name."""
    try:
        return url(name)
    except NoReverseMatch:
        return ""
