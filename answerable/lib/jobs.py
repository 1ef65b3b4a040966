"""Defer tasks in the transaction at hand by the queue's own function in the database, for what runs with every mail.

The queue's Python around that function takes three times as long as the function itself.
"""

import json
from typing import Any

from procrastinate.tasks import Task

from answerable.lib.rows import cursor

_DEFER = """
SELECT procrastinate_defer_jobs_v1(array_agg(
  ROW ($1, $2, $3, NULL, NULL, job::jsonb, NULL)::procrastinate_job_to_defer_v1
)) FROM unnest($4::text[]) AS job
"""


def defer(task: Task[Any, Any, Any], *jobs: dict[str, int], priority: int | None = None) -> None:
    """A job for each of these keyword arguments, to be run as soon as there is a worker; none given: nothing.

    For tasks without locks: a `queueing_lock` is the queue's own affair.
    """
    assert task.lock is None
    assert task.queueing_lock is None
    if jobs:
        with cursor() as asked:
            first = task.priority if priority is None else priority
            asked.execute(_DEFER, [task.queue, task.name, first, [json.dumps(job) for job in jobs]])
