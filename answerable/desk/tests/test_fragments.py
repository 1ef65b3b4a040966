"""What htmx gets: the parts that a change moves, and a refusal as a message on the page."""

import re

from django.test import Client

from tests.cast import Cast, a_ticket

HTMX = {"HX-Request": "true"}


def test_a_changed_ticket_is_its_conversation_with_head_and_side_out_of_band(cast: Cast) -> None:
    client, ticket = Client(), a_ticket(cast)
    client.force_login(cast.agent)
    part = client.get(f"/desk/tickets/{ticket.number}", headers=HTMX).content.decode()
    assert re.findall(r'<\w+ [^>]*id="(conversation|head|side)"', part) == ["conversation", "head", "side"]
    # Head, side, and of the composer only who gets the reply: what is being written stays.
    assert part.count('hx-swap-oob="true"') == 4
    assert "<textarea" not in part
    assert "<html" not in part


def test_a_refusal_joins_the_messages_of_the_page(cast: Cast) -> None:
    client = Client()
    client.force_login(cast.agent)
    answer = client.get("/desk/tickets/1", headers=HTMX)
    assert answer.status_code == 404
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#flashes", "beforeend")
    assert '<div class="flash" data-stays>' in answer.content.decode()
