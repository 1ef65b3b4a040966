"""The background jobs that look after background jobs."""

import logging

from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

log = logging.getLogger(__name__)

# A worker says so every 5 seconds while it is alive (see the worker command).
SILENCE = 20.0


@app.periodic(cron="* * * * * */10")
@app.task(name="ops.retry_stalled", queueing_lock="ops.retry_stalled")
async def retry_stalled(timestamp: int) -> None:
    """A killed worker leaves its jobs "doing" for ever; put them back. That is why every job may run twice."""
    manager = app.job_manager
    for job in await manager.get_stalled_jobs(seconds_since_heartbeat=SILENCE):
        log.warning("job %s (%s) lost its worker; it runs again", job.id, job.task_name)
        try:
            await manager.retry_job(job)
        except UniqueViolation:  # a newer one of its kind already waits (queueing lock), and will do its work
            await manager.finish_job(job, Status.FAILED, delete_job=True)
