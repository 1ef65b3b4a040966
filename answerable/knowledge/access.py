"""Who may read which article. Every list, search, suggestion, feed and direct link begins here (DESIGN.md §4)."""

from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from answerable.knowledge.models import Article, ArticleOrganization, Audience, Translation
from answerable.people.models import Membership, Person, Role


@dataclass(frozen=True)
class Reader:
    """What decides what somebody reads: whether we know them, whether they are staff, and whose members they are."""

    signed_in: bool = False
    staff: bool = False
    organizations: frozenset[int] = frozenset()

    @property
    def audiences(self) -> list[str]:
        """The audiences that this reader is in whatever the article; `organizations` depends on the article."""
        known = [Audience.PUBLIC, *([Audience.CUSTOMERS] if self.signed_in else [])]
        return [one.value for one in known]


ANYBODY = Reader()


def reader_of(person: Person | AnonymousUser | None) -> Reader:
    """The reader that this person is now; somebody whose account is closed is anybody."""
    if not isinstance(person, Person) or not person.is_active:
        return ANYBODY
    if person.is_staff:
        return Reader(signed_in=True, staff=True)
    memberships = Membership.objects.filter(person=person).values_list("organization_id", flat=True)
    return Reader(signed_in=True, organizations=frozenset(memberships))


def visible_to(reader: Reader) -> QuerySet[Article]:
    """The articles whose audience this reader is in, published or not. Archived ones are nobody's."""
    found = Article.objects.filter(archived_at__isnull=True)
    return found if reader.staff else found.filter(_admits(reader, "", OuterRef("pk")))


def readable(reader: Reader) -> QuerySet[Translation]:
    """What is published of those articles, in every language."""
    found = Translation.objects.filter(published__isnull=False, article__archived_at__isnull=True)
    return found if reader.staff else found.filter(_admits(reader, "article__", OuterRef("article_id")))


def _admits(reader: Reader, prefix: str, article: OuterRef) -> Q:
    admitted: Q = Q(**{f"{prefix}audience__in": reader.audiences})
    if not reader.organizations:
        return admitted
    theirs = ArticleOrganization.objects.filter(article=article, organization__in=sorted(reader.organizations))
    return admitted | Q(Exists(theirs), **{f"{prefix}audience": Audience.ORGANIZATIONS})


def in_language(found: QuerySet[Translation], locale: str) -> QuerySet[Translation]:
    """One of each article: in this language, else in the one it was written in, else in the first it is there in."""
    siblings = Translation.objects.filter(article=OuterRef("article_id"), published__isnull=False)
    own = siblings.filter(locale=locale)
    first = siblings.filter(locale=OuterRef("article__locale"))
    earlier = siblings.filter(locale__lt=OuterRef("locale"))
    return found.filter(
        Q(locale=locale)
        | (~Exists(own) & Q(locale=F("article__locale")))
        | (~Exists(own) & ~Exists(first) & ~Exists(earlier))
    )


def may_write(person: Person) -> bool:
    """Agents, leads and administrators write and change articles."""
    return person.is_active and person.is_staff and person.role in {Role.AGENT, Role.LEAD, Role.ADMIN}


def may_publish(person: Person) -> bool:
    """Leads and administrators decide what readers get, who reads it, and what is taken away."""
    return person.is_active and person.is_staff and person.role in {Role.LEAD, Role.ADMIN}
