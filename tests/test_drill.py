"""A drill through a whole instance: real SMTP, the web server, workers, a relay that gets the pages."""

import subprocess
import sys

import pytest

from tests.running import ROOT, Instance, Sink

# What the demo, or another test, has left burning: then no drill begins.
PUT_OUT = """
UPDATE escalation_alert SET state = 'acked', acked_at = now(), due_at = NULL
WHERE state = 'open' AND left(source, 6) <> 'drill:' RETURNING id
"""


@pytest.mark.behaviour("B-385")
def test_each_way_in_is_paged_within_ten_seconds(instance: Instance, customers: tuple[Sink, int]) -> None:
    instance.query(PUT_OUT)
    command = [sys.executable, "-m", "answerable", "drill", "--team", "cloud", "--until", "paged"]
    done = subprocess.run(
        command, cwd=ROOT, env=instance.environment(), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Each was paged within 10 s." in done.stdout
    titles = {str(mail["Subject"]) for mail in customers[0].mails if "DRILL" in str(mail["Subject"])}
    assert titles == {"DRILL: a test P0 by mail", "DRILL: a test P0 by the portal"}
    (pk,) = instance.query("SELECT id FROM escalation_drill WHERE state = 'running'")[0]
    assert instance.post(instance.log_in("admin@acme.example"), f"/desk/drills/{pk}/stop").status_code == 200
    assert instance.query("SELECT state FROM escalation_drill") == [("stopped",)]
