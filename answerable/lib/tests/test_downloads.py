"""A download is what its bytes say, and only a safe picture is shown (mail contract E-69)."""

from pathlib import Path

import pytest

from answerable.lib.downloads import download

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<!doctype html><script>1</script>", ""),
        (b'<svg xmlns="http://www.w3.org/2000/svg"/>', ""),
        (b"<?xml version='1.0'?><a/>", ""),
        (b"%PDF-1.7", ""),
        (b"words", ""),
        (PNG, "image/png"),
    ],
)
def test_only_safe_pictures_are_shown_e69(tmp_path: Path, content: bytes, kind: str) -> None:
    path = tmp_path / "digest"
    path.write_bytes(content)
    found = download(path, "Übersicht; a.html")
    way = "inline" if kind else "attachment"
    assert found["Content-Disposition"] == f"{way}; filename*=utf-8''%C3%9Cbersicht%3B%20a.html"
    assert found["Content-Type"] == (kind or "application/octet-stream")
    assert found["Content-Security-Policy"] == "default-src 'none'; sandbox"
