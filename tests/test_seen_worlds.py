"""Worlds made by chance, walked page by page: nothing is shown to anybody outside `visible_to`, with whose eyes ever."""

import re
from collections.abc import Iterable
from itertools import product
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from hypothesis import HealthCheck, example, given, settings
from hypothesis.extra.django import TestCase

from answerable.lib import clock
from answerable.lib.fresh import forget_all
from answerable.people.models import Person
from answerable.tickets import access
from answerable.tickets.models import Attachment, File, Reply, Ticket
from answerable.tickets.notes import Note
from tests.cast import NOW, terms
from tests.worlds import FULL, build, worlds

CANARY = "canary-in-a-note"
LISTS = ("my/requests", "my/cc", "my/organization")


def furnish(people: list[Person], tickets: Iterable[Ticket]) -> dict[int, int]:
    """Something to leak on each request: a reply with a file, and a note. The files by the request's number."""
    forget_all()
    terms()
    files = {}
    for ticket in tickets:
        reply = Reply.objects.create(
            ticket=ticket, author=people[0], from_staff=False, channel="mail", at=NOW, html=f"words-of-{ticket.number}-"
        )
        file, _ = File.objects.get_or_create(sha256="0" * 64, defaults={"size": 1})
        row = Attachment.objects.create(
            reply=reply, ticket=ticket, file=file, name="a", content_type="text/plain", position=0
        )
        Note.objects.create(ticket=ticket, author=people[0], at=NOW, text=CANARY, html=CANARY)
        files[ticket.number] = row.pk
    return files


def walk(client: Client, under: str, files: dict[int, int]) -> dict[str, set[int]]:
    """Which requests each list names, finds and counts, and which pages, explanations and files are to be had, by number."""
    found: dict[str, set[int]] = {}
    for name in LISTS:
        # All of it, as a page and as a fragment, and what a search for a part of everybody's address finds.
        for query, headers in (("", {}), ("", {"HX-Request": "true"}), ("?q=x.test", {})):
            page = client.get(f"{under}{name}{query}", headers=headers).content.decode()
            assert CANARY not in page
            listed = {int(number) for number in re.findall(rf'href="{under}requests/(\d+)"', page)}
            assert found.setdefault(name, listed) == listed
            counted = re.findall(r'aria-current="page">[^<]+<span class="tab-count">(\d+)<', page)
            assert counted == ([] if headers else [str(len(listed))])
    for kind in ("", "/explain", "/files/"):
        found[kind] = set()
        for number, pk in files.items():
            answer = client.get(f"{under}requests/{number}{kind}{pk if kind == '/files/' else ''}")
            assert answer.status_code in {200, 404}
            text = answer.content.decode()
            assert CANARY not in text
            assert (f"words-of-{number}-" in text) == (answer.status_code == 200 and kind == "")
            if answer.status_code == 200:
                found[kind].add(number)
    return found


def expected(person: Person, tickets: list[Ticket], within: set[int]) -> dict[str, set[int]]:
    """The same by the rules alone."""
    theirs = {t.number: access.standing(person, t, NOW) for t in tickets}
    visible = {number for number, s in theirs.items() if access.may_see(s)} & within
    return {
        "my/requests": {number for number, s in theirs.items() if s.active and s.requester} & within,
        "my/cc": {number for number, s in theirs.items() if s.active and s.cc} & within,
        "my/organization": {
            number for number, s in theirs.items() if s.reader and s.active and not s.sensitive and not s.unverified
        }
        & within,
        "": visible,
        "/explain": visible,
        "/files/": visible,
    }


class Pages(TestCase):
    """Hypothesis rolls each world back."""

    def setUp(self) -> None:
        frozen = patch.object(clock, "now", lambda: NOW)
        frozen.start()
        self.addCleanup(frozen.stop)

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    @pytest.mark.behaviour("B-151")
    def test_each_page_shows_what_its_reader_may_see(self, world: dict[str, Any]) -> None:
        people, tickets = build(world)
        files = furnish(people, tickets)
        every = {ticket.number for ticket in tickets}
        for person in people:
            if person.is_active:
                client = Client()
                client.force_login(person)
                assert walk(client, "/", files) == expected(person, tickets, every)
                at_the_desk = {n for n in every if client.get(f"/desk/tickets/{n}").status_code == 200}
                worked = access.visible_to(person, NOW).filter(access.worked_by(person))
                assert at_the_desk == set(worked.values_list("number", flat=True))

    @settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(worlds())
    @example(FULL)
    @pytest.mark.behaviour("B-150")
    def test_with_a_customers_eyes_staff_see_what_both_may_see(self, world: dict[str, Any]) -> None:
        people, tickets = build(world)
        files = furnish(people, tickets)
        for staff, customer in product(people, people):
            if staff.is_staff and customer.role == "customer":
                client = Client()
                client.force_login(staff)
                begun = client.post(f"/desk/people/{customer.pk}/see")
                if not customer.is_active:
                    assert begun.status_code == 422
                    continue
                own = set(access.visible_to(staff, NOW).values_list("number", flat=True))
                assert walk(client, f"/as/{customer.pk}/", files) == expected(customer, tickets, own)
