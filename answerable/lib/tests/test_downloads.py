"""Files from outside are saved, never shown, but for pictures that hold no program (E-69)."""

from pathlib import Path

import pytest

from answerable.lib.downloads import download


@pytest.mark.parametrize(
    ("kind", "shown"),
    [("text/html", False), ("image/svg+xml", False), ("application/xml", False), ("application/pdf", False), ("text/plain", False), ("image/png", True)],
)  # fmt: skip
def test_only_safe_pictures_are_shown_e69(kind: str, *, shown: bool) -> None:
    found = download(Path("/x"), "Übersicht; a.html", kind)
    assert (
        found["Content-Disposition"]
        == f"{'inline' if shown else 'attachment'}; filename*=utf-8''%C3%9Cbersicht%3B%20a.html"
    )
    assert found["Content-Type"] == (kind if shown else "application/octet-stream")
    assert found["Content-Security-Policy"] == "default-src 'none'; sandbox"
