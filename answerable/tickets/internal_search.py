"""Tickets by words, for staff: guarded like `tickets.notes`, for what is found here may be known from notes alone.

Whoever searches gets the latest tickets that fit, at most MOST of them: these are ranked, sorted and paged (decision
0041). The latest are looked at first, then more and more of the older ones, and no further once there are enough.
"""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from django.db import OperationalError, connection, transaction

from answerable.lib import sql
from answerable.people.models import Person
from answerable.tickets import conditions
from answerable.tickets.conditions import LISTED
from answerable.tickets.models import NO_PROMISE
from answerable.tickets.queries import ROWS, Row
from answerable.tickets.search_filters import Narrowed
from answerable.tickets.search_language import Query, tsquery
from answerable.tickets.seen import asks, visible, worked
from answerable.tickets.words import ERA_BITS

# So many are ranked; whoever wants older ones narrows the search.
MOST = 1000
# How many eras are looked at first, next and so on; all the rest comes last.
STEPS = (2, 8, 40)
# Milliseconds that a search may take.
PATIENCE = 4000
_TOO_LATE = "57014"


# How many stand on a page.
PAGE = 20


@dataclass(frozen=True)
class Place:
    """The place after a ticket in what was found: what it is sorted by, and its id."""

    key: int
    id: int

    def __str__(self) -> str:
        return f"{self.key}-{self.id}"


_PLACE = re.compile(r"(\d{1,18})-(\d{1,18})")


def read_place(text: str) -> Place | None:
    """As it stands in an address; None for none."""
    found = _PLACE.fullmatch(text)
    return Place(int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True)
class Found:
    """A page, the best first, of `count` in all. `bounded`: there are more, which are older; `late`: it took too long,
    and nobody knows.
    """

    rows: list[Row]
    count: int = 0
    next: Place | None = None
    bounded: bool = False
    late: bool = False


@dataclass(frozen=True)
class Wanted:
    """What is looked for, in which order (`recent`: by the last change, else by relevance), and from where on."""

    query: Query
    narrowed: Narrowed
    recent: bool = False
    after: Place | None = None
    most: int = MOST
    page: int = PAGE

    @property
    def is_nothing(self) -> bool:
        """There is nothing to look for, or nothing that makes sense."""
        return not (self.query.terms or self.narrowed.conditions or self.narrowed.noted is not None)


def find(wanted: Wanted, person: Person, now: datetime, patience: int | None = None) -> Found:
    """What the person may see and fits; `patience`: milliseconds, PATIENCE if not given."""
    if wanted.is_nothing:
        return Found([])
    try:
        with _bounded(PATIENCE if patience is None else patience) as last:
            rows = _planned(*_statement(wanted, person, now, last))
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != _TOO_LATE:
            raise
        return Found([], late=True)
    shown = [Row._make(row[:-2]) for row in rows[: wanted.page]]
    count = min(rows[0][-1], wanted.most) if rows else 0
    more = Place(rows[wanted.page - 1][-2], shown[-1].id) if len(rows) > wanted.page else None
    return Found(shown, count, more, bounded=bool(rows) and rows[0][-1] > wanted.most)


_LIMITS = """
SELECT set_config('statement_timeout', %(ms)s, true), set_config('max_parallel_workers_per_gather', '0', true),
  (SELECT max(id) FROM tickets_ticket)
"""


@contextmanager
def _bounded(patience: int) -> Iterator[int]:
    """Within limits, in a transaction that ends with them; gives the last ticket's id. Without helpers of the server:
    side by side they would look at all steps at once."""
    with transaction.atomic():
        yield sql.rows(_LIMITS, {"ms": str(patience)})[0][2] or 0


def _planned(statement: str, values: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Planned for these very words: which way is best depends on how common they are."""
    with connection.cursor() as asked:
        asked.execute(statement, values)
        found: list[tuple[Any, ...]] = asked.fetchall()
    return found


_KEYS = {
    # Of 1: D notes 0.3, C replies 0.4, B tags and names of files 0.6, A the subject.
    "rank": "(1000000 * ts_rank('{0.3, 0.4, 0.6, 1.0}', f.words, to_tsquery('simple', %(words)s), 1))::bigint",
    "recent": "(extract(epoch FROM f.updated_at) * 1000)::bigint",
}
_STEP = """(SELECT {key} AS key, f.id FROM (
  SELECT * FROM ({source}) e ORDER BY e.id DESC LIMIT %(most)s
) f)"""
_BY_WORDS = """
SELECT t.id, t.updated_at, d.words FROM {documents} d JOIN tickets_ticket t ON t.id = d.ticket_id
WHERE d.words @@ {query} AND {range} AND {which} AND {mine}
"""
_BY_FILTERS = "SELECT t.id, t.updated_at FROM tickets_ticket t WHERE {range} AND {which}"
# One document answers for each ticket: where there are internal words that one may read, these.
_PUBLIC_ONLY = "NOT ({worked} AND EXISTS (SELECT FROM tickets_internalwords i WHERE i.ticket_id = d.ticket_id))"
_NOTED = "({worked} AND EXISTS (SELECT FROM tickets_note n WHERE n.ticket_id = t.id))"
_QUERY = "to_tsquery('simple', %(words)s)"


_ROWS = """
WITH hits (key, id) AS MATERIALIZED ({steps} LIMIT %(most)s)
{rows}, best.key, (SELECT count(*) FROM hits)
FROM (SELECT * FROM hits WHERE {after} ORDER BY hits.key DESC, hits.id DESC LIMIT %(page)s) best
JOIN tickets_ticket t ON t.id = best.id ORDER BY best.key DESC, best.id DESC
"""


def _statement(wanted: Wanted, person: Person, now: datetime, last: int) -> tuple[str, dict[str, Any]]:
    which, values = conditions.where(wanted.narrowed.conditions, person, now)
    source = _source(wanted, person, f"{visible(person)} AND {which}")
    key = _KEYS["recent" if wanted.recent or not wanted.query.wanted else "rank"]
    values |= {"most": wanted.most + 1, "page": wanted.page + 1, "no_promise": NO_PROMISE}
    values["words"] = tsquery(wanted.query.terms, wanted.narrowed.weights)
    steps = " UNION ALL ".join(
        _STEP.replace("{source}", source.replace("{range}", within).replace("{query}", asked)).replace("{key}", key)
        for within, asked in _steps(last >> ERA_BITS, values)
    )
    if wanted.after:
        values |= {"after": wanted.after.key, "after_id": wanted.after.id}
    after = "(hits.key, hits.id) < (%(after)s, %(after_id)s)" if wanted.after else "true"
    return _ROWS.replace("{rows}", ROWS).replace("{steps}", steps).replace("{after}", after), values


def _source(wanted: Wanted, person: Person, which: str) -> str:
    mine, noted = worked(person), wanted.narrowed.noted
    if noted is not None:
        which += f" AND {'' if noted else 'NOT '}{_NOTED.format(worked=mine)}"
    if not wanted.query.terms:
        return _BY_FILTERS.replace("{which}", which)
    # A query of nothing (words of no letters that the server knows) must not find everything.
    which += f" AND numnode({_QUERY}) > 0"
    each = [("tickets_publicwords", _PUBLIC_ONLY.format(worked=mine)), ("tickets_internalwords", mine)]
    return " UNION ALL ".join(
        _BY_WORDS.replace("{documents}", table).replace("{mine}", theirs).replace("{which}", which)
        for table, theirs in each
    )


def _steps(latest: int, values: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(condition on t.id, query) of each, the latest eras first: the server begins a step when it needs its rows.

    The marks of eras are in the index beside the words, so that older documents are not even read.
    """
    upper = latest
    for n, eras in enumerate(STEPS):
        lower = max(0, upper - eras + 1)
        if lower == 0:
            break
        values[f"era_{n}"] = " | ".join(f"'~{era}'" for era in range(lower, upper + 1))
        values |= {f"from_{n}": lower << ERA_BITS, f"to_{n}": (upper + 1) << ERA_BITS}
        yield f"t.id >= %(from_{n})s AND t.id < %(to_{n})s", f"({_QUERY} && %(era_{n})s::tsquery)"
        upper = lower - 1
    values["rest"] = (upper + 1) << ERA_BITS
    yield "t.id < %(rest)s", _QUERY


def opened(numbers: Sequence[int], person: Person, now: datetime) -> list[Row]:
    """The tickets with these numbers, in this order, where the person may see them."""
    wanted = [number for number in numbers if number < 1 << 63]
    statement = f"{ROWS} FROM tickets_ticket t WHERE t.number = ANY(%(numbers)s) AND {LISTED} AND {visible(person)}"
    found = sql.rows(statement, asks(person, now) | {"numbers": wanted, "no_promise": NO_PROMISE})
    rows = {row[1]: Row._make(row) for row in found}
    return [rows[number] for number in wanted if number in rows]


class Part(NamedTuple):
    """Where in a ticket the words are: kind (reply, note, held, file, tag), the entry to jump to or 0, its text."""

    kind: str
    entry: int
    text: str


# Of the latest of each kind, the one that has all the words, or else the latest that has one of them.
_PARTS = """
SELECT t.id, e.kind, e.entry, e.said FROM tickets_ticket t CROSS JOIN LATERAL (
  SELECT w.* FROM (
    SELECT s.*, to_tsvector('simple'::regconfig, answerable_fold(s.said)) AS words FROM (
      (SELECT 'reply' AS kind, r.id AS entry, left(coalesce(nullif(r.new_text, ''), r.text), 20000) AS said
        FROM tickets_reply r WHERE r.ticket_id = t.id ORDER BY r.id DESC LIMIT 30)
      UNION ALL (SELECT 'file', a.reply_id, a.name
        FROM tickets_attachment a WHERE a.ticket_id = t.id ORDER BY a.id DESC LIMIT 30)
      UNION ALL (SELECT 'note', n.id, left(n.text, 20000)
        FROM tickets_note n WHERE n.ticket_id = t.id AND {worked} ORDER BY n.id DESC LIMIT 30)
      UNION ALL (SELECT 'held', h.id, left(concat_ws(' ', h.sender_name, h.sender, h.text), 20000)
        FROM tickets_held h WHERE h.ticket_id = t.id AND {worked} ORDER BY h.id DESC LIMIT 10)
      UNION ALL (SELECT 'tag', 0, array_to_string(t.tags, ' ') WHERE t.tags <> '{}')
    ) s WHERE s.kind = ANY(%(kinds)s) OFFSET 0
  ) w
  WHERE w.words @@ to_tsquery('simple', %(one)s)
  ORDER BY w.words @@ to_tsquery('simple', %(all)s) DESC, w.entry DESC LIMIT 1
) e
WHERE t.id = ANY(%(ids)s) AND {visible}
"""
_KINDS = {"B": ["file", "tag"], "C": ["reply"], "D": ["note", "held"]}


def parts_of(ids: Sequence[int], query: Query, weights: str, person: Person, now: datetime) -> dict[int, Part]:
    """Of each of these tickets, where besides its subject the words are."""
    if not ids or not query.wanted:
        return {}
    kinds = [kind for weight in weights or "BCD" for kind in _KINDS.get(weight, [])]
    each = [tsquery([term]) for term in query.wanted]
    values = {"ids": list(ids), "kinds": kinds, "one": " | ".join(each), "all": " & ".join(each)}
    statement = _PARTS.replace("{worked}", worked(person)).replace("{visible}", visible(person))
    found = sql.rows(statement, asks(person, now) | values)
    return {pk: Part(kind, entry, said) for pk, kind, entry, said in found}


# What ANALYZE noted: costs nothing, and misses what is rare.
_COMMON = """
SELECT unnest(s.most_common_elems::text::text[]) FROM pg_stats s
WHERE s.schemaname = current_schema() AND s.tablename = %(table)s AND s.attname = %(column)s
"""


def common_words() -> list[str]:
    """The commonest words of all requests, as the server has them noted."""
    found = sql.rows(_COMMON, {"table": "tickets_publicwords", "column": "words"})
    return [word for (word,) in found if not word.startswith("~")]


def common_tags() -> list[str]:
    """The commonest tags."""
    return [tag for (tag,) in sql.rows(_COMMON, {"table": "tickets_ticket", "column": "tags"})]
