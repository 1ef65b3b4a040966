"""A product on the stage."""

import pytest

from answerable.widget.tests.stage import OLDER, SECRET, Host, policy
from tests.cast import Cast


@pytest.fixture
def host(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> Host:
    """With a product that vouches for people at norrland.test."""
    monkeypatch.setenv("CLOUD_NEW", SECRET)
    monkeypatch.setenv("CLOUD_OLD", OLDER)
    policy()
    return Host()
