"""The worker's way to the database: a pool of its own for the queue, Django's connection for what jobs defer."""

from procrastinate.connector import BaseConnector
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.contrib.django.utils import connector_params
from procrastinate.psycopg_connector import PsycopgConnector


class WorkerConnector(PsycopgConnector):
    """Procrastinate's own would defer on its pool, outside the transaction of the job that defers.

    The deferred job could then run before there is anything to work on, and would stay after a rollback.
    """

    def __init__(self, django: DjangoConnector) -> None:
        super().__init__(kwargs=connector_params(django.alias))
        self._django = django

    def get_sync_connector(self) -> BaseConnector:
        """What `task.defer()` uses in a job's thread, where Django has the connection of that job."""
        return self._django
