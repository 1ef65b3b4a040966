"""Ways in that the policy has closed are offered nowhere."""

import pytest
from django.test import Client

from answerable.people.models import Vendor
from tests.cast import Cast

pytestmark = pytest.mark.django_db
PATHS = ("/", "/help", "/help/search?q=export")


def offered(client: Client, path: str) -> tuple[bool, bool]:
    page = client.get(path).content.decode()
    return 'href="/requests/new' in page, "mailto:" in page


@pytest.mark.behaviour("B-573")
def test_what_is_open_is_offered(client: Client, cast: Cast) -> None:
    assert [offered(client, path) for path in PATHS] == [(True, True), (True, False), (True, False)]


@pytest.mark.behaviour("B-573")
def test_what_is_closed_is_not_offered(client: Client, cast: Cast) -> None:
    Vendor.objects.update(settings={"channels": {"mail": False, "form": False}})
    assert [offered(client, path) for path in PATHS] == [(False, False)] * 3
    client.force_login(cast.requester)
    assert [offered(client, path) for path in PATHS] == [(True, False)] * 3
