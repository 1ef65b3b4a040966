"""Request bodies: whole before they cost a thread, limited in size, pace and number."""

import asyncio
import hashlib
import json
import socket
import time
from pathlib import Path

import pytest

from answerable.config.protocol import ClientGone, Message, Patience
from answerable.config.spool import Limits, Spools
from answerable.config.tests.serving import MB, Server, serving


@pytest.mark.parametrize("size", [0, 1, 1000, MB, MB + 1, 60 * MB])
def test_a_body_arrives_whole(server: Server, size: int) -> None:
    body = b"0123456789abcdef" * (size // 16) + b"y" * (size % 16)
    response, answer = server.ask("/length", "POST", body)
    assert response.status == 200
    assert json.loads(answer)[:2] == [size, hashlib.sha256(body).hexdigest()]


def test_chunks_of_unknown_sum_arrive_with_a_length(server: Server) -> None:
    connection = server.open("POST /length HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    connection.sendall(b"5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n")
    answer = json.loads(_answer(connection).partition(b"\r\n\r\n")[2])
    assert answer == [11, hashlib.sha256(b"hello world").hexdigest(), "11"]


def test_too_much_is_refused_in_words_that_the_sender_can_read(server: Server) -> None:
    response, answer = server.ask("/length", "POST", b"x" * (60 * MB + 1))
    assert response.status == 413
    assert answer == b"This is too large. At most 60 MB can be sent at once.\n"


def test_too_much_in_chunks_is_refused(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"body_bytes": MB}) as site:
        chunks = (b"x" * 65536 for _ in range(20))
        response, _ = site.ask("/length", "POST", chunks)
        assert response.status == 413
        assert "/length" not in site.runs()


def test_a_client_that_asks_first_is_refused_before_it_sends(server: Server) -> None:
    started = time.monotonic()
    connection = server.open(
        f"POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: {61 * MB}\r\nExpect: 100-continue\r\n\r\n"
    )
    assert _answer(connection).startswith(b"HTTP/1.1 413 ")
    assert time.monotonic() - started < 3


def test_an_upload_that_stalls_is_given_up(server: Server) -> None:
    assert _answer(_upload(server, "/stalled")).startswith(b"HTTP/1.1 408 ")
    assert "/stalled" not in server.runs()


def test_an_upload_below_the_least_pace_is_given_up(server: Server) -> None:
    started = time.monotonic()
    answer = b""
    with _upload(server, "/slow") as connection:
        connection.settimeout(0.2)
        while not answer and time.monotonic() - started < 10:
            try:
                connection.sendall(b"x")
                answer = connection.recv(1000)
            except TimeoutError:
                continue
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert time.monotonic() - started > 1.5


def test_nothing_happens_when_the_client_leaves_half_way(server: Server) -> None:
    for ending in ("Content-Length: 100\r\n\r\nhalf", "Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n"):
        server.open(f"POST /left HTTP/1.1\r\nHost: x\r\n{ending}").close()
    assert server.ask("/page")[1] == b"a page"
    assert "/left" not in server.runs()


@pytest.mark.behaviour("B-49")
def test_twenty_slow_uploads_move_no_page(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        slow = [_upload(site, "/length", 100) for _ in range(20)]
        waits = []
        for _ in range(5):
            for upload in slow:
                upload.sendall(b"x")
            for _ in range(20):
                started = time.monotonic()
                assert site.ask("/page")[1] == b"a page"
                waits.append(time.monotonic() - started)
        assert max(waits) < 2
        for upload in slow:
            upload.sendall(b"x" * (100 - 4 - 5))
        assert {json.loads(_answer(upload).partition(b"\r\n\r\n")[2])[0] for upload in slow} == {100}


def test_uploads_are_limited_in_number_and_in_sum(tmp_path: Path) -> None:
    with serving(tmp_path, limits={"requests": 2, "total_bytes": 3 * MB}) as site:
        with _upload(site, "/length"), _upload(site, "/length"):
            time.sleep(0.3)
            response, _ = site.ask("/length", "POST", b"x")
            assert response.status == 503
            assert response.headers["Retry-After"] == "5"
        time.sleep(0.3)
        assert site.ask("/length", "POST", b"x")[0].status == 200
        assert site.ask("/length", "POST", b"x" * (3 * MB + 1))[0].status == 503
        assert site.ask("/length", "POST", b"x" * (2 * MB))[0].status == 200
        assert site.ask("/page")[0].status == 200


def test_a_body_cut_short_is_never_taken_for_whole(tmp_path: Path) -> None:
    async def receive() -> Message:
        return {"type": "http.request", "body": b"half", "more_body": False}

    async def read() -> None:
        scope = {"method": "POST", "headers": [(b"content-length", b"8")]}
        async with Spools(Limits(body_bytes=MB), tmp_path, Patience()).whole(scope, receive):
            raise AssertionError("taken")

    with pytest.raises(ClientGone):
        asyncio.run(read())


def _upload(server: Server, path: str, size: int = 1000) -> socket.socket:
    """An upload that has begun and goes no further by itself."""
    return server.open(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Length: {size}\r\n\r\nhalf")


def _answer(connection: socket.socket) -> bytes:
    with connection:
        answer = b""
        while b"\r\n\r\n" not in answer:
            answer += connection.recv(65536) or b"\r\n\r\n"
        return answer + (b"" if answer.partition(b"\r\n\r\n")[2] else connection.recv(65536))
