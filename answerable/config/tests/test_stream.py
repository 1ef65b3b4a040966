"""`/live`: events reach browsers that may hear them, and nobody else."""

import json
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

import pytest
from django.core import signing
from django.db import connection

from answerable.config.tests.serving import Server, serving
from answerable.live import access, actions


@pytest.fixture
def site(live_site: Server) -> Server:
    """The site, once the streams of the test before are gone."""
    while live_site.streams():
        time.sleep(0.02)
    return live_site


class Listener:
    """A browser's end of one stream."""

    def __init__(self, server: Server, *tokens: str, headers: str = "") -> None:
        query = "&".join(f"t={token}" for token in tokens)
        self.socket = server.open(f"GET /live?{query} HTTP/1.1\r\nHost: x\r\n{headers}\r\n")
        self.text = ""
        self._read_until("\r\n\r\n")
        self.status = int(self.text.split()[1])
        self.headers, _, self.text = self.text.partition("\r\n\r\n")
        if self.status == 200:
            self._read_until("retry:")

    def _read_until(self, mark: str) -> None:
        while mark not in self.text:
            block = self.socket.recv(65536).decode()
            if not block:
                raise EOFError(self.text)
            self.text += block

    def event(self) -> dict[str, Any]:
        """The next event."""
        self._read_until("data: ")
        self.text = self.text.partition("data: ")[2]
        self._read_until("\n\n")
        data, _, self.text = self.text.partition("\n\n")
        return dict(json.loads(data))

    def ends(self) -> bool:
        """Whether the server ends the stream."""
        self._read_until("\r\n0\r\n\r\n")
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def test_events_reach_those_who_may_hear_them(site: Server, desk: str) -> None:
    with (
        Listener(site, access.sign([desk], 1)) as agent,
        Listener(site, access.sign([f"{desk}:customer"], 2)) as customer,
    ):
        assert "text/event-stream" in agent.headers
        assert "cache-control: no-store" in agent.headers
        assert "x-accel-buffering: no" in agent.headers
        actions.publish(f"{desk}:staff", "noted", ticket=5)
        actions.publish(desk, "replied", ticket=5, v=3)
        actions.publish_many([actions.Event(f"{desk}:customer", "replied", {"ticket": 5})])
        assert agent.event() == {"s": desk, "k": "replied", "ticket": 5, "v": 3}
        assert customer.event() == {"s": f"{desk}:customer", "k": "replied", "ticket": 5}


def test_several_tokens_of_one_person_make_one_stream(site: Server, desk: str) -> None:
    with Listener(site, access.sign([desk], 1), access.sign([f"{desk}:staff"], 1)) as agent:
        actions.publish(f"{desk}:staff", "noted", ticket=7)
        actions.publish(desk, "noted", ticket=7)
        assert [agent.event()["s"], agent.event()["s"]] == [f"{desk}:staff", desk]


def test_an_event_just_before_the_stream_opened_is_not_lost(site: Server, desk: str) -> None:
    token = access.sign([desk], 1)
    actions.publish(desk, "opened", ticket=9)
    actions.publish(f"{desk}:staff", "opened", ticket=9)
    time.sleep(0.3)
    with Listener(site, token) as agent:
        assert agent.event() == {"s": desk, "k": "opened", "ticket": 9}
        actions.publish(desk, "last", ticket=9)
        assert agent.event()["k"] == "last"


@pytest.mark.parametrize("kind", ["none", "changed", "other salt", "expired", "two persons", "cross-site", "one bad"])
def test_who_may_not_listen_is_refused(site: Server, kind: str, desk: str) -> None:
    good = access.sign([desk], 1)
    tokens = {
        "none": [],
        "changed": [good[:-1] + ("A" if good[-1] != "A" else "B")],
        "other salt": [signing.dumps({"s": [desk], "p": 1, "i": int(time.time()), "n": 600}, salt="mail")],
        "expired": [access.sign([desk], 1, seconds=0)],
        "two persons": [good, access.sign([desk], 2)],
        "cross-site": [good],
        "one bad": [good, "x"],
    }[kind]
    headers = "Sec-Fetch-Site: cross-site\r\n" if kind == "cross-site" else "Sec-Fetch-Site: same-origin\r\n"
    with Listener(site, *tokens, headers=headers) as refused:
        assert refused.status == 403
    with Listener(site, good, headers="Sec-Fetch-Site: same-origin\r\n") as heard:
        assert heard.status == 200


def test_a_stream_ends_with_its_token(site: Server, desk: str) -> None:
    started = time.monotonic()
    with Listener(site, access.sign([desk], 1, seconds=2), access.sign([desk], 1)) as agent:
        assert agent.ends()
    assert time.monotonic() - started < 5


@pytest.mark.behaviour("B-36")
def test_revoking_closes_the_streams_of_the_person_and_their_tokens(site: Server, desk: str) -> None:
    token = access.sign([f"{desk}:customer"], 12)
    with Listener(site, token) as customer, Listener(site, access.sign([f"{desk}:customer"], 13)) as other:
        actions.end_streams(12)
        assert customer.event() == {"k": "close"}
        assert customer.ends()
        actions.publish(f"{desk}:customer", "replied", ticket=5)
        assert other.event()["k"] == "replied"
    with Listener(site, token) as refused:
        assert refused.status == 403
    time.sleep(1.1)
    with Listener(site, access.sign([desk], 12)) as again:
        assert again.status == 200


def test_streams_are_limited_for_a_person_and_in_all(site: Server, desk: str) -> None:
    token = access.sign([desk], 1)
    other = access.sign([desk], 2)
    with Listener(site, token), Listener(site, token), Listener(site, token) as third:
        with Listener(site, token) as refused:
            assert refused.status == 503
            assert "retry-after: 30" in refused.headers
        with Listener(site, other), Listener(site, other), Listener(site, access.sign([desk], 3)) as refused:
            assert refused.status == 503
        third.socket.close()
        time.sleep(0.3)
        with Listener(site, token) as heard:
            assert heard.status == 200


def test_everybody_refreshes_once_a_lost_connection_is_back(site: Server, desk: str) -> None:
    with Listener(site, access.sign([desk], 1)) as agent:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'answerable live' AND datname = current_database()"
            )
        assert agent.event() == {"k": "refresh"}
        actions.publish(desk, "replied", ticket=5)
        assert agent.event()["k"] == "replied"


def test_it_stops_at_once_with_streams_open(tmp_path: Path, database: dict[str, Any], desk: str) -> None:
    with serving(tmp_path, database=database) as site, ExitStack() as stack:
        tokens = [access.sign([desk], person) for person in range(50)]
        streams = [stack.enter_context(Listener(site, token)) for token in tokens]
        assert site.stop() < 5
        assert all(stream.ends() for stream in streams)
