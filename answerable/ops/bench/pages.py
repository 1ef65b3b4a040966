"""Measures the pages, each with one client and with eight, in turn with the floor: machines change their mind."""

import itertools
import json
import statistics
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.conf import settings

from answerable.casework import guard
from answerable.casework.view_actions import make_view
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.ops.bench.crew import last_words
from answerable.ops.bench.multiply import RARE
from answerable.ops.bench.stage import log_in
from answerable.ops.processes import Program, run
from answerable.people.models import Grant, Person, Role
from answerable.tickets.conditions import Condition
from answerable.tickets.models import OPEN_STATUSES, Ticket
from answerable.tickets.saved import SHARED, SavedView
from answerable.tickets.viewing import View

ROUNDS = 5
CLIENTS = 8
_SECRET = "b" * 32  # the form's token and its cookie agree; Django asks for no more
_VIEW_NAME = "Urgent and new"
Turn = Sequence[str]


@dataclass(frozen=True)
class Page:
    """What is asked for, turn by turn; `count` turns a round with one client, `seconds` a round with eight.

    `fine`: the only answers that count. A page that leads to the log-in would be quick, and no measure of itself.
    """

    name: str
    turns: Sequence[Turn]
    count: int = 60
    seconds: float = 2.0
    fine: frozenset[str] = frozenset({"200"})


@dataclass(frozen=True)
class Sample:
    """One round of one page."""

    ms: list[float]
    per_second: float
    queries: list[int]


def pages() -> list[Page]:
    """The pages of the report, in its order. The form comes last: what it opens keeps the worker busy."""
    kept = _kept_view()
    agents = [_cookie(person) for person in Person.objects.filter(role=Role.AGENT).order_by("id")]
    customers = Person.objects.filter(role=Role.CUSTOMER).order_by("id")
    tickets = Ticket.objects.order_by("number").values_list("number", flat=True)
    still_open, done = tickets.filter(status__in=OPEN_STATUSES), tickets.exclude(status__in=OPEN_STATUSES)
    numbers = [number for pair in zip(_spread(still_open, 100), _spread(done, 100), strict=False) for number in pair]
    return [
        Page("queue", [[_get("/desk/", cookie)] for cookie in agents]),
        Page("view", [[_get(kept, cookie)] for cookie in agents]),
        Page(
            "ticket", [[_get(f"/desk/tickets/{n}", c)] for n, c in zip(numbers, itertools.cycle(agents), strict=False)]
        ),
        Page("search", [[_get(f"/desk/search?q={RARE}", cookie)] for cookie in agents]),
        Page("palette", [[_get(f"/desk/search/palette?q={RARE[:-2]}", cookie)] for cookie in agents]),
        Page("my_requests", [[_get("/my/requests", _cookie(person))] for person in _spread(customers, 40)]),
        Page("org_requests", [[_get("/my/organization", _cookie(Grant.objects.get().person))]]),
        Page("form", [_form(n) for n in range(4000)], count=40, fine=frozenset({"200", "302"})),
    ]


def _kept_view() -> str:
    """The address of a view with three conditions; it stands in every rail, and is counted there."""
    row = SavedView.objects.filter(name=_VIEW_NAME).first()
    if row is None:
        admin = Person.objects.filter(role=Role.ADMIN).order_by("id")[0]
        conditions = (
            Condition("status", "any", ("new", "open")),
            Condition("severity", "any", ("P0", "P1")),
            Condition("created", "after", ("30d",)),
        )
        row = make_view(admin, View("", _VIEW_NAME, conditions, scope=SHARED), clock.now())
    return f"/desk/views/{row.pk}"


FLOOR = Page("floor", [["GET /floor HTTP/1.1\r\nHost: localhost\r\n\r\n"]], count=200)


def _spread(rows: Any, count: int) -> list[Any]:
    """So many of them, taken at even distances."""
    found = list(rows)
    return found[:: max(1, len(found) // count)][:count]


def _cookie(person: Person) -> str:
    return f"sessionid={log_in(person)}"


def _get(path: str, cookie: str) -> str:
    return f"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept: text/html\r\nCookie: {cookie}\r\n\r\n"


def _form(number: int) -> Turn:
    """Open the form and send it."""
    cookie = f"csrftoken={_SECRET}"
    body = urlencode(
        {
            "csrfmiddlewaretoken": _SECRET,
            "email": f"visitor{number}@elsewhere{number}.example",
            "name": f"Visitor {number}",
            "subject": f"The export of glossary {number} fails",
            "text": "A file with 40,000 terms is refused, one with 10,000 works. Can the limit be raised?",
            "severity": "P2",
            "impact": "",
            guard.TRAP: "",
            guard.STAMP: guard.stamp(clock.now() - timedelta(minutes=1)),
        }
    )
    post = (
        f"POST /requests/new HTTP/1.1\r\nHost: localhost\r\nCookie: {cookie}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    )
    return [_get("/requests/new", cookie), post]


def measure(say: Callable[[str], None]) -> tuple[float, dict[str, dict[str, float]]]:
    """The floor in milliseconds, and the figures of each page."""
    found = pages()
    for page in (FLOOR, *found):
        # The last ones, which no round comes to: a form is sent once.
        _client(replace(page, turns=page.turns[-40:]), clients=CLIENTS, count=40)
    floor: list[Sample] = []
    alone: dict[str, list[Sample]] = {page.name: [] for page in found}
    crowd: dict[str, list[Sample]] = {page.name: [] for page in found}
    for page, number in _rounds(found):
        say(f"pages: {page.name}, round {number + 1} of {ROUNDS}")
        floor.append(_client(FLOOR, clients=1, count=FLOOR.count))
        mine = _part(page, number, 2 * ROUNDS)
        alone[page.name].append(_client(mine, clients=1, count=page.count))
        mine = _part(page, ROUNDS + number, 2 * ROUNDS)
        crowd[page.name].append(_client(mine, clients=CLIENTS, seconds=page.seconds))
    floor_ms = _middle(floor)
    return floor_ms, {name: _figures(alone[name], crowd[name], floor_ms) for name in alone}


def _rounds(found: Sequence[Page]) -> Iterator[tuple[Page, int]]:
    *reading, form = found
    for number in range(ROUNDS):
        for page in reading:
            yield page, number
    for number in range(ROUNDS):
        yield form, number


def _part(page: Page, number: int, of: int) -> Page:
    """No two rounds send the same form; pages that are only read may come again."""
    if page.name != "form":
        return page
    size = len(page.turns) // of
    return replace(page, turns=page.turns[number * size : (number + 1) * size])


def _figures(alone: Sequence[Sample], crowd: Sequence[Sample], floor_ms: float) -> dict[str, float]:
    median = _middle(alone)
    every = sorted(ms for sample in alone for ms in sample.ms)
    return {
        "median_ms": round(median, 2),
        "p95_ms": round(every[int(len(every) * 0.95)], 2),
        "rps_1": round(statistics.median(sample.per_second for sample in alone), 1),
        "rps_8": round(statistics.median(sample.per_second for sample in crowd), 1),
        # The usual number: what is kept for a few seconds in each process is asked for again now and then.
        "queries": statistics.median_low([count for sample in alone for count in sample.queries]),
        "x_floor": round(median / floor_ms, 2),
    }


def _middle(samples: Sequence[Sample]) -> float:
    return statistics.median(statistics.median(sample.ms) for sample in samples)


def sample(page: Page, count: int) -> Sample:
    """So many turns of one client."""
    return _client(page, clients=1, count=count)


def time_for(page: Page, seconds: float) -> list[float]:
    """The milliseconds of each turn of one client that goes on for so long."""
    return _client(page, clients=1, seconds=seconds).ms


def _client(page: Page, *, clients: int, count: int = 0, seconds: float = 0.0) -> Sample:
    job = {"port": settings.WEB_PORT, "clients": clients, "count": count, "seconds": seconds, "turns": page.turns}
    path = settings.DATA / "job.json"
    path.write_text(json.dumps(job))
    done = run(Program("client", (sys.executable, "-m", "answerable.ops.bench.client", str(path))))
    if done.returncode:
        raise Refused("bench_failed", f"the client failed on {page.name}: {done.stderr[-1000:]}")
    found = json.loads(done.stdout)
    _require_fine(page, found["statuses"])
    return Sample(found["ms"], len(found["ms"]) / found["seconds"], found["queries"])


def _require_fine(page: Page, statuses: Mapping[str, int]) -> None:
    if not page.fine.issuperset(statuses):
        raise Refused("bench_failed", f"{last_words()}\n{page.name} was answered with {statuses}")
