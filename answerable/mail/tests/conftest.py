"""What the tests of the mail room share."""

from collections.abc import Callable

import pytest
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tests.dovecot import dovecot, running_dovecot

__all__ = ["dovecot", "running_dovecot"]


@pytest.fixture
def jobs(transactional_db: None) -> Callable[[], list[int]]:
    """The raw mail that is to be handled."""
    return lambda: [job.args["raw_id"] for job in ProcrastinateJob.objects.order_by("id")]


@pytest.fixture
def defer() -> Callable[[int], object]:
    """What the intake and the collector are given: the mail room's job, which this room cannot import."""
    task = app.configure_task("answerable.casework.jobs.receive_mail", queue="mail-in")
    return lambda raw_id: task.defer(raw_id=raw_id)
