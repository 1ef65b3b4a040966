"""People and organizations by what one types of them: a few at once for a search, and those that a filter means."""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from answerable.lib import sql
from answerable.lib.folding import fold, words_of
from answerable.people.models import INTERNAL

# A filter that fits more is no filter.
MOST = 50


@dataclass(frozen=True)
class Named:
    """A person (`person`) or an organization (`org`): `key` is in its address, `about` stands beside the name."""

    kind: str
    key: str
    name: str
    about: str


_WORDS = "to_tsvector('simple'::regconfig, answerable_fold((p.name || ' ') || p.email))"
_PEOPLE = """
SELECT 'person', p.id::text, coalesce(nullif(p.name, ''), p.email), concat_ws(' · ', nullif(p.email, ''),
  (SELECT string_agg(o.name, ', ') FROM people_membership m JOIN people_organization o ON o.id = m.organization_id
   WHERE m.person_id = p.id))
FROM people_person p WHERE p.merged_into_id IS NULL AND {words} @@ to_tsquery('simple', %(words)s)
ORDER BY p.is_active DESC, p.name, p.email LIMIT %(most)s
"""
_IS_IT = "answerable_fold(o.name) LIKE ALL(%(likes)s::text[]) OR EXISTS (SELECT FROM people_domain d WHERE \
d.organization_id = o.id AND d.name LIKE ALL(%(domains)s::text[]))"
_ORGANIZATIONS = """
SELECT 'org', o.slug, o.name,
  coalesce((SELECT string_agg(d.name, ', ' ORDER BY d.name) FROM people_domain d WHERE d.organization_id = o.id), '')
FROM people_organization o WHERE o.slug <> %(internal)s AND ({is_it}) ORDER BY lower(o.name), o.id LIMIT %(most)s
"""


_NAMED = f"({_PEOPLE.format(words=_WORDS)}) UNION ALL ({_ORGANIZATIONS.format(is_it=_IS_IT)})"


def named(text: str, most: int) -> tuple[list[Named], list[Named]]:
    """People whose names or addresses have words that begin so, and organizations that have them; in one statement."""
    words = words_of(text)[:10]
    if not words:
        return [], []
    values = {
        "words": " & ".join(f"{word}:*" for word in words),
        "likes": [f"%{word}%" for word in words],
        "domains": [f"%{word}%" for word in words],
        "most": most,
        "internal": INTERNAL,
    }
    found = [Named(*row) for row in sql.rows(_NAMED, values)]
    return [one for one in found if one.kind == "person"], [one for one in found if one.kind == "org"]


@dataclass(frozen=True)
class Meant:
    """Whom a filter means. None: `why` says so, `close` is a name that it may have meant."""

    ids: tuple[int, ...] = ()
    why: str = ""
    close: str = ""


_EXACT_ORG = """
SELECT o.id FROM people_organization o WHERE o.slug = %(said)s OR lower(o.name) = %(said)s
  OR EXISTS (SELECT FROM people_domain d WHERE d.organization_id = o.id AND d.name = %(said)s) LIMIT %(most)s
"""
_LIKE_ORG = "SELECT o.id FROM people_organization o WHERE {is_it} ORDER BY o.id LIMIT %(most)s"
_ORG_NAMES = "SELECT o.name FROM people_organization o ORDER BY o.id DESC LIMIT 1000"


def organizations_meant(said: str) -> Meant:
    """By its key, name or domain; else all that have these words."""
    words = words_of(said)[:10]
    likes = [f"%{word}%" for word in words]
    values = {"said": said.strip().lower(), "likes": likes, "domains": likes, "most": MOST + 1}
    found = sql.rows(_EXACT_ORG, values) or (sql.rows(_LIKE_ORG.format(is_it=_IS_IT), values) if words else [])
    return _meant(found, said, _("No organization is called “%(said)s”."), _ORG_NAMES)


_STAFF = """
SELECT p.id FROM people_person p WHERE p.role <> 'customer' AND p.merged_into_id IS NULL
  AND (p.email = %(said)s OR {words} @@ to_tsquery('simple', %(words)s)) LIMIT %(most)s
"""
_STAFF_NAMES = "SELECT p.name FROM people_person p WHERE p.role <> 'customer' AND p.is_active ORDER BY p.id LIMIT 1000"


def staff_meant(said: str) -> Meant:
    """Of the staff, by address or by beginnings of names."""
    return _meant(_by_words(_STAFF, said), said, _("Nobody of the staff is called “%(said)s”."), _STAFF_NAMES)


_EXACT_PERSON = "SELECT p.id FROM people_person p WHERE p.email = %(said)s"
_PERSON = """
SELECT p.id FROM people_person p
WHERE p.merged_into_id IS NULL AND {words} @@ to_tsquery('simple', %(words)s) LIMIT %(most)s
"""


def people_meant(said: str) -> Meant:
    """Anybody, by address or by beginnings of names."""
    found = sql.rows(_EXACT_PERSON, {"said": said.strip().lower()}) or _by_words(_PERSON, said)
    return _meant(found, said, _("Nobody is called “%(said)s”."), "")


def _by_words(statement: str, said: str) -> list[tuple[int]]:
    words = words_of(said)[:10]
    if not words:
        return []
    asked = {"said": said.strip().lower(), "words": " & ".join(f"{word}:*" for word in words), "most": MOST + 1}
    return sql.rows(statement.format(words=_WORDS), asked)


_TEAMS = "SELECT t.id, t.key, t.name FROM people_team t ORDER BY t.id"


def teams_meant(said: str) -> Meant:
    """By key or a part of the name."""
    rows = sql.rows(_TEAMS, {})
    said = fold(said.strip())
    exact = [(pk,) for pk, key, name in rows if said in (fold(key), fold(name))]
    found = exact or [(pk,) for pk, key, name in rows if said and (said in fold(name) or said in fold(key))]
    if found:
        return Meant(tuple(pk for (pk,) in found))
    return Meant(why=_("No team is called “%(said)s”.") % {"said": said[:60]}, close=_close(said, [r[1] for r in rows]))


def _meant(found: Sequence[tuple[int]], said: str, none: str, names: str) -> Meant:
    if len(found) > MOST:
        return Meant(why=_("“%(said)s” fits more than %(most)s: say more of the name.") % {"said": said, "most": MOST})
    if found:
        return Meant(tuple(pk for (pk,) in found))
    known = [name for (name,) in sql.rows(names, {})] if names else []
    return Meant(why=none % {"said": said[:60]}, close=_close(said, known))


def _close(said: str, known: Sequence[str]) -> str:
    """The name that is most like it; also where only one of its words is."""
    whole = {fold(name): name for name in known if name}
    parts = {word: name for name in known for word in words_of(name)}
    found = get_close_matches(fold(said), [*whole, *parts], 1, 0.7)
    return (whole.get(found[0]) or parts[found[0]]) if found else ""
