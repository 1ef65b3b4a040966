"""Paths of named pages. They stay the same while the process lives, and a page names up to twenty."""

from functools import lru_cache

from django.urls import reverse


def url(name: str, **arguments: object) -> str:
    """The path of a named page."""
    return _path(name, *arguments.items())


@lru_cache(maxsize=2048)
def _path(name: str, *arguments: tuple[str, object]) -> str:
    return reverse(name, kwargs=dict(arguments))
