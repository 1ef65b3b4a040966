"""A session reads as Django reads it, from whatever either of the two wrote."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session

from answerable.lib import clock
from answerable.people.sessions import SessionStore

pytestmark = pytest.mark.django_db
STORES: list[type[db.SessionStore]] = [SessionStore, db.SessionStore]


@pytest.mark.parametrize("writer", STORES)
@pytest.mark.parametrize("reader", STORES)
def test_it_holds_what_was_put_there(writer: type[db.SessionStore], reader: type[db.SessionStore]) -> None:
    session = writer()
    session["basket"] = "full"
    session.create()
    assert reader(session.session_key).load() == {"basket": "full"}


@pytest.mark.parametrize("store", STORES)
def test_an_unknown_or_expired_key_is_forgotten(store: type[db.SessionStore]) -> None:
    session = store()
    session["basket"] = "full"
    session.create()
    Session.objects.update(expire_date=clock.exact() - timedelta(seconds=1))
    for key in (session.session_key, "never-heard-of-this-key"):
        found = store(key)
        assert found.load() == {}
        assert found.session_key is None


def test_what_somebody_else_signed_is_empty() -> None:
    session = SessionStore()
    session["basket"] = "full"
    session.create()
    Session.objects.update(session_data="not:signed:by-us")
    assert SessionStore(session.session_key).load() == {}
