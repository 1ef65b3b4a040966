"""Worlds of articles made by chance, walked page by page: nothing of an article reaches anybody outside its audience."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis.extra.django import TestCase

from answerable.knowledge.access import ANYBODY
from answerable.knowledge.models import Article, Section
from answerable.knowledge.tests.test_audience_worlds import COMMON, FULL, furnish, may_read, shelved
from answerable.lib.fresh import forget_all
from answerable.people.models import Person
from answerable.portal.help_pages import Visit
from tests.cast import terms

SECRET = re.compile(r"secret(\d+)|body(\d+)\b|head(\d+)|articles/(\d+)")
FEEDS = ("/help/latest.atom", "/help/latest.atom?lang=de", "/sitemap.xml")


def told(answer: Any, pks: list[int]) -> set[int]:
    """Which articles an answer names, by their place in the world: by a word of theirs or by their number."""
    found: set[int] = set()
    for *words, pk in SECRET.findall(answer.content.decode()):
        found |= {int(word) for word in words if word}
        found |= {pks.index(int(pk))} if pk else set()
    return found


def lists(client: Client) -> Iterator[Any]:
    """Whatever names several articles."""
    words = [f"/help/search?q={word}" for word in (COMMON, "body", "head")]
    for path in ("/", "/help", "/help?lang=de", *words):
        yield client.get(path)
    for section in Section.objects.values_list("pk", flat=True):
        yield client.get(f"/help/sections/{section}-", follow=True)
    yield client.post("/help/suggestions", {"subject": f"{COMMON} secret"})


class Pages(TestCase):
    """Hypothesis rolls each world back."""

    @settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(shelved())
    @example(FULL)
    @pytest.mark.behaviour("B-471")
    def test_no_page_holds_anything_of_an_article_outside_its_readers_audience(self, world: dict[str, Any]) -> None:
        people, _orgs = furnish(world)
        forget_all()
        terms()
        pks = list(Article.objects.order_by("pk").values_list("pk", flat=True))
        every = range(len(pks))
        public = {number for number in every if may_read(world, None, number)}
        for place, person in enumerate(people):
            theirs = {n for n in every if may_read(world, None if person is None else place - 1, n)}
            self.walk(client_of(person), pks, theirs)
            for feed in FEEDS:
                assert told(client_of(person).get(feed), pks) == public

    def walk(self, client: Client, pks: list[int], theirs: set[int]) -> None:
        """Every page as one reader gets it: lists hold nothing but theirs, and each of theirs has a page of its own."""
        for answer in lists(client):
            assert told(answer, pks) <= theirs
        found = client.get(f"/help/search?q={COMMON}").content.decode()
        counted = re.search(r'id="help-found">(\d+) article', found)
        assert int(counted[1] if counted else 0) == len(theirs)
        for number, pk in enumerate(pks):
            for path in (Visit(ANYBODY, "en").article(pk, ""), f"/help/articles/{pk}/feedback"):
                answer = client.get(path, follow=True)
                assert (answer.status_code == 200) == (number in theirs)
                assert told(answer, pks) <= (theirs if number in theirs else set())


def client_of(person: Person | None) -> Client:
    client = Client(headers={"User-Agent": "Mozilla/5.0 Firefox/140.0"})
    if person is not None and person.is_active:
        client.force_login(person)
    return client
