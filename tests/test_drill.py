"""A drill through a whole instance: real SMTP, the web server, workers, a relay that gets the pages."""

import subprocess
import sys

import pytest

from tests.running import ROOT, Instance, Sink, wait_for


@pytest.mark.behaviour("B-385")
def test_each_way_in_is_paged_within_ten_seconds(instance: Instance, customers: tuple[Sink, int]) -> None:
    burns = "SELECT count(*) FROM escalation_alert WHERE state = 'open' AND severity = 'P0' AND source NOT LIKE 'drill:%'"
    acked = "UPDATE escalation_alert SET state = 'acked', acked_at = now(), due_at = NULL WHERE state = 'open'"
    if instance.query(burns)[0][0]:  # of the demo's, or of another test's
        instance.query(f"{acked} RETURNING id")
    command = [sys.executable, "-m", "answerable", "drill", "--team", "cloud", "--until", "paged"]
    done = subprocess.run(command, cwd=ROOT, env=instance.environment(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Each was paged within 10 s." in done.stdout
    mails = [mail for mail in customers[0].mails if "DRILL" in str(mail["Subject"])]
    assert {str(mail["Subject"]) for mail in mails} == {"DRILL: a test P0 by mail", "DRILL: a test P0 by the portal"}

    again = subprocess.run(command, cwd=ROOT, env=instance.environment(), capture_output=True, text=True, timeout=60)
    assert (again.returncode, "running already" in again.stderr) == (3, True)
    lead = instance.log_in("admin@acme.example")
    (pk,) = instance.query("SELECT max(id) FROM escalation_drill")[0]
    instance.post(lead, f"/desk/drills/{pk}/stop")
    wait_for(lambda: instance.query("SELECT state FROM escalation_drill")[-1] == ("stopped",))
