"""Worlds made by chance: nothing that the help center answers depends on an article that its reader may not read."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from answerable.knowledge.access import Reader, reader_of, visible_to
from answerable.knowledge.models import Article, ArticleOrganization, Audience, Revision, Section, Translation
from answerable.knowledge.queries import article, latest, shelf, shelves
from answerable.knowledge.search import search, suggest
from answerable.knowledge.shown import show
from answerable.people.models import Membership, Organization, Person
from tests.cast import NOW

LOCALES = ("en", "de")
# One word that all have, and one of each article's own.
COMMON = "export"


@st.composite
def shelved(draw: st.DrawFn) -> dict[str, Any]:
    """Articles with every audience and state, members of none, one or both organizations, closed accounts."""
    an_article = st.tuples(
        st.sampled_from(Audience.values),
        st.sets(st.integers(0, 1), min_size=1),
        st.booleans(),  # archived
        st.sets(st.sampled_from(LOCALES)),  # published in
        st.integers(0, 1),  # section
        st.sampled_from(LOCALES),  # written first in
    )
    return {
        "locale": draw(st.sampled_from([*LOCALES, "fr"])),
        "articles": draw(st.lists(an_article, min_size=1, max_size=5)),
        "readers": draw(
            st.lists(
                st.tuples(st.sampled_from(["customer", "agent"]), st.booleans(), st.sets(st.integers(0, 1))),
                min_size=1,
                max_size=3,
            )
        ),
    }


FULL: dict[str, Any] = {
    "locale": "de",
    "articles": [
        *((audience, {0}, False, {"en", "de"}, number % 2, "en") for number, audience in enumerate(Audience.values)),
        ("organizations", {1}, False, {"de"}, 0, "de"),
        ("public", {0}, True, {"en"}, 1, "en"),
        ("public", {0}, False, set(), 1, "en"),
    ],
    "readers": [
        ("customer", True, set()),
        ("customer", True, {0}),
        ("customer", True, {0, 1}),
        ("customer", False, {1}),
        ("agent", True, set()),
        ("agent", False, set()),
    ],
}


def furnish(world: dict[str, Any]) -> tuple[list[Person | None], list[Organization]]:
    """The rows of a world; its people, and nobody."""
    orgs = [Organization.objects.create(name=f"O{n}", slug=f"o{n}", created_at=NOW) for n in range(2)]
    sections = [Section.objects.create(title=f"S{n}") for n in range(2)]
    for number, (audience, readers, archived, published, section, first) in enumerate(world["articles"]):
        row = Article.objects.create(
            section=sections[section],
            locale=first,
            audience=audience,
            created_at=NOW,
            labels=[f"label{number}"],
            archived_at=NOW if archived else None,
        )
        for n in readers:
            ArticleOrganization.objects.create(article=row, organization=orgs[n])
        for locale in LOCALES:
            _written(row, number, locale, published=locale in published)
    people: list[Person | None] = [None]
    for number, (role, active, members) in enumerate(world["readers"]):
        person = Person.objects.create(
            email=f"p{number}@x.test", name=f"P{number}", role=role, is_active=active, joined_at=NOW
        )
        for n in members:
            Membership.objects.create(person=person, organization=orgs[n], source="staff", since=NOW)
        people.append(person)
    return people, orgs


def _written(row: Article, number: int, locale: str, *, published: bool) -> None:
    title = f"{COMMON} secret{number}{locale}"
    body = f"## head{number}\n\n{COMMON} body{number} {'much ' * number}"
    text = Translation.objects.create(
        article=row, locale=locale, title=title, body=body, edited_at=NOW, first_published_at=NOW, published_at=NOW
    )
    Revision.objects.create(translation=text, number=1, title=title, body=body, at=NOW, by_label="W")
    if published:
        text.published = 1
        text.save()
        show(text)


def may_read(world: dict[str, Any], person: int | None, number: int) -> bool:
    """The rule as the issue says it, by itself."""
    audience, named, archived, published, *_ = world["articles"][number]
    if archived or not published:
        return False
    role, active, members = ("", False, set()) if person is None else world["readers"][person]
    if not active:
        return bool(audience == "public")
    if role == "agent":
        return True
    return audience in {"public", "customers"} or (audience == "organizations" and bool(members & named))


def answers(reader: Reader, articles: list[int], sections: list[int], locale: str) -> dict[str, object]:
    """All that the room says to a reader."""
    words = [COMMON, "label1", f"{COMMON} secret0en body2"]
    asked: dict[str, Callable[[], object]] = {
        "shelves": lambda: shelves(reader, locale),
        "latest": lambda: latest(reader, locale, 10),
        "shelf": lambda: [shelf(reader, pk, locale) for pk in sections],
        "article": lambda: [article(reader, pk, locale) for pk in articles],
        "search": lambda: [search(reader, text, locale) for text in words],
        "suggest": lambda: [suggest(reader, text, locale) for text in words],
    }
    return {name: ask() for name, ask in asked.items()}


class TestAudiences(TestCase):
    @pytest.mark.behaviour("B-452")
    @settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck))
    @given(world=shelved())
    @example(world=FULL)
    def test_nobody_learns_of_an_article_outside_their_audience(self, world: dict[str, Any]) -> None:
        """Everything readable is there; and all answers are the same as if the rest had never been written."""
        people, _orgs = furnish(world)
        pks = list(Article.objects.order_by("pk").values_list("pk", flat=True))
        sections = list(Section.objects.order_by("pk").values_list("pk", flat=True))
        said: dict[Reader, tuple[set[int], dict[str, object]]] = {}
        for number, person in enumerate(people):
            reader = reader_of(person or AnonymousUser())
            index = number - 1 if number else None
            readable = {pk for n, pk in enumerate(pks) if may_read(world, index, n)}
            published = visible_to(reader).filter(translations__published__isnull=False)
            assert set(published.values_list("pk", flat=True)) == readable
            assert {one.article for one in latest(reader, "en", 20)} == readable
            assert {one.listed.article for one in search(reader, COMMON, "en").found} == readable
            said[reader] = (readable, answers(reader, pks, sections, world["locale"]))
        for reader, (readable, before) in said.items():
            with transaction.atomic():
                Article.objects.exclude(pk__in=readable).delete()
                assert answers(reader, pks, sections, world["locale"]) == before
                transaction.set_rollback(True)
