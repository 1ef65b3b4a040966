"""What is written by hand-made statements is what the ORM reads, and the other way round."""

from datetime import timedelta

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import Error, connection, models, transaction
from django.test.utils import CaptureQueriesContext
from psycopg import sql

from answerable.audit.models import Record
from answerable.lib import rows
from answerable.mail.models import MessageRef, RawMail
from answerable.people.models import Person
from answerable.tickets.models import Participant, Ticket
from tests.cast import NOW, Cast, a_ticket


def a_record(number: int, **more: object) -> Record:
    data = {"n": number, "words": "ü '\"\\ $1 %s", **more}
    return Record(at=NOW, actor_kind="system", actor_label="x", verb="v", subject_kind="k", data=data)


def a_ref(number: int) -> MessageRef:
    return MessageRef(message_id=f"m{number}@x.test", ours=True, ticket_id=number, at=NOW)


def values(row: models.Model) -> dict[str, object]:
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_rows_of_several_models_are_one_statement_and_have_their_ids(db: None) -> None:
    kinds: list[models.Model] = [a_record(1), a_record(2), a_ref(3), a_record(4)]
    with CaptureQueriesContext(connection) as asked:
        rows.insert(kinds)
    assert len(asked) == 1
    for row in kinds:
        assert values(type(row)._default_manager.get(pk=row.pk)) == values(row)


def test_every_column_is_read_as_the_orm_reads_it(cast: Cast) -> None:
    raw = RawMail(
        inbox="a@b.test", envelope_to=["a@b.test"], received_at=NOW, source="smtp", size=3, body=b"\x00\xff\n"
    )
    for one in (raw, a_ticket(cast), cast.agent):
        one.save()
        table = sql.Identifier(one._meta.db_table)
        text = rows.statement(
            "SELECT {columns} FROM {table} here WHERE id = $1", columns=rows.columns(type(one), "here"), table=table
        )
        with rows.cursor() as asked:
            asked.execute(text, [one.pk])
            found = rows.read(type(one), asked.fetchone() or ())
        assert values(found) == values(type(one)._default_manager.get(pk=one.pk))


def test_an_update_stores_the_fields_that_are_named_and_no_other(cast: Cast) -> None:
    ticket = Ticket.objects.get(pk=a_ticket(cast).pk)
    before = ticket.preview
    ticket.subject, ticket.preview, ticket.tags, ticket.team = "new", "new", ["a", "b"], cast.cloud
    rows.update(ticket, "subject", "team_id")
    stored = Ticket.objects.get(pk=ticket.pk)
    assert (stored.subject, stored.team, stored.preview, stored.tags) == ("new", cast.cloud, before, [])
    rows.update(ticket)
    assert values(Ticket.objects.get(pk=ticket.pk)) == values(ticket)


def test_once_leaves_alone_what_is_there_already(cast: Cast) -> None:
    def asked_twice() -> Participant:
        return Participant(ticket=ticket, person=cast.stranger, role="cc", since=NOW + timedelta(1), source="x")

    ticket = a_ticket(cast)
    rows.insert([first := asked_twice()], once=Participant)
    rows.insert([second := asked_twice(), a_record(1)], once=Participant)
    assert first.pk
    assert second.pk is None
    assert Participant.objects.filter(ticket=ticket, person=cast.stranger).count() == 1
    assert Record.objects.filter(data__n=1).count() == 1


def test_one_that_is_refused_stops_all_with_djangos_error(db: None) -> None:
    person = Person(email="UPPER@case.test", joined_at=NOW)
    with pytest.raises(Error), transaction.atomic():
        rows.insert([a_record(1), person])
    assert not Record.objects.filter(data__n=1).exists()
    with pytest.raises(ObjectDoesNotExist):
        Person.objects.get(email__iexact=person.email)


def test_nothing_to_insert_is_no_statement(db: None) -> None:
    with CaptureQueriesContext(connection) as asked:
        rows.insert([])
    assert len(asked) == 0
