"""What an import would do: decided from the tables and from what is known, without a database."""

from answerable.lib.tables import Table
from answerable.people.import_rows import Organizations, People
from answerable.people.import_terms import Plan, World


def plan(organizations: Table | None, people: Table | None, world: World) -> Plan:
    """Organizations first, so that people may belong to new ones."""
    found = Plan()
    for name, table in (("organizations", organizations), ("people", people)):
        found.problems += [(name, problem) for problem in (table.problems if table else ())]
    first = Organizations(world, found)
    for row in organizations.rows if organizations else ():
        first.take(row)
    second = People(world, found, first.names())
    for row in people.rows if people else ():
        second.take(row)
    found.problems.sort(key=lambda one: (one[0], one[1].row))
    return found
