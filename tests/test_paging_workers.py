"""Three workers, one of them killed between a relay's 250 and our commit: each page is one row, and one message."""

from collections import Counter
from pathlib import Path

import psycopg
import pytest
from aiosmtpd.controller import Controller

from tests.driven import driven
from tests.running import free_port, wait_for
from tests.test_deliveries import A, Stopping, worker

pytestmark = pytest.mark.django_db(transaction=True)

PAGES = "SELECT alert_id, turn, number, person_id, way, count(*) FROM escalation_page GROUP BY 1, 2, 3, 4, 5"


@pytest.mark.behaviour("B-366")
def test_each_page_is_one_row_with_three_workers_and_one_killed(tmp_path: Path) -> None:
    relay = Stopping()
    controller = Controller(relay, hostname="127.0.0.1", port=free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}"
    with driven(A, tmp_path, EMAIL_URL=url, ANSWERABLE_WORKER_CONCURRENCY="1") as one:
        one.do("alarms", count=6)
        try:
            with worker(one) as victim, worker(one) as second, worker(one) as third:
                relay.victim = victim.pid
                wait_for(lambda: relay.taken and relay.victim is None, 30)
                victim.kill()
                victim.wait()
                with psycopg.connect(one.environment["DATABASE_URL"], autocommit=True) as database:
                    dead = "UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'"
                    database.execute(dead)
                    one.do("put_back")
                    states = "SELECT state FROM escalation_page"
                    wait_for(lambda: Counter(database.execute(states).fetchall()) == {("sent",): 6}, 30)
                    found = database.execute(PAGES).fetchall()
                for each in (second, third):
                    each.terminate()
                    each.wait(20)
        finally:
            controller.stop()
    assert len(found) == 6
    assert {row[-1] for row in found} == {1}
    times = Counter(relay.taken)
    assert len(times) == 6
    assert sorted(times.values()) in ([1] * 6, [1, 1, 1, 1, 1, 2])
