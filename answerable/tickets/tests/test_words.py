"""Documents of the search: what is in them, who keeps them, and that no message is ever lost over them."""

from datetime import timedelta

import pytest
from django.db import connection

from answerable.casework import actions as casework
from answerable.casework import note_actions
from answerable.lib import sql
from answerable.lib.folding import fold
from answerable.tickets import words
from answerable.tickets.actions import Opening
from answerable.tickets.internal_words import InternalWords
from answerable.tickets.models import Reply, Ticket
from answerable.tickets.words import PublicWords, Unread, Wanted
from tests.cast import NOW, Cast, a_file, a_ticket, says


def has(table: type[PublicWords] | type[InternalWords], ticket: Ticket, query: str) -> bool:
    statement = f"SELECT words @@ to_tsquery('simple', %(q)s) FROM {table._meta.db_table} WHERE ticket_id = %(pk)s"
    return sql.rows(statement, {"q": query, "pk": ticket.pk}) == [(True,)]


@pytest.mark.behaviour("B-270")
def test_what_is_said_is_found_at_once_and_notes_are_in_the_internal_document_alone(cast: Cast) -> None:
    ticket = a_ticket(cast, subject="Résumé of the Größe/export-2.csv")
    assert has(PublicWords, ticket, "resume:A & große:A & csv & nothing:C & 02:C")
    assert not InternalWords.objects.exists()
    note_actions.add_note(cast.agent, ticket.pk, "Their licence EXPIRED", NOW)
    casework.add_reply(cast.requester, ticket.pk, says("More: the ÅNGSTRÖM", files=(a_file("lögs.zip", b"x"),)), NOW)
    assert has(PublicWords, ticket, "angstrom:C & logs:B")
    assert not has(PublicWords, ticket, "licence | expired")
    assert has(InternalWords, ticket, "expired:D & angstrom:C & resume:A & logs:B")


def test_tags_are_internal_words_and_go_with_the_tag(cast: Cast) -> None:
    ticket = a_ticket(cast)
    Ticket.objects.filter(pk=ticket.pk).update(tags=["churn-risk"])
    assert has(InternalWords, ticket, "churn:B & stopped:A")
    assert not has(PublicWords, ticket, "churn")
    Ticket.objects.filter(pk=ticket.pk).update(tags=[], subject="Renamed")
    assert has(PublicWords, ticket, "renamed & !stopped")
    assert not InternalWords.objects.exists()


def test_blanked_words_are_gone_and_a_moved_reply_takes_its_own_along(cast: Cast) -> None:
    first, second = a_ticket(cast), a_ticket(cast)
    reply = casework.add_reply(cast.requester, first.pk, says("The password is hunter2"), NOW)
    Reply.objects.filter(pk=reply.pk).update(ticket=second)
    assert (has(PublicWords, first, "hunter2"), has(PublicWords, second, "hunter2")) == (False, True)
    Reply.objects.filter(pk=reply.pk).update(text="", new_text="")
    assert not has(PublicWords, second, "hunter2")


def test_reindex_makes_what_the_triggers_made(cast: Cast) -> None:
    ticket = a_ticket(cast)
    note_actions.add_note(cast.agent, ticket.pk, "A note", NOW)
    casework.add_reply(cast.agent, ticket.pk, says("Reply", files=(a_file("a.txt", b"x"),)), NOW)
    statement = (
        "SELECT tsvector_to_array(p.words), tsvector_to_array(i.words) FROM tickets_publicwords p JOIN "
        "tickets_internalwords i USING (ticket_id)"
    )
    before = sql.rows(statement, {})
    words.reindex(ticket.pk)
    assert sql.rows(statement, {}) == before


def test_no_flood_of_words_stops_a_message(cast: Cast) -> None:
    """A document has room for a megabyte: what does not fit is left out, the latest words stay."""
    ticket = a_ticket(cast)
    for part in range(12):
        flood = " ".join(f"𝄞{part}w{n}é" for n in range(9000))
        casework.add_reply(cast.requester, ticket.pk, says(flood), NOW + timedelta(minutes=part))
    casework.add_reply(cast.requester, ticket.pk, says("x" * 3000 + " lastly \u0001 ﷺ" * 200), NOW + timedelta(hours=1))
    assert has(PublicWords, ticket, "lastly")


@pytest.mark.behaviour("B-271")
def test_tickets_from_before_are_read_some_at_a_time_the_latest_first(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    tickets = [a_ticket(cast) for _ in range(5)]
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM tickets_publicwords")
    Unread.objects.create(below=tickets[-1].pk + 1, first=tickets[-1].pk + 1)
    monkeypatch.setattr(words, "BATCH", 2)
    assert words.read_some()
    assert set(PublicWords.objects.values_list("pk", flat=True)) == {tickets[3].pk, tickets[4].pk}
    assert words.share_read() is not None
    # One without a document that is written to gets all of it.
    casework.add_reply(cast.requester, tickets[0].pk, says("more"), NOW)
    assert has(PublicWords, tickets[0], "more & loaded & stopped")
    while words.read_some():
        pass
    assert PublicWords.objects.count() == 5
    assert words.share_read() is None


@pytest.mark.django_db
def test_python_folds_like_the_database() -> None:
    for text in ("Größe ﬁ Å Ｆｕｌｌ ŁÓDŹ ørsted", "ÉCOLE d'été", "пРИвЁт", "ไทย 日本"):
        [(folded,)] = sql.rows("SELECT answerable_fold(%(text)s)", {"text": text})
        assert folded.replace(" ", "") == fold(text).replace(" ", "").replace("'", ""), text


def test_what_came_by_mail_is_read_soon_and_never_lost(cast: Cast) -> None:
    """Its message does not wait for that; what somebody writes at the desk meanwhile reads it, too."""
    mailed = casework.open_ticket(
        Opening(
            subject="By mail",
            requester=cast.requester,
            organization=cast.org,
            team=cast.cloud,
            severity="P2",
            channel="mail",
        ),
        says("The zeppelin lands", "mail"),
        NOW,
    )
    assert not PublicWords.objects.filter(pk=mailed.pk).exists()
    casework.add_reply(cast.agent, mailed.pk, says("We catch it", "desk"), NOW)
    assert has(PublicWords, mailed, "zeppelin & catch & mail:A")
    casework.add_reply(cast.requester, mailed.pk, says("And the balloon", "mail"), NOW)
    assert not has(PublicWords, mailed, "balloon")
    assert not words.read_mail()
    assert has(PublicWords, mailed, "zeppelin & catch & balloon")
    assert not Wanted.objects.exists()
