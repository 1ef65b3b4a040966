"""The queue finds its next job without looking at the others, whatever the tables' statistics say."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from django.db import connection
from procrastinate import sql
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from psycopg import AsyncConnection

from answerable.ops.connector import WorkerConnector

WAITING = 300
Queue = AsyncConnection[Any]

_PUT = """
INSERT INTO procrastinate_jobs (queue_name, task_name, args, priority)
SELECT 'mail-out', 'some.task', '{}', mod(number, 3) FROM generate_series(1, %s) AS number
"""
_READ = """
SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables WHERE relname = 'procrastinate_jobs'
"""


def with_the_queue(work: Callable[[Queue], Awaitable[list[int]]]) -> list[int]:
    """What `work` finds on one connection of a worker's queue."""
    assert isinstance(app.connector, DjangoConnector)
    connector = WorkerConnector(app.connector)

    async def run() -> list[int]:
        await connector.open_async()
        try:
            async with connector.pool.connection() as queue:
                return await work(queue)
        finally:
            await connector.close_async()

    return asyncio.run(run())


async def fetch(queue: Queue) -> int:
    """How many rows are read until the next job has begun; it is done with then, and where none waits, -1."""
    async with queue.transaction():
        before = await number(queue, _READ)
        found = await queue.execute(sql.queries["fetch_job"], {"queues": None, "worker_id": None})
        job = (await found.fetchone() or [None])[0]
        read = await number(queue, _READ) - before
        if job is None:
            return -1
        await queue.execute("SELECT procrastinate_finish_job_v1(%s, 'succeeded', true)", [job])
    return read


async def number(queue: Queue, query: str) -> int:
    row = await (await queue.execute(query)).fetchone()
    return int(row[0]) if row else 0


@pytest.mark.behaviour("B-540")
def test_the_next_job_is_found_without_a_look_at_those_behind_it(real_transactions: None) -> None:
    with connection.cursor() as asked:
        # As a quiet night leaves it: the statistics say that nothing ever waits.
        asked.execute("TRUNCATE procrastinate_jobs CASCADE; ANALYZE procrastinate_jobs")

    async def work(queue: Queue) -> list[int]:
        for _ in range(8):  # by then the connection has made up its mind how to look
            await queue.execute(_PUT, [1])
            await fetch(queue)
            await fetch(queue)
        await queue.execute(_PUT, [WAITING])
        return [await fetch(queue) for _ in range(WAITING)]

    read = with_the_queue(work)
    assert min(read) >= 0, "each of them finds a job"
    assert max(read) <= 10


def test_a_statement_of_the_queue_is_no_transaction_of_three(real_transactions: None) -> None:
    async def work(queue: Queue) -> list[int]:
        return [queue.autocommit]

    assert with_the_queue(work) == [True]
