"""A change of many tickets at once: what was asked, of which tickets, and what became of each.

The row is there before anything happens: it is the preview, then the progress, then the report (decision 0040).
"""

from django.db import models
from django.db.models import Q


class BulkRun(models.Model):
    """One verb for many tickets. `args` is what the verb takes besides, with the words (`label`) of that day.

    `undoes`: the run that this one takes back. `left_out`: how many were ticked and not taken, being too many or out of
    sight. `begins_at`: nothing is done before; None: at once. `problem`: whose incidents it tells something.
    """

    PREVIEW, RUNNING, DONE = "preview", "running", "done"
    STATES = [(PREVIEW, "preview"), (RUNNING, "running"), (DONE, "done")]

    by = models.ForeignKey("people.Person", on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(max_length=16)
    args = models.JSONField(default=dict)
    undoes = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    problem = models.ForeignKey(
        "tickets.Ticket", null=True, blank=True, on_delete=models.CASCADE, related_name="+", db_index=False
    )
    state = models.CharField(max_length=8, choices=STATES, default=PREVIEW)
    left_out = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    begins_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "tickets"
        indexes = [
            models.Index(fields=["id"], condition=Q(state="running"), name="bulk_run_running"),
            models.Index(fields=["created_at"], condition=Q(state="preview"), name="bulk_run_preview"),
            models.Index(fields=["-started_at", "-id"], condition=~Q(state="preview"), name="bulk_run_recent"),
            models.Index(fields=["problem", "-id"], condition=Q(problem__isnull=False), name="bulk_run_problem"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} by {self.by_id}"


class BulkItem(models.Model):
    """One ticket of a run. `seen` is what the verb changes, as it was for the preview; `was` says it in words.

    `left`: it was not changed, `why` says so to a person, `code` to a program.
    """

    TODO, DONE, LEFT = "todo", "done", "left"
    STATES = [(TODO, "to do"), (DONE, "done"), (LEFT, "left as it was")]

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="items")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    seen = models.JSONField(default=dict)
    was = models.CharField(max_length=300, blank=True)
    state = models.CharField(max_length=4, choices=STATES, default=TODO)
    code = models.CharField(max_length=32, blank=True)
    why = models.CharField(max_length=500, blank=True)
    at = models.DateTimeField(null=True, blank=True)

    class Meta:
        app_label = "tickets"
        constraints = [models.UniqueConstraint("run", "ticket", name="bulk_item_once")]
        indexes = [models.Index(fields=["run", "id"], condition=Q(state="todo"), name="bulk_item_todo")]

    def __str__(self) -> str:
        return f"ticket {self.ticket_id} of run {self.run_id}"


class EventCause(models.Model):
    """Why an event was written, where its verb does not say: a bulk run did it, or it takes back another event."""

    event = models.OneToOneField("tickets.Event", on_delete=models.CASCADE, related_name="+")
    ticket = models.ForeignKey("tickets.Ticket", on_delete=models.CASCADE, related_name="+")
    run = models.ForeignKey(BulkRun, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undoes = models.ForeignKey("tickets.Event", null=True, blank=True, on_delete=models.CASCADE, related_name="+")

    class Meta:
        app_label = "tickets"

    def __str__(self) -> str:
        return f"cause of event {self.event_id}"
