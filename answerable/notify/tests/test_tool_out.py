"""Outside tools are in the world: none is asked in our own network, and none is believed without its secret."""

import pytest

from answerable.lib.errors import Undeliverable
from answerable.lib.tests.test_http import names
from answerable.notify import tool_signs
from answerable.notify.tool_out import Target, Told, tell
from tests.cast import NOW

TOLD = Told("1", "trigger", "key", "P0: request 7", "P0", "Cloud", "https://portal.vendor.test/x", "Acme", NOW)


@pytest.mark.parametrize("kind", ["events_v2", "webhook"])
def test_a_tool_in_our_own_network_is_not_asked(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    monkeypatch.setenv("KEY", "x")
    connected = names(monkeypatch, "169.254.169.254")
    with pytest.raises(Undeliverable, match="its address lies in our own network"):
        tell(Target(kind, "https://events.example.com/", "KEY"), TOLD, NOW)
    assert connected == []


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Basic t0ken", "t0ken", "Bearer t0ke", "Bearer é"])
def test_a_bearer_is_its_secret_or_nobody(given: str) -> None:
    assert not tool_signs.by_bearer(given, "t0ken")
    assert tool_signs.by_bearer("bearer t0ken", "t0ken")


@pytest.mark.parametrize("given", ["", "v1=", "v2=ab", "ab", "v1=é", ",,,", "v0=x,v1=y"])
def test_a_signature_is_right_or_nobodys(given: str) -> None:
    assert not tool_signs.by_pagerduty(given, "secret", b"{}")
    assert not tool_signs.by_own("1", given, "secret", b"{}", NOW)
    assert not tool_signs.by_own("²", given, "secret", b"{}", NOW)
