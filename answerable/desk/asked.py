"""What an address or a form asks for, as far as it can be meant: PostgreSQL keeps no NUL, and no number is so long."""

from django.http import QueryDict


def words_in(data: QueryDict, name: str, most: int) -> str:
    """The words of a search, cut to `most` characters."""
    return data.get(name, "").replace("\x00", "").strip()[:most]


def number_in(text: str) -> int | None:
    """The number of a request, as people write it."""
    found = text.strip().removeprefix("#").strip()
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 18 else None
