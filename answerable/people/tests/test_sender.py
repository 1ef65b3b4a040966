"""The mail room's one query says what the two questions say that it stands for."""

import pytest

from answerable.people.models import Domain
from answerable.people.queries import by_email, organization_of_domain, sender_of
from tests.cast import NOW, Cast


@pytest.mark.parametrize(
    ("address", "is_known", "has_organization"),
    [
        ("elin@norrland.test", True, True),
        ("ELIN@Norrland.TEST", True, True),
        ("somebody@norrland.test", False, True),
        ("agent@vendor.test", True, False),
        ("somebody@elsewhere.test", False, False),
        ("somebody@verified.test", False, True),
        ("somebody@only-named.test", False, False),
        ("no-domain", False, False),
    ],
)
def test_who_sends_and_for_whom(cast: Cast, address: str, is_known: bool, has_organization: bool) -> None:
    Domain.objects.create(organization=cast.other_org, name="verified.test", verified_at=NOW)
    Domain.objects.create(organization=cast.other_org, name="only-named.test")
    person, organization = sender_of(address)
    assert (person is not None, organization is not None) == (is_known, has_organization)
    assert (person, organization) == (by_email(address), organization_of_domain(address.rpartition("@")[2]))
    if person and organization:
        assert (person.label, person.is_staff, organization.name) == ("Elin Berg", False, "Norrland Energi")
