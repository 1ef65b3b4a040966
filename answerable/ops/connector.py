"""The worker's way to the database: a pool of its own for the queue, Django's connection for what jobs defer."""

from typing import Any

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector
from psycopg import AsyncConnection

# The queue empties many times a day. A plan made while it is empty compares each waiting job with every other one, and
# the connection keeps that plan when a thousand wait: 900,000 comparisons for each job (decision 0062). The table's
# indexes are right for any number of jobs, so nothing else is to be weighed against them.
_ALONG_INDEXES = "SELECT set_config(name, 'off', false) FROM unnest(ARRAY['enable_seqscan', 'enable_sort']) AS name"


class WorkerConnector(PsycopgConnector):
    """Procrastinate's own would defer on its pool, outside the transaction of the job that defers.

    The deferred job could then run before there is anything to work on, and would stay after a rollback.
    """

    def __init__(self, django: DjangoConnector) -> None:
        super().__init__(kwargs=connector_params(django.alias), configure=_configure)
        self._django = django

    def get_sync_connector(self) -> BaseConnector:
        """What `task.defer()` uses in a job's thread, where Django has the connection of that job."""
        return self._django


async def _configure(connection: AsyncConnection[Any]) -> None:
    """Each statement of the queue is a whole: to begin and to commit it would cost two more ways to the server."""
    await connection.set_autocommit(True)
    await connection.execute(_ALONG_INDEXES)
