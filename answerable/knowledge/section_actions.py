"""The verbs of shelves: made, renamed, moved, archived once nothing stands on them."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.knowledge.access import may_publish
from answerable.knowledge.languages import LANGUAGES
from answerable.knowledge.models import Article, Section
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

DEEPEST = 3


@dataclass(frozen=True)
class SectionText:
    """What a section is called, in other languages too, what it is about, where it stands."""

    title: str
    description: str = ""
    parent: int | None = None
    position: int = 0
    titles: dict[str, str] = field(default_factory=dict)
    external_id: str = ""


def make_section(by: Person, text: SectionText, now: datetime) -> Section:
    """A new one. Nobody outside the team sees it before it has an article that they may read."""
    _require_publisher(by)
    with transaction.atomic():
        section = Section(external_id=text.external_id)
        _put(section, text)
        record(actor_of(by), "make_section", ("section", section.pk), now)
    return section


def change_section(by: Person, pk: int, text: SectionText, now: datetime) -> Section:
    """Another title, description or place."""
    _require_publisher(by)
    with transaction.atomic():
        section = _hold(pk)
        _put(section, text)
        record(actor_of(by), "change_section", ("section", section.pk), now)
    return section


def archive_section(by: Person, pk: int, now: datetime) -> Section:
    """It leaves the lists. Raises Refused while articles or sections stand in it."""
    _require_publisher(by)
    with transaction.atomic():
        section = _hold(pk)
        live = Article.objects.filter(section=section, archived_at__isnull=True).exists()
        if live or Section.objects.filter(parent=section, archived_at__isnull=True).exists():
            raise Refused("not_empty", _("Something stands in this section: move or archive it first."))
        if section.archived_at is None:
            section.archived_at = now
            section.save(update_fields=["archived_at"])
            record(actor_of(by), "archive_section", ("section", section.pk), now)
    return section


def _hold(pk: int) -> Section:
    section = Section.objects.select_for_update().filter(pk=pk).first()
    if section is None:
        raise Refused("not_found", _("There is no such section."))
    return section


def _put(section: Section, text: SectionText) -> None:
    title = " ".join(text.title.split())
    if not title or len(title) > 100:
        raise Refused("invalid", _("A section needs a title of at most 100 letters."))
    _require_place(section, text.parent)
    section.title, section.description = title, " ".join(text.description.split())[:300]
    section.parent_id, section.position = text.parent, text.position
    named = {locale: " ".join(words.split())[:100] for locale, words in text.titles.items() if locale in LANGUAGES}
    section.titles = {locale: words for locale, words in named.items() if words}
    section.save()


def _require_place(section: Section, parent: int | None) -> None:
    if not may_stand(section, parent):
        raise Refused("invalid", _("A section cannot stand there."))


def may_stand(section: Section, parent: int | None) -> bool:
    """Below a section that is there, not below itself, at most DEEPEST deep, with the sections that stand in it."""
    depth = _height(section)
    while parent is not None:
        above = Section.objects.filter(pk=parent, archived_at__isnull=True).first()
        if above is None or (section.pk is not None and above.pk == section.pk) or depth >= DEEPEST:
            return False
        parent, depth = above.parent_id, depth + 1
    return True


def _height(section: Section) -> int:
    """How many sections stand one in another, from this one down; one that is too deep already counts so far."""
    below, height = [section.pk] if section.pk is not None else [], 1
    while height <= DEEPEST and (below := _inside(below)):
        height += 1
    return height


def _inside(sections: list[int]) -> list[int]:
    return list(Section.objects.filter(parent__in=sections, archived_at__isnull=True).values_list("pk", flat=True))


def _require_publisher(by: Person) -> None:
    if not may_publish(by):
        raise Refused("not_allowed", _("Leads and administrators arrange the help center."))
