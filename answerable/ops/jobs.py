"""The background jobs that look after background jobs."""

import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from psycopg.errors import RaiseException

log = logging.getLogger(__name__)

# A worker says so every 5 seconds while it is alive (see the worker command).
SILENCE = 20.0


@app.periodic(cron="* * * * * */10")
@app.task(name="ops.retry_stalled", queueing_lock="ops.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """A killed worker leaves its jobs "doing" for ever; put them back. That is why every job may run twice."""
    for job in await app.job_manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        try:
            await _put_back(job)
        except ConnectorException as error:
            # It has ended after all, or another worker was first: the jobs after it still wait for us.
            if not isinstance(error.__cause__, RaiseException):
                raise


async def _put_back(job: Job) -> None:
    log.warning("job %s (%s) lost its worker; it runs again", job.id, job.task_name)
    try:
        await app.job_manager.retry_job(job)
    except UniqueViolation:  # a newer one of its kind already waits (queueing lock), and will do its work
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=True)
