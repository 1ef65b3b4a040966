"""Addresses of the help center that was here before lead to what became of them, for its readers alone."""

import pytest
from django.test import Client

from answerable.knowledge.actions import Origin, Place, Text, begin, publish
from answerable.knowledge.models import Audience
from answerable.knowledge.section_actions import SectionText, make_section
from tests.cast import NOW, Cast


@pytest.mark.django_db
@pytest.mark.behaviour("B-506")
def test_an_old_address_leads_its_readers_to_the_article(cast: Cast, client: Client) -> None:
    section = make_section(cast.lead, SectionText("Exports", external_id="zendesk:section:20"), NOW)
    place = Place(section.pk, Audience.CUSTOMERS)
    row = begin(cast.lead, place, Text("Set up SSO", "Text."), NOW, Origin(external_id="zendesk:100"))
    publish(cast.lead, row.pk, NOW)
    old = "/hc/en-us/articles/100-Set%20up%20SSO"
    assert client.get(old).status_code == 404
    assert client.get("/hc/en-us/sections/20").status_code == 404
    client.force_login(cast.requester)
    for address in (old, "/hc/de/articles/100"):
        response = client.get(address)
        assert (response.status_code, response["Location"]) == (301, f"/help/articles/{row.article_id}-set-up-sso")
    assert client.get("/hc/en-us/sections/20-Exports")["Location"] == f"/help/sections/{section.pk}-exports"
    assert client.get("/hc/en-us/articles/101").status_code == 404
