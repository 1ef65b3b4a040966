"""My activities: a customer's three lists, searched, filtered, sorted and paged; each list is a query of its own."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from answerable.lib import sql
from answerable.lib.folding import words_of
from answerable.lib.paging import Cursor, Page, page_of
from answerable.people.models import Person
from answerable.tickets.conditions import OPEN
from answerable.tickets.models import NO_PROMISE
from answerable.tickets.queries import PAGE, ROWS, Row
from answerable.tickets.search_language import Term, tsquery
from answerable.tickets.seen import asks, granting, in_role, readable

# What a customer means by a status (`ui.pieces` words them so).
STATUSES = {
    "open": OPEN,
    "waiting": "t.status = 'pending'",
    "done": "t.status IN ('solved', 'closed')",
}
MOST_WORDS = 4
# A tab's count stops here.
TAB_CAP = 100


@dataclass(frozen=True)
class _Order:
    by: str
    after: str


SORTS = {
    "activity": _Order("t.updated_at DESC, t.id DESC", "(t.updated_at, t.id) < (%(after)s, %(after_id)s)"),
    "newest": _Order("t.created_at DESC, t.id DESC", "(t.created_at, t.id) < (%(after)s, %(after_id)s)"),
    "promise": _Order("t.next_due_at, t.id", "(t.next_due_at, t.id) > (%(after)s, %(after_id)s)"),
    "severity": _Order(
        "t.severity, t.updated_at DESC, t.id DESC",
        "(t.severity > %(after_word)s OR"
        " (t.severity = %(after_word)s AND (t.updated_at, t.id) < (%(after)s, %(after_id)s)))",
    ),
}


@dataclass(frozen=True)
class Wanted:
    """What to show of a list: words, each of which must be there, a status of STATUSES or "", a severity or ""."""

    words: str = ""
    status: str = ""
    severity: str = ""
    sort: str = "activity"
    after: Cursor | None = None

    @property
    def is_narrow(self) -> bool:
        """Whether the list may leave out requests."""
        return bool(self.words.strip() or self.status or self.severity)


def requests_of(person: Person, role: str, wanted: Wanted, now: datetime) -> Page[Row]:
    """The person's own requests (`requester`) or those they are CC'd on (`cc`)."""
    conditions, values = _narrowed(wanted)
    values |= asks(person, now) | {"role": role}
    return _page(f"FROM tickets_ticket t WHERE {in_role(person)} AND {conditions}", values, wanted)


_FIRST = "SELECT t.* FROM tickets_ticket t WHERE {} AND {} ORDER BY {} LIMIT %(most)s"


def granted(person: Person, wanted: Wanted, now: datetime) -> Page[Row]:
    """The requests of organizations that the person may read by grant.

    Each organization's first rows by its own index, and of these the first: an IN would sort all that there are.
    """
    conditions, values = _narrowed(wanted)
    values |= asks(person, now)
    each = _FIRST.format(readable(person), conditions, SORTS[wanted.sort].by)
    return _page(f"FROM ({granting(person)}) g CROSS JOIN LATERAL ({each}) t", values, wanted)


def _page(source: str, values: dict[str, Any], wanted: Wanted) -> Page[Row]:
    values |= {"no_promise": NO_PROMISE, "most": PAGE + 1}
    statement = f"{ROWS} {source} ORDER BY {SORTS[wanted.sort].by} LIMIT %(most)s"
    found = [Row._make(row) for row in sql.rows(statement, values)]
    return page_of(found, PAGE, lambda row: _cursor(row, wanted.sort))


def _cursor(row: Row, sort: str) -> Cursor:
    if sort == "newest":
        return Cursor(row.created_at, row.id)
    if sort == "promise":
        return Cursor(row.next_due_at or NO_PROMISE, row.id)
    return Cursor(row.updated_at, row.id, row.severity if sort == "severity" else "")


def _narrowed(wanted: Wanted) -> tuple[str, dict[str, Any]]:
    conditions, values = _with_words(list(dict.fromkeys(wanted.words.lower().split()))[:MOST_WORDS])
    if wanted.status:
        conditions.append(STATUSES[wanted.status])
    if wanted.severity:
        conditions.append("t.severity = %(severity)s")
        values["severity"] = wanted.severity
    if wanted.after:
        conditions.append(SORTS[wanted.sort].after)
        values |= {"after": wanted.after.at, "after_id": wanted.after.id, "after_word": wanted.after.word}
    return " AND ".join(conditions) or "true", values


# What a row of the list shows, parts of words, too; and what was said in public, by the beginnings of words.
_WORD = """(t.number::text = %(number_{n})s OR t.subject ILIKE %(word_{n})s OR t.preview ILIKE %(word_{n})s OR EXISTS (
  SELECT FROM tickets_publicwords d WHERE d.ticket_id = t.id AND d.words @@ to_tsquery('simple', %(query_{n})s)
) OR EXISTS (
  SELECT FROM people_person p
  WHERE p.id = t.requester_id AND coalesce(nullif(p.name, ''), p.email) ILIKE %(word_{n})s
))"""


def _with_words(words: Sequence[str]) -> tuple[list[str], dict[str, Any]]:
    conditions = [_WORD.format(n=n) for n in range(len(words))]
    values: dict[str, Any] = {}
    for n, word in enumerate(words):
        plain = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        begun = Term(tuple(words_of(word)), word, begins=True)
        values |= {f"word_{n}": f"%{plain}%", f"number_{n}": word.removeprefix("#")}
        values[f"query_{n}"] = tsquery([begun]) if begun.words else ""
    return conditions, values


_TAB = "(SELECT count(*) FROM (SELECT FROM {} WHERE {} LIMIT %(cap)s) AS found)"


def tab_counts(person: Person, now: datetime) -> dict[str, int]:
    """How many requests each of the three lists holds, counted up to TAB_CAP; all in one statement."""
    values = asks(person, now) | {"cap": TAB_CAP}
    own = _TAB.format("tickets_ticket t", in_role(person))
    by_grant = _TAB.format(f"({granting(person)}) g JOIN tickets_ticket t ON true", readable(person))
    each = [own.replace("%(role)s", f"'{role}'") for role in ("requester", "cc")]
    counted = sql.rows(f"SELECT {', '.join([*each, by_grant])}", values)[0]
    return dict(zip(("requester", "cc", "granted"), counted, strict=True))
