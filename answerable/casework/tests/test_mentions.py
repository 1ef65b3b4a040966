"""Who is named in a note: read by the server, told once, and only who may see the request."""

import pytest

from answerable.casework.note_actions import Jotted, jot, look
from answerable.lib.mentions import marked, named
from answerable.notify.models import Notice
from answerable.notify.notice_queries import unread
from answerable.tickets.mentions import Mention, mentioning
from answerable.tickets.models import Ticket
from tests.cast import NOW, Cast, a_ticket

PEOPLE = {1: "Ana Lund", 2: "Ana Lundgren", 3: "Tomas Kral", 4: "Tomas Kral", 5: "d'Arc (Jo)"}


@pytest.mark.parametrize(
    ("text", "picked", "found"),
    [
        ("@Ana Lund, look", (), [1]),
        ("@ana lundgren look", (), [2]),
        ("(@Ana Lund) and @d'Arc (Jo)!", (), [1, 5]),
        ("mail x@Ana Lund or ana@Ana Lund.test", (), []),
        ("@Ana Lundin", (), []),
        ("@Tomas Kral", (), []),
        ("@Tomas Kral", (4, 1), [4]),
        ("nobody", (1,), []),
        ("@", (), []),
    ],
)
def test_names_are_read_in_the_text_itself(text: str, picked: tuple[int, ...], found: list[int]) -> None:
    assert named(text, PEOPLE, picked) == found
    assert named(text, {}, picked) == []


def test_a_name_is_marked_in_words_and_not_in_code_or_links() -> None:
    html = '<p>@Ana Lund &amp; <code>@Ana Lund</code> <a href="x">@Ana Lund</a> @d\'Arc</p>'
    said = marked(html, ["Ana Lund"])
    assert said.count('<mark class="mention">@Ana Lund</mark>') == 1
    assert said.replace('<mark class="mention">', "").replace("</mark>", "") == html
    assert marked(html, []) == html


@pytest.mark.behaviour("B-285")
def test_who_is_named_is_told_and_who_may_not_see_it_is_not(cast: Cast) -> None:
    ticket = a_ticket(cast)
    Ticket.objects.filter(pk=ticket.pk).update(team=cast.product)
    cast.cloud.restricted = True
    cast.cloud.save()
    words = "@Priya Nair, @Tomas Kral, @Olu Ade, @Elin Berg and I, @Maria Costa: the secret is 4711"
    noted = jot(cast.csm, ticket.pk, Jotted(words), NOW)
    told = Notice.objects.filter(kind="mention")
    assert {one.person_id for one in told} == {cast.lead.pk, cast.other_csm.pk}
    assert all("4711" not in str(one.data) for one in told)
    assert noted.untold == ("Tomas Kral",)
    # So that its page knows, and marks it read.
    assert unread(cast.lead).numbers == (ticket.number,)
    staff = {cast.lead.pk, cast.agent.pk, cast.other_csm.pk, cast.csm.pk}
    assert set(Mention.objects.values_list("person", flat=True)) == staff
    assert mentioning(cast.lead.pk) == [ticket.pk]
    assert mentioning(cast.admin.pk) == []
    assert noted.note.html.count('<mark class="mention">') == 4
    assert look(words) == noted.note.html
