"""Makes many requests out of a few, set-based: for each copy one line in a plan, for each table one INSERT … SELECT.

A column that a table has and `_TABLES` does not name is copied; a time is copied with the copy's shift.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import ProgrammingError, connection, transaction
from psycopg import sql

from answerable.ops.bench.patterns import Pattern

# As a rule 5 % of all requests are open, 2 % solved and not yet closed, as a desk that has been at work for two years.
# Where `due` is given, all are new ones whose first response falls due within the minute from then on.
_PLAN = """
CREATE TEMP TABLE plan AS
SELECT i, k.ticket_id AS pattern, k.customer_id, %(first)s + i AS ticket_id, %(number)s + i AS number,
       %(entry)s + (i - 1) * 3 AS entry, o.id AS organization_id, r.id AS requester_id, r.email AS requester_email,
       coalesce(nullif(r.name, ''), r.email) AS requester_label, c.id AS colleague_id, c.email AS colleague_email,
       a.id AS assignee_id, a.name AS assignee_label, t.id AS team_id, t.name AS team_label,
       date_trunc('second', moment) - k.anchor AS shift
FROM (SELECT i, (i * 2654435761) %% 4294967296 AS h FROM generate_series(1::bigint, %(count)s) i) n
CROSS JOIN LATERAL (SELECT (h / 7) %% 100 AS d, (h / 8192) %% 20 AS e, (h / 1013) %% 1000 / 1000.0 AS part,
    (h / 17) %% %(organizations)s AS home) b
CROSS JOIN LATERAL (SELECT
    CASE WHEN %(due)s::timestamptz IS NOT NULL THEN 'new'
         WHEN i <= %(count)s * %(closed)s THEN 'closed' WHEN i <= %(count)s * %(closed)s * 95 / 93 THEN 'solved'
         WHEN e = 0 THEN 'hold' WHEN e < 3 THEN 'new' WHEN e < 7 THEN 'pending' ELSE 'open' END AS kind,
    CASE WHEN d < 1 THEN 'P0' WHEN d < 10 THEN 'P1' WHEN d < 70 THEN 'P2' ELSE 'P3' END AS severity) s
JOIN kinds k USING (kind, severity)
CROSS JOIN LATERAL (SELECT CASE WHEN %(due)s::timestamptz IS NOT NULL
    -- A new one's moment lies a quarter of its target after it was opened.
    THEN %(due)s::timestamptz + interval '60 seconds' * (i - 1) / %(count)s - k.target * 0.75
    ELSE %(now)s::timestamptz - CASE kind
    WHEN 'closed' THEN interval '60 days' + interval '700 days' * (1 - i / (%(count)s * %(closed)s))
    WHEN 'solved' THEN interval '13 days' * part
    WHEN 'new' THEN k.target * (part * 0.6)
    WHEN 'open' THEN k.target * (part * 0.8)
    -- A P0 owes news while it waits, too.
    ELSE CASE severity WHEN 'P0' THEN k.target * (part * 0.6) ELSE interval '10 days' * part END END END AS moment) m
JOIN picks o ON o.what = 'organization' AND o.place = home
JOIN picks r ON r.what = 'person' AND r.place = home * %(each)s + i %% %(each)s
JOIN picks c ON c.what = 'person' AND c.place = home * %(each)s + (i + 1) %% %(each)s
JOIN picks a ON a.what = 'agent' AND a.place = (h / 31) %% %(agents)s
JOIN picks t ON t.what = 'team' AND t.place = (h / 37) %% %(teams)s
ORDER BY i
"""

_ENTRY = "p.entry + s.place"
_PERSON = "CASE WHEN x.person_id = p.customer_id THEN p.requester_id ELSE p.colleague_id END"
_ADDRESS = "CASE WHEN x.person_id = p.customer_id THEN p.requester_email ELSE p.colleague_email END"
_ACTOR = {
    "actor_id": "CASE x.actor_kind WHEN 'customer' THEN p.requester_id WHEN 'staff' THEN p.assignee_id END",
    "actor_label": (
        "CASE x.actor_kind WHEN 'customer' THEN p.requester_label WHEN 'staff' THEN p.assignee_label "
        "ELSE x.actor_label END"
    ),
}
_MESSAGE_ID = "p.number || '.' || x.message_id"


# What one customer in a hundred has: the bench searches for it.
RARE = "snowflake"
_RARE = "p.i % 100 = 0 AND x.id = (SELECT min(id) FROM model f WHERE f.ticket_id = x.ticket_id)"


@dataclass(frozen=True)
class Table:
    """How a table's rows become another ticket's. `ticket`: the column that names it; `entry`: the one of a reply;
    `by`: in which order they lie.
    """

    name: str
    columns: Mapping[str, str]
    ticket: str = "ticket_id"
    entry: str = "NULL"
    where: str = "true"
    by: str = "id"


_TABLES = (
    Table(
        "tickets_ticket",
        {
            "id": "p.ticket_id",
            "number": "p.number",
            "subject": "x.subject || ' (' || p.i || ')'",
            "requester_id": "p.requester_id",
            "organization_id": "p.organization_id",
            "assignee_id": "CASE WHEN x.assignee_id IS NOT NULL THEN p.assignee_id END",
            "team_id": "p.team_id",
        },
        ticket="id",
    ),
    Table(
        "tickets_participant",
        {
            "ticket_id": "p.ticket_id",
            "person_id": _PERSON,
            "added_by_id": "CASE WHEN x.added_by_id IS NOT NULL THEN p.requester_id END",
        },
    ),
    Table(
        "tickets_reply",
        {
            "id": _ENTRY,
            "ticket_id": "p.ticket_id",
            "author_id": "CASE WHEN x.from_staff THEN p.assignee_id ELSE p.requester_id END",
            "text": f"x.text || CASE WHEN {_RARE} THEN ' {RARE}' ELSE '' END",
            "new_text": f"x.new_text || CASE WHEN {_RARE} THEN ' {RARE}' ELSE '' END",
        },
        entry="x.id",
    ),
    # As the triggers would have made it, which do not run while copying.
    Table(
        "tickets_publicwords",
        {
            "ticket_id": "p.ticket_id",
            "words": (
                "ts_delete(x.words, '~' || (x.ticket_id >> 14)) "
                "|| array_to_tsvector(ARRAY['~' || (p.ticket_id >> 14)]) || answerable_words(p.i::text, 'A') "
                f"|| CASE WHEN p.i % 100 = 0 THEN answerable_words('{RARE}', 'C') ELSE '' END"
            ),
        },
        by="ticket_id",
    ),
    Table(
        "tickets_event",
        {
            "ticket_id": "p.ticket_id",
            **_ACTOR,
            "data": (
                "CASE WHEN s.place IS NOT NULL THEN x.data || jsonb_build_object('reply', p.entry + s.place) "
                "WHEN x.kind = 'assigned' THEN x.data || jsonb_build_object('assignee', p.assignee_id, "
                "'assignee_label', p.assignee_label, 'team', p.team_id, 'team_label', p.team_label) ELSE x.data END"
            ),
        },
        entry="(x.data->>'reply')::bigint",
    ),
    Table("sla_leg", {"ticket_id": "p.ticket_id"}),
    Table(
        "notify_delivery",
        {
            "ticket_id": "p.ticket_id",
            "entry_id": _ENTRY,
            "person_id": _PERSON,
            "address": _ADDRESS,
            "message_id": _MESSAGE_ID,
            # Long sent: the words are kept short, so that loading takes a minute and not three.
            "text": "left(x.text, 80)",
            "html": "''",
        },
        entry="x.entry_id",
    ),
    Table(
        "mail_messageref",
        {"message_id": _MESSAGE_ID, "ticket_id": "p.ticket_id", "entry_id": _ENTRY, "person_id": _PERSON},
        entry="x.entry_id",
    ),
    Table(
        "audit_record", {"subject_id": "p.ticket_id", **_ACTOR}, ticket="subject_id", where="subject_kind = 'ticket'"
    ),
)


@dataclass(frozen=True)
class Size:
    """How many of what there are. `each`: people in an organization."""

    copies: int
    organizations: int
    each: int
    agents: int
    teams: int
    closed: float = 0.93
    due: datetime | None = None


def multiply(patterns: Sequence[Pattern], size: Size, now: datetime) -> None:
    """Fill the tables. Foreign keys are not checked again, row by row, where the server lets us leave that out."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL work_mem = '64MB'")
        _plan(patterns, size, now)
        with _unindexed() if size.due is None else contextlib.nullcontext():
            for table in _TABLES:
                _copy(table)
        cursor.execute("SELECT setval('tickets_ticket_id_seq', max(id)) FROM tickets_ticket")
        cursor.execute("SELECT setval('ticket_number', max(number)) FROM tickets_ticket")
        cursor.execute("SELECT setval('entry_id', max(id)) FROM tickets_reply")
        cursor.execute("DROP TABLE plan, kinds, picks, said")
        cursor.execute("SET LOCAL session_replication_role = DEFAULT")


@contextlib.contextmanager
def _unindexed() -> Iterator[None]:
    """The index of words is made anew at the end: word by word it would take longer than all the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'public_words'")
        (made,) = cursor.fetchone() or ("",)
        cursor.execute("DROP INDEX public_words")
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '256MB'")
        cursor.execute(made)


def settle() -> None:
    """What autovacuum and time would have done. A managed server may keep CHECKPOINT for itself."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
        with contextlib.suppress(ProgrammingError):
            cursor.execute("CHECKPOINT")


def _plan(patterns: Sequence[Pattern], size: Size, now: datetime) -> None:
    ids = [pattern.ticket_id for pattern in patterns]
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE kinds "
            "(ticket_id bigint, customer_id bigint, kind text, severity text, anchor timestamptz)"
        )
        cursor.executemany(
            "INSERT INTO kinds VALUES (%s, %s, %s, %s, %s)",
            [(p.ticket_id, p.customer_id, p.kind, p.severity, p.anchor) for p in patterns],
        )
        cursor.execute("ALTER TABLE kinds ADD target interval")
        cursor.execute(
            "UPDATE kinds SET target = make_interval(secs => l.target) FROM sla_leg l "
            "WHERE l.ticket_id = kinds.ticket_id AND l.metric = 'first_response'"
        )
        cursor.execute(
            "CREATE TEMP TABLE said AS SELECT id, row_number() OVER (PARTITION BY ticket_id ORDER BY id) AS place "
            "FROM tickets_reply WHERE ticket_id = ANY(%s)",
            [ids],
        )
        cursor.execute(_PICKS)
        values: dict[str, int | float | datetime | None] = {
            "now": now,
            "count": size.copies,
            "organizations": size.organizations,
        }
        values |= {"each": size.each, "agents": size.agents, "teams": size.teams}
        cursor.execute("SELECT max(number), (SELECT max(id) FROM tickets_reply) FROM tickets_ticket")
        values["number"], values["entry"] = cursor.fetchone() or (0, 0)
        cursor.execute("SELECT max(id) FROM tickets_ticket")
        values["first"] = (cursor.fetchone() or (0,))[0]
        values |= {"closed": size.closed, "due": size.due}
        cursor.execute(_PLAN, values)
        cursor.execute("ANALYZE plan, said")


_PICKS = """
CREATE TEMP TABLE picks AS
SELECT 'organization' AS what, row_number() OVER (ORDER BY id) - 1 AS place, id, ''::text AS email, name
  FROM people_organization
UNION ALL SELECT 'person', row_number() OVER (ORDER BY id) - 1, id, email, name
  FROM people_person WHERE role = 'customer'
UNION ALL SELECT 'agent', row_number() OVER (ORDER BY id) - 1, id, email, name
  FROM people_person WHERE role = 'agent'
UNION ALL SELECT 'team', row_number() OVER (ORDER BY id) - 1, id, '', name FROM people_team;
CREATE UNIQUE INDEX ON picks (what, place);
ANALYZE picks, kinds;
"""


def _copy(table: Table) -> None:
    """In the order of the plan, so that a ticket's rows lie together as they do where time wrote them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns "
            "WHERE table_schema = 'public' AND table_name = %s ORDER BY ordinal_position",
            [table.name],
        )
        found = [(name, kind) for name, kind in cursor.fetchall() if name != "id" or "id" in table.columns]
        values = ", ".join(_value(table, name, kind) for name, kind in found)
        words = {
            "table": sql.Identifier(table.name),
            "ticket": sql.Identifier(table.ticket),
            "where": sql.SQL(table.where),
            "entry": sql.SQL(table.entry),
            "by": sql.Identifier(table.by),
            "columns": sql.SQL(", ").join(sql.Identifier(name) for name, _kind in found),
            "values": sql.SQL(values),
        }
        cursor.execute(sql.SQL(_COPY).format(**words))


_COPY = """
CREATE TEMP TABLE model AS SELECT * FROM {table} WHERE {ticket} IN (SELECT ticket_id FROM kinds) AND {where};
CREATE INDEX ON model ({ticket});
ANALYZE model;
INSERT INTO {table} ({columns}) SELECT {values} FROM plan p
  CROSS JOIN LATERAL (SELECT * FROM model WHERE {ticket} = p.pattern ORDER BY {by}) x
  LEFT JOIN said s ON s.id = {entry};
DROP TABLE model;
"""


def _value(table: Table, name: str, kind: str) -> str:
    if name in table.columns:
        return table.columns[name]
    if kind == "timestamp with time zone":
        return f'CASE WHEN x."{name}" < \'9000-01-01\' THEN x."{name}" + p.shift ELSE x."{name}" END'
    return f'x."{name}"'
