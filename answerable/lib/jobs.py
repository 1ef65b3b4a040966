"""Defer tasks in the transaction at hand by the queue's own function in the database, for what runs with every mail.

The queue's Python around that function takes three times as long as the function itself.
"""

import json
from collections.abc import Sequence
from typing import Any

from procrastinate.tasks import Task

from answerable.lib.rows import cursor

_DEFER = """
SELECT procrastinate_defer_jobs_v1(array_agg(
  ROW ($1, $2, $3, NULL, NULL, job::jsonb, NULL)::procrastinate_job_to_defer_v1
)), (SELECT count(pg_notify($5, heard)) FROM unnest($6::text[]) AS heard)
FROM unnest($4::text[]) AS job
"""
AnyTask = Task[Any, Any, Any]


def defer(
    task: AnyTask, *jobs: dict[str, int], priority: int | None = None, told: tuple[str, Sequence[str]] = ("", ())
) -> None:
    """A job for each of these keyword arguments, to be run as soon as there is a worker; none given: nothing.

    `told`: a channel, and what those who LISTEN to it hear besides. For tasks without locks: a `queueing_lock` is the
    queue's own affair.
    """
    _require_unlocked(task)
    if jobs:
        with cursor() as asked:
            first = task.priority if priority is None else priority
            waiting = [json.dumps(job) for job in jobs]
            asked.execute(_DEFER, [task.queue, task.name, first, waiting, told[0], list(told[1])])


def _require_unlocked(task: AnyTask) -> None:
    assert task.lock is None
    assert task.queueing_lock is None


class JobOf:
    """The job that a row causes: called with the row's id it defers it, and a statement that stores the row can do it
    in the same breath, which spares what runs with every mail three round trips.
    """

    # Goes behind `WITH stored AS (INSERT … RETURNING id)`; `values` are what its placeholders stand for.
    sql = """
    SELECT stored.id, procrastinate_defer_jobs_v1(ARRAY[
      ROW (%s, %s, %s, NULL, NULL, jsonb_build_object(%s::text, stored.id), NULL)::procrastinate_job_to_defer_v1
    ]) FROM stored"""

    def __init__(self, task: AnyTask, argument: str) -> None:
        _require_unlocked(task)
        self._task, self._argument = task, argument
        self.values = (task.queue, task.name, task.priority, argument)

    def __call__(self, pk: int) -> None:
        defer(self._task, {self._argument: pk})


def take_back(task: AnyTask) -> None:
    """Nothing that waits of this task is to run: for the transaction that deferred it, before anybody sees it."""
    with cursor() as asked:
        asked.execute("DELETE FROM procrastinate_jobs WHERE task_name = $1 AND status = 'todo'", [task.name])


_TAKE = """
DELETE FROM procrastinate_jobs WHERE id = (
  SELECT id FROM procrastinate_jobs
  WHERE status = 'todo' AND priority >= $3 AND task_name = $1 AND scheduled_at IS NULL AND attempts = 0
  AND NOT EXISTS (
    SELECT FROM procrastinate_jobs urgent WHERE urgent.status = 'todo' AND urgent.priority > $3
    AND urgent.task_name <> $1 AND (urgent.scheduled_at IS NULL OR urgent.scheduled_at <= now())
  )
  ORDER BY priority DESC, id LIMIT 1 FOR UPDATE SKIP LOCKED
) RETURNING (args->>$2)::bigint
"""


def take(task: AnyTask, argument: str, priority: int) -> int | None:
    """What the next waiting job of this task is about, of at least this priority; None where something more urgent
    waits, or nothing.

    That job is done with: if this transaction is committed. One that the queue had to hand out again is left to it.
    """
    _require_unlocked(task)
    with cursor() as asked:
        asked.execute(_TAKE, [task.name, argument, priority])
        row = asked.fetchone()
    return int(row[0]) if row else None
