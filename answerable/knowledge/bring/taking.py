"""Take a source in: what is new, what changed there since it was brought last, and nothing where nothing did.

Each article is a transaction of its own, so that one that is refused doesn't stop the rest. What somebody wrote here
since it was brought is never written over, and nobody reads more than before because it was brought again.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db import DatabaseError, transaction

from answerable.knowledge import actions, section_actions
from answerable.knowledge.actions import Origin, Place, Text
from answerable.knowledge.bring.terms import (
    ARCHIVED,
    CHANGED,
    DRAFT,
    NEW,
    PUBLISHED,
    SAME,
    Done,
    Left,
    Piece,
    Shelf,
    Source,
    Writing,
)
from answerable.knowledge.file_actions import add_files
from answerable.knowledge.models import Article, ArticleOrganization, Audience, Revision, Section, Translation
from answerable.knowledge.section_actions import SectionText
from answerable.lib.errors import Refused
from answerable.lib.uploads import CAPS, MB, Received, sniff
from answerable.people.models import Organization, Person

# What a revision says of itself: the next time it tells what was brought from what was written here.
NOTE = "Imported"
_FILE = re.compile(r"(?<=\]\()file:([^()\s]+)")
_WIDTH = {Audience.STAFF: 0, Audience.ORGANIZATIONS: 1, Audience.CUSTOMERS: 2, Audience.PUBLIC: 3}


class _Nothing(Exception):
    """Ends a transaction that only looked."""


@dataclass
class _Taking:
    by: Person
    now: datetime
    keep: bool
    shelves: dict[str, int] = field(default_factory=dict)
    organizations: dict[str, int] = field(default_factory=dict)
    owners: dict[str, int] = field(default_factory=dict)
    left: list[Left] = field(default_factory=list)


def take(by: Person, source: Source, now: datetime, *, keep: bool = True) -> Iterator[Done]:
    """What becomes of each article, as it is done. `keep=False`: only looked at, and nothing stays."""
    if keep:
        yield from _all(_begun(by, now, keep=True), source)
        return
    done: list[Done] = []
    with suppress(_Nothing), transaction.atomic():
        done += _all(_begun(by, now, keep=False), source)
        raise _Nothing
    yield from done


def _begun(by: Person, now: datetime, *, keep: bool) -> _Taking:
    organizations: dict[str, int] = {}
    for pk, slug, name in Organization.objects.values_list("pk", "slug", "name"):
        organizations |= {slug.lower(): pk, name.lower(): pk}
    staff = Person.objects.filter(is_active=True).exclude(role="customer").values_list("email", "pk")
    return _Taking(by, now, keep, organizations=organizations, owners=dict(staff))


def _all(taking: _Taking, source: Source) -> Iterator[Done]:
    taking.shelves = _put_shelves(taking, source.shelves)
    if taking.left:
        yield Done("", "", tuple(taking.left))
    for piece in source.pieces:
        taking.left = []
        try:
            with transaction.atomic():
                outcome = _take(taking, piece)
        except Refused as refused:
            yield Done(piece.name, SAME, (Left(piece.where, f"is not taken: {refused.message}"),))
        except DatabaseError as error:
            reason = str(error).strip().splitlines()[0]
            yield Done(piece.name, SAME, (Left(piece.where, f"is not taken: {reason}"),))
        else:
            yield Done(piece.name, outcome, tuple(taking.left))


def _put_shelves(taking: _Taking, shelves: Iterable[Shelf]) -> dict[str, int]:
    """The number of each section by its name. Those above come first, whatever the order of the source."""
    waiting = {shelf.name: shelf for shelf in shelves}
    done: dict[str, int] = {}

    def put(shelf: Shelf) -> int | None:
        if waiting.pop(shelf.name, None):
            above = waiting.get(shelf.parent)
            parent = put(above) if above else done.get(shelf.parent)
            try:
                with transaction.atomic():
                    done[shelf.name] = _put_shelf(taking, shelf, parent)
            except Refused as refused:
                taking.left.append(Left(f"section {shelf.title}", f"is not taken: {refused.message}"))
        return done.get(shelf.name)

    for shelf in list(waiting.values()):
        put(shelf)
    return done


def _put_shelf(taking: _Taking, shelf: Shelf, parent: int | None) -> int:
    """Made, or found by its name in the source, else by its title on the same shelf; told its title of today."""
    text = SectionText(
        shelf.title, shelf.description, parent, shelf.position, dict(shelf.titles), external_id=shelf.name
    )
    found = Section.objects.filter(external_id=shelf.name).first()
    if found is None:
        alike = Section.objects.filter(parent=parent, title__iexact=shelf.title, archived_at__isnull=True).first()
        return alike.pk if alike else section_actions.make_section(taking.by, text, taking.now).pk
    before = (found.title, found.description, found.parent_id, found.position, found.titles)
    if found.archived_at is None and before != (text.title, text.description, parent, text.position, text.titles):
        section_actions.change_section(taking.by, found.pk, text, taking.now)
    return found.pk


def _take(taking: _Taking, piece: Piece) -> str:
    article = Article.objects.select_for_update().filter(external_id=piece.name).first()
    if article is None:
        return _begin(taking, piece)
    if article.archived_at is not None:
        if any(one.state != ARCHIVED for one in piece.writings.values()):
            taking.left.append(Left(piece.where, "is archived here, and stays so"))
        return SAME
    if piece.writings[piece.locale].state == ARCHIVED:
        actions.archive(taking.by, article.pk, taking.now)
        return CHANGED
    changed = [_arrange(taking, piece, article)]
    texts = _with_files(taking, piece, article)
    changed += [_write(taking, piece, article, locale, one) for locale, one in texts.items()]
    return CHANGED if any(changed) else SAME


def _begin(taking: _Taking, piece: Piece) -> str:
    first = piece.writings[piece.locale]
    if first.state == ARCHIVED:
        taking.left.append(Left(piece.where, "is archived there, so it is not taken"))
        return SAME
    origin = Origin(external_id=piece.name, locale=piece.locale, created_at=piece.created_at)
    place = _place(taking, piece, _readers(taking, piece))
    row = actions.begin(taking.by, place, Text(first.title, first.body, NOTE), taking.now, origin)
    for locale, writing in _with_files(taking, piece, row.article).items():
        _write(taking, piece, row.article, locale, writing)
    return NEW


def _with_files(taking: _Taking, piece: Piece, article: Article) -> dict[str, Writing]:
    """The texts, once their files lie beside the article, calling them as they are called there."""
    names: dict[str, str] = {}
    for name, path in piece.files.items() if taking.keep else ():
        try:
            if path.stat().st_size > CAPS.each:
                taking.left.append(Left(piece.where, f"shows {name}, which is larger than {CAPS.each // MB} MB"))
                continue
            content = path.read_bytes()
        except OSError as error:
            taking.left.append(Left(piece.where, f"shows {name}, which cannot be read ({error.strerror})"))
            continue
        file = Received(name, sniff(content), content)
        names[name] = add_files(taking.by, article.pk, [file], taking.now)[0].name

    def called(match: re.Match[str]) -> str:
        return f"file:{names.get(match[1], match[1])}"

    return {
        locale: replace(one, body=_FILE.sub(called, one.body)) if names else one
        for locale, one in piece.writings.items()
    }


def _place(taking: _Taking, piece: Piece, readers: tuple[str, frozenset[int]]) -> Place:
    if piece.shelf not in taking.shelves:
        raise Refused("no_section", "its section is not there")
    owner = taking.owners.get(piece.owner)
    if piece.owner and owner is None:
        taking.left.append(Left(piece.where, f"has an owner who isn't of your team ({piece.owner[:80]})"))
    return Place(
        section=taking.shelves[piece.shelf],
        audience=readers[0],
        organizations=readers[1],
        owner=owner,
        review_on=taking.now.date() if piece.outdated else None,
        labels=tuple(dict.fromkeys(label.strip()[:64] for label in piece.labels if label.strip()))[:20],
        position=piece.position,
    )


def _readers(taking: _Taking, piece: Piece) -> tuple[str, frozenset[int]]:
    """The audience and the organizations that we know; staff alone where we know none of them."""
    if piece.readers.audience != Audience.ORGANIZATIONS:
        return piece.readers.audience, frozenset()
    known = {slug: taking.organizations[slug] for slug in piece.readers.organizations if slug in taking.organizations}
    for slug in piece.readers.organizations:
        if slug not in known:
            taking.left.append(Left(piece.where, f"is for {slug[:80]}, an organization that we don't know"))
    if not known:
        taking.left.append(Left(piece.where, "is for no organization that we know: only your team reads it"))
        return Audience.STAFF, frozenset()
    return Audience.ORGANIZATIONS, frozenset(known.values())


def _arrange(taking: _Taking, piece: Piece, article: Article) -> bool:
    """Its section, labels, place and owner follow the source; its readers too, as long as they don't become more."""
    before = _readers_of(article)
    readers = _readers(taking, piece)
    if _wider(before, readers):
        words = "has more readers there than here: who reads it stays as it is here"
        taking.left.append(Left(piece.where, words))
        readers = before
    place = _place(taking, piece, readers)
    owner, review = place.owner or article.owner_id, place.review_on or article.review_on
    place = Place(place.section, place.audience, place.organizations, owner, review, place.labels, place.position)
    now = (article.section_id, article.owner_id, article.review_on, tuple(article.labels), article.position)
    if before == readers and now == (place.section, owner, review, place.labels, place.position):
        return False
    actions.arrange(taking.by, article.pk, place, article.version, taking.now)
    return True


def _readers_of(article: Article) -> tuple[str, frozenset[int]]:
    named = ArticleOrganization.objects.filter(article=article).values_list("organization_id", flat=True)
    return article.audience, frozenset(named)


def _wider(before: tuple[str, frozenset[int]], after: tuple[str, frozenset[int]]) -> bool:
    if _WIDTH[Audience(before[0])] != _WIDTH[Audience(after[0])]:
        return _WIDTH[Audience(before[0])] < _WIDTH[Audience(after[0])]
    return not after[1] <= before[1]


def _write(taking: _Taking, piece: Piece, article: Article, locale: str, writing: Writing) -> bool:
    """One language. True: something of it changed."""
    row = Translation.objects.filter(article=article, locale=locale).first()
    text = Text(writing.title, writing.body, NOTE)
    if row is None:
        _publish(taking, actions.translate(taking.by, article, locale, text, taking.now), writing)
        return True
    brought = Revision.objects.filter(translation=row, note=NOTE).order_by("-number").first()
    if brought is not None and (brought.title, brought.body) == (" ".join(text.title.split()), text.body.strip()):
        # What somebody published or took back here since stays so; only its first time follows the source.
        return row.first_published_at is None and row.revision == brought.number and _publish(taking, row, writing)
    if brought is None or brought.number != row.revision:
        words = "changed there, and somebody wrote here since it was brought: it is left as it is here"
        taking.left.append(Left(f"{piece.where} ({locale})", words))
        return False
    was_taken_back = row.published is None and row.first_published_at is not None
    saved = actions.save(taking.by, row.pk, text, row.revision, taking.now)
    if was_taken_back and writing.state == PUBLISHED:
        words = "changed there, and is not published here any more: the text is saved, and stays a draft"
        taking.left.append(Left(f"{piece.where} ({locale})", words))
    else:
        _publish(taking, saved, writing)
    return True


def _publish(taking: _Taking, row: Translation, writing: Writing) -> bool:
    """What the source shows its readers is shown here; what it doesn't is a draft."""
    if writing.state == PUBLISHED and row.published != row.revision:
        actions.publish(taking.by, row.pk, taking.now)
        return True
    if writing.state == DRAFT and row.published is not None:
        actions.unpublish(taking.by, row.pk, taking.now)
        return True
    return False
