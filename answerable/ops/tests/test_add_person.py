"""`answerable add-person`: the first account, from the machine."""

import io
import sys

import pytest
from django.core.management import call_command

from answerable.lib.errors import Refused
from answerable.people.queries import by_email


def add(monkeypatch: pytest.MonkeyPatch, password: str, *words: str) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(f"{password}\n"))
    call_command("add_person", *words)


def test_an_administrator_is_made_and_may_log_in(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "a good long one 9", "Ann@Acme.example", "--name", "Ann Li", "--role", "admin")
    ann = by_email("ann@acme.example")
    assert ann is not None
    assert (ann.name, ann.role, ann.is_staff) == ("Ann Li", "admin", True)
    assert ann.check_password("a good long one 9")


@pytest.mark.parametrize(("password", "email"), [("short", "a@b.example"), ("a good long one 9", "no address")])
def test_what_is_wrong_is_said_and_nobody_is_made(
    db: None, monkeypatch: pytest.MonkeyPatch, password: str, email: str
) -> None:
    with pytest.raises(Refused):
        add(monkeypatch, password, email)
    assert by_email(email) is None


def test_nobody_is_made_twice(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    add(monkeypatch, "a good long one 9", "ann@acme.example")
    with pytest.raises(Refused, match="already"):
        add(monkeypatch, "another good one 9", "ann@acme.example")
