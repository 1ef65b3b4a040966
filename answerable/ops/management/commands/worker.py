"""`answerable worker`: Procrastinate's worker on all queues."""

from threading import Thread
from typing import Any

from django.conf import settings
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

from answerable.lib.addresses import url
from answerable.ops.command import Command as Base
from answerable.ops.connector import WorkerConnector


class Command(Base):
    help = "Do the background jobs. Start more of them, on any machine, to do more at once."

    def handle(self, *_args: object, **_options: Any) -> None:
        assert isinstance(app.connector, DjangoConnector)
        # The first link in a mail needs the addresses of all pages, and their code takes a second to load: begun now,
        # it is there when the first page has to leave.
        Thread(target=url, args=("desk:alerts",), daemon=True).start()
        with app.replace_connector(WorkerConnector(app.connector)) as worker:
            worker.run_worker(
                concurrency=settings.WORKER_CONCURRENCY,
                delete_jobs="successful",
                # A job in a thread cannot be aborted; ops.jobs puts back what the supervisor then kills.
                shutdown_graceful_timeout=6,
                # Jobs that were put off are found by the poll only: no NOTIFY tells when they fall due.
                fetch_job_polling_interval=2,
                update_heartbeat_interval=5,
                stalled_worker_timeout=20,
            )
