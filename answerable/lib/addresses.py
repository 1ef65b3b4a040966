"""Paths of named pages. They stay the same while the process lives, and a page names up to twenty."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache

from django.urls import get_script_prefix, reverse, set_script_prefix


def url(name: str, **arguments: object) -> str:
    """The path of a named page."""
    return _path(get_script_prefix(), name, *arguments.items())


@lru_cache(maxsize=2048)
def _path(_prefix: str, name: str, *arguments: tuple[str, object]) -> str:
    """`reverse` puts the prefix of the moment first by itself."""
    return reverse(name, kwargs=dict(arguments))


@contextmanager
def mounted(prefix: str) -> Iterator[None]:
    """Every path of a page begins with `prefix`, as if the whole program were mounted there."""
    before = get_script_prefix()
    set_script_prefix(prefix)
    try:
        yield
    finally:
        set_script_prefix(before)
