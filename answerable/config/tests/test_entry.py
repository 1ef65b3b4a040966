"""The entry: pages, attachments, slow readers, and the end."""

import json
import socket
import threading
import time
from pathlib import Path
from urllib.parse import quote

import pytest

from answerable.config.tests.serving import MB, Server, serving


def test_a_page_has_its_length_and_head_sends_none_of_it(server: Server) -> None:
    response, body = server.ask("/page")
    assert (response.status, body, response.headers["Content-Length"]) == (200, b"a page", "6")
    response, body = server.ask("/page", "HEAD")
    assert (response.status, body) == (200, b"")


def test_connections_are_kept_alive(server: Server) -> None:
    with server.open("GET /page HTTP/1.1\r\nHost: x\r\n\r\n") as connection:
        for _ in range(3):
            assert connection.recv(65536).endswith(b"a page")
            connection.sendall(b"GET /page HTTP/1.1\r\nHost: x\r\n\r\n")


def test_a_page_that_breaks_is_an_error_and_the_next_one_works(server: Server) -> None:
    assert server.ask("/broken")[0].status == 500
    assert server.ask("/page")[0].status == 200


def test_nothing_of_a_request_reaches_the_next(server: Server) -> None:
    assert [json.loads(server.ask("/remembered")[1]) for _ in range(3)] == ["", "", ""]


def test_the_request_reaches_the_application_in_its_words(server: Server) -> None:
    headers = {"Cookie": "a=1", "X-Forwarded-For": "real", "X_Forwarded_For": "forged", "Content-Type": "text/x"}
    sent = json.loads(server.ask("/environ?q=%20%C3%A9", "POST", b"abc", headers)[1])
    assert sent["REQUEST_METHOD"] == "POST"
    assert sent["QUERY_STRING"] == "q=%20%C3%A9"
    assert sent["CONTENT_LENGTH"] == "3"
    assert sent["CONTENT_TYPE"] == "text/x"
    assert sent["HTTP_COOKIE"] == "a=1"
    assert sent["HTTP_X_FORWARDED_FOR"] == "real"
    assert sent["REMOTE_ADDR"] == "127.0.0.1"
    assert sent["SERVER_PORT"] == str(server.port)


def test_an_attachment_is_streamed(server: Server) -> None:
    content = bytes(range(256)) * 4 * 4096
    (server.files / "one").write_bytes(content)
    for name in ("one", str(server.files / "one")):
        response, body = server.ask(f"/file?name={quote(name)}")
        assert body == content
        assert response.headers["Content-Length"] == str(len(content))
        assert "X-Answerable-File" not in response.headers
    response, body = server.ask("/file?name=one", "HEAD")
    assert (response.headers["Content-Length"], body) == (str(len(content)), b"")


def test_small_and_empty_attachments(server: Server) -> None:
    for content in (b"", b"tiny"):
        (server.files / "small").write_bytes(content)
        response, body = server.ask("/file?name=small")
        assert (response.status, body, response.headers["Content-Length"]) == (200, content, str(len(content)))


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "link", "missing", "folder", "", "a\x00b"])
def test_nothing_outside_the_folder_is_sent(server: Server, name: str) -> None:
    (server.files.parent / "secret").write_text("root: not for you")
    (server.files / "folder").mkdir(exist_ok=True)
    (server.files / "link").unlink(missing_ok=True)
    (server.files / "link").symlink_to(server.files.parent / "secret")
    response, body = server.ask(f"/file?name={quote(name)}")
    assert response.status == 404
    assert b"root:" not in body
    assert "X-Answerable-File" not in response.headers


def test_a_client_cannot_ask_for_a_file_by_header(server: Server) -> None:
    (server.files / "one").write_bytes(b"content")
    response, body = server.ask("/page", headers={"X-Answerable-File": str(server.files / "one")})
    assert (response.status, body) == (200, b"a page")


@pytest.mark.parametrize("path", ["/big?size=30000000", "/file?name=big"])
def test_slow_readers_hold_no_thread(server: Server, path: str) -> None:
    (server.files / "big").write_bytes(b"x" * (30 * MB))
    readers = [server.open(f"GET {path} HTTP/1.1\r\nHost: x\r\n\r\n") for _ in range(5)]
    for _ in range(20):
        started = time.monotonic()
        assert server.ask("/page")[1] == b"a page"
        assert time.monotonic() - started < 5
    assert _read_all(readers.pop()) > 29_000_000
    for reader in readers:
        reader.close()
    assert server.ask("/page")[1] == b"a page"


def test_reader_that_leaves_ends_the_sending(server: Server) -> None:
    (server.files / "big").write_bytes(b"x" * (60 * MB))
    in_vain = server.log.read_text().count("transport error")
    for _ in range(5):
        with server.open("GET /file?name=big HTTP/1.1\r\nHost: x\r\n\r\n") as reader:
            assert reader.recv(1000).startswith(b"HTTP/1.1 200 ")
    time.sleep(1)
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    open_files = [link.readlink().name for child in children for link in Path(f"/proc/{child}/fd").iterdir()]
    assert "big" not in open_files
    assert server.log.read_text().count("transport error") - in_vain < 5 * 20, "most of 240 blocks are not even read"


def test_eight_clients_at_once(server: Server) -> None:
    answers: list[bytes] = []

    def visit() -> None:
        answers.extend(server.ask("/page")[1] for _ in range(20))

    threads = [threading.Thread(target=visit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [b"a page"] * 160


def test_it_stops_at_once_while_an_upload_waits(tmp_path: Path) -> None:
    with serving(tmp_path) as site:
        upload = "POST /length HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf"
        with site.open(upload) as sender:
            time.sleep(0.5)
            seconds = site.stop()
            assert sender.recv(1000).startswith(b"HTTP/1.1 503 ")
        assert seconds < 5


def _read_all(connection: socket.socket) -> int:
    with connection:
        head, _, body = connection.recv(65536).partition(b"\r\n\r\n")
        size = int(head.lower().partition(b"content-length: ")[2].split(b"\r\n")[0])
        received = len(body)
        while received < size and (block := connection.recv(1 << 20)):
            received += len(block)
        return received
