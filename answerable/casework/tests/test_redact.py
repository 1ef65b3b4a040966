"""A secret that was pasted into a request is gone from everything that we keep, and the record never holds it."""

import base64
import quopri
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import DatabaseError, connection, models, transaction

from answerable.audit.models import Record
from answerable.casework import actions as casework
from answerable.casework import (
    begun_actions,
    bulk_actions,
    draft_actions,
    field_actions,
    mail_check,
    note_actions,
    shift_actions,
)
from answerable.casework.held_actions import approve
from answerable.casework.notice_mail_actions import mail_due
from answerable.casework.redact_actions import Order, find, not_searched, redact, used_elsewhere
from answerable.casework.redaction_places import PLACES
from answerable.casework.tests.test_reception import ELIN, SUPPORT, arrives, ticket_of
from answerable.casework.undo_actions import undo
from answerable.knowledge.asking import Searched
from answerable.lib.errors import Refused
from answerable.lib.fresh import forget_all
from answerable.lib.uploads import Received
from answerable.mail.models import RawMail
from answerable.notify.models import Delivery, Notice
from answerable.people.models import Person
from answerable.tickets import begun
from answerable.tickets.actions import Opening, Upload
from answerable.tickets.begun import Typed
from answerable.tickets.files import path_of
from answerable.tickets.held import Held
from answerable.tickets.models import Attachment, Event, File, Reply, Ticket
from answerable.tickets.notes import NoteFile
from answerable.tickets.queries import history
from answerable.tickets.redaction import Redaction
from answerable.tickets.runs import BulkItem
from tests.cast import NOW, Cast, a_file, a_ticket, says
from tests.running import mail

SECRET = "Tr0ub4dor&Zwölf/Esel-9917"
LATER = NOW + timedelta(hours=1)
WHY = "a password stood here"


def forms_of(secret: str) -> list[bytes]:
    """The secret as it may stand in bytes that nobody decodes; base64 in its three positions."""
    plain = secret.encode()
    coded = [base64.b64encode(b"x" * shift + plain)[4:-4] for shift in range(3)]
    halves = [plain[:9], plain[-9:]]
    escaped = secret.replace("&", "&amp;").encode()
    return [plain, escaped, quopri.encodestring(plain), *coded, *halves, secret.encode("utf-16-le")]


def everything() -> dict[str, bytes]:
    """All that the database holds, by table and column, and all files."""
    found = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name, data_type FROM information_schema.columns WHERE table_schema = 'public'"
        )
        for table, column, kind in cursor.fetchall():
            value = f"encode({column}, 'escape')" if kind == "bytea" else f'"{column}"::text'
            cursor.execute(f"SELECT string_agg({value}, E'\\n') FROM \"{table}\"")  # names from the catalogue
            found[f"{table}.{column}"] = (cursor.fetchone()[0] or "").encode()
    for row in RawMail.objects.all():
        found[f"raw {row.pk}"] = bytes(row.body)
    for path in Path(settings.FILES).rglob("*"):
        found[str(path)] = path.read_bytes() if path.is_file() else b""
    return found


def places_of(secret: str) -> set[str]:
    """Where any form of it stands."""
    forms = forms_of(secret)
    return {
        place
        for place, held in everything().items()
        if any(form in held or form in held.replace(b"=\n", b"").replace(b"\r\n", b"") for form in forms)
    }


def a_mail() -> bytes:
    """A mail with the secret in its subject, words (quoted-printable), HTML (base64) and a file with its name."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = ELIN, SUPPORT, f"My key {SECRET}"
    message["Message-ID"] = "<planted@norrland.test>"
    message.set_content(f"Hello,\nthe key is {SECRET[:10]}\n{SECRET[10:]} of course", cte="quoted-printable")
    shown = SECRET.replace("&", "&amp;").replace("ö", "&ouml;")
    message.add_alternative(f"<p>Hello, the key is <b>{shown[:7]}</b>{shown[7:]}</p>", subtype="html", cte="base64")
    message.add_attachment(f"key={SECRET}\n".encode(), maintype="text", subtype="plain", filename=f"{SECRET[-12:]}.env")
    message.add_attachment(b"\x89harmless", maintype="application", subtype="octet-stream", filename="log.bin")
    return message.as_bytes().replace(b"\n", b"\r\n")


def asked(cast: Cast, text: str, *files: Upload) -> Ticket:
    """A request that says just this."""
    opening = Opening("Export", cast.requester, cast.org, cast.cloud, "P2", "portal")
    return casework.open_ticket(opening, says(text, files=files), NOW)


def planted(cast: Cast) -> Ticket:
    """A ticket with the secret in every place that there is."""
    ticket = ticket_of(arrives(a_mail()))
    pk = ticket.pk
    casework.add_reply(cast.requester, pk, says(f"once more: {SECRET}", files=(a_file("k.txt", SECRET.encode()),)), NOW)
    note_actions.add_note(cast.agent, pk, f"their key is `{SECRET}`", NOW)
    casework.add_reply(cast.agent, pk, says(f"> the key is {SECRET}\n\nPlease change it."), NOW)
    casework.set_status(cast.agent, pk, "hold", NOW, f"waits until {SECRET} is changed")
    casework.determine_severity(cast.agent, pk, "P1", f"since {SECRET} is out", NOW)
    casework.state_severity(cast.requester, pk, "P1", f"everybody knows {SECRET}", NOW)
    draft_actions.put_aside(
        cast.agent, pk, draft_actions.Written(says(f"about {SECRET}", files=(a_file("d.txt", SECRET.encode()),))), NOW
    )
    reply = Delivery.objects.filter(ticket_id=pk, kind="reply").latest("pk")
    token = str(reply.headers["reply_to"])
    row = arrives(mail("mallory@elsewhere.test", f"Re: {SECRET}", f"is it {SECRET}?", token))
    assert Held.objects.filter(ticket=ticket, raw_id=row.pk).exists()
    planted_by_staff(cast, ticket)
    Ticket.objects.filter(pk=pk).update(fields={"version": f"1 {SECRET}"}, tags=[SECRET.lower()])
    Notice.objects.create(person=cast.agent, kind="x", key="x", ticket_id=pk, data={"said": SECRET}, at=NOW)
    Searched.objects.create(at=NOW, source="form", locale="en", text=SECRET.lower(), found=0, ticket_id=pk)
    return Ticket.objects.get(pk=pk)


def planted_by_staff(cast: Cast, ticket: Ticket) -> None:
    """In what the desk keeps beside the conversation."""
    pk = ticket.pk
    secret, named = a_file("n.txt", f"note {SECRET}".encode()), a_file(f"{SECRET}.txt", b"harmless too")
    note_actions.jot(cast.agent, pk, note_actions.Jotted("see there", (secret, named)), NOW)
    typed = Typed(f"as to {SECRET}", ("",), "m1", cc=f"{SECRET}@x.test", tags=(SECRET.lower(),))
    for kind in ("reply", "note"):
        begun_actions.save(cast.agent, ticket, kind, typed, NOW)
    received = [Received("b.txt", "text/plain", f"begun {SECRET}".encode()), Received(SECRET, "text/plain", b"begun")]
    begun_actions.attach(cast.agent, ticket, "reply", received, NOW)
    field_actions.add_tags(cast.agent, pk, ["old"], NOW)
    Ticket.objects.filter(pk=pk).update(tags=[SECRET.lower()])
    for verb, args in (("add_tags", {"tags": ["x"]}), ("status", {"status": "hold", "reason": f"until {SECRET} goes"})):
        bulk_actions.start(cast.agent, bulk_actions.prepare(cast.agent, verb, args, [pk], NOW).pk, NOW)
    assert BulkItem.objects.filter(ticket=ticket, state="done").count() == 2
    shift_actions.write_hand_over(cast.agent, cast.cloud, f"#{ticket.number}: the key is `{SECRET}`", NOW)


@pytest.mark.behaviour("B-310")
def test_a_secret_in_every_place_is_gone_from_every_table_and_file(cast: Cast, run_jobs: Callable[[], int]) -> None:
    ticket = planted(cast)
    before = places_of(SECRET)
    for place in ("tickets_reply.html", "tickets_note.text", "tickets_held.text", "tickets_draft.text", "tickets_event.data",
                  "notify_delivery.text", "tickets_begun.text", "tickets_begun.cc", "tickets_bulkrun.args",
                  "tickets_handover.html", "tickets_notefile.name", "mail_rawmail.subject", "tickets_ticket.preview", "tickets_ticket.fields"):  # fmt: skip
        assert place in before, place
    assert {"tickets_ticket.tags", "tickets_begun.tags", "tickets_bulkitem.was"} <= places_of(SECRET.lower())
    events = set(Event.objects.filter(ticket=ticket).values_list("id", "kind", "occurred_at"))
    counted = find(cast.agent, ticket.pk, SECRET, LATER)[0]
    assert set(counted.places) == {
        "reply", "ticket", "note", "held", "draft", "history", "sent_mail", "notice", "received_mail", "file",
        "file_name", "hand_over", "searched",
    }  # fmt: skip

    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    run_jobs()

    assert places_of(SECRET) == places_of(SECRET.lower()) == set()
    assert find(cast.agent, ticket.pk, SECRET, LATER)[0].times == 0
    assert mail_check.check(LATER) == []
    assert events <= set(Event.objects.filter(ticket=ticket).values_list("id", "kind", "occurred_at"))
    raw = RawMail.objects.filter(ticket_id=ticket.pk).earliest("pk")
    assert b"log.bin" in bytes(raw.body)
    assert raw.purged_at is None
    assert {one.name for one in Attachment.objects.filter(ticket=ticket)} == {"log.bin"}
    first = Reply.objects.filter(ticket=ticket).earliest("pk")
    assert first.new_text.startswith("Hello,\nthe key is [removed by staff, 2026-03-02 10:00 UTC]")


def test_a_browser_that_still_has_it_does_not_save_it_again(cast: Cast) -> None:
    ticket = a_ticket(cast)
    begun_actions.save(cast.agent, ticket, "reply", Typed(f"the key is {SECRET}", ("",), "m1"), NOW)
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    with pytest.raises(Refused, match="another tab"):
        begun_actions.save(cast.agent, ticket, "reply", Typed(f"the key is {SECRET}!", ("m1",), "m2"), LATER)
    assert SECRET not in begun.states(cast.agent.pk, ticket.pk)["reply"].text


def test_a_note_goes_with_its_files(cast: Cast, run_jobs: Callable[[], int]) -> None:
    ticket = a_ticket(cast)
    note = note_actions.jot(cast.agent, ticket.pk, note_actions.Jotted("here", (a_file("n.txt", b"of the note"),)), NOW)
    redact(cast.agent, ticket.pk, Order(WHY, entry=note.note.pk), LATER)
    run_jobs()
    assert not places_of("of the note")


def test_a_hand_over_of_other_requests_is_let_be(cast: Cast) -> None:
    ticket, other = asked(cast, f"my password is {SECRET}"), a_ticket(cast, team=cast.product)
    casework.set_status(cast.agent, other.pk, "solved", NOW)
    row = shift_actions.write_hand_over(cast.lead, cast.product, f"#{ticket.number}9 has {SECRET}", NOW)
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    row.refresh_from_db()
    assert SECRET in row.text


@pytest.mark.behaviour("B-311")
def test_the_record_says_who_and_why_and_never_what(cast: Cast) -> None:
    ticket = asked(cast, f"my password is {SECRET}")
    with pytest.raises(Refused, match="other words"):
        redact(cast.agent, ticket.pk, Order(f"they wrote {SECRET}", SECRET), LATER)
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    row = Redaction.objects.get(ticket=ticket)
    assert (row.by, row.reason, row.what) == (cast.agent, WHY, "text")
    said = Record.objects.get(subject_kind="ticket", subject_id=ticket.pk, verb="redacted")
    assert said.actor_label == "Tomas Kral"
    assert said.data["redaction"] == row.pk
    assert any(
        "Tomas Kral removed a text for good, from" in one.text and WHY in one.text
        for one in history(ticket, staff=True)
    )
    told = [one.text for one in history(ticket, staff=False)]
    assert "Something that ought not to stand here was removed by staff" in told
    assert not any(WHY in one for one in told)
    with pytest.raises(Refused, match="nowhere"):
        redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)


def test_a_note_alone_is_not_told_to_customers(cast: Cast) -> None:
    ticket = a_ticket(cast)
    note_actions.add_note(cast.agent, ticket.pk, f"key {SECRET}", NOW)
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    assert not any("removed" in one.text for one in history(ticket, staff=False))
    assert any("removed" in one.text for one in history(ticket, staff=True))


@pytest.mark.parametrize("who", ["requester", "csm", "colleague", "stranger"])
def test_who_does_not_work_the_request_removes_nothing(cast: Cast, who: str) -> None:
    ticket = asked(cast, f"my password is {SECRET}")
    with pytest.raises(Refused):
        redact(getattr(cast, who), ticket.pk, Order(WHY, SECRET), LATER)
    assert SECRET in Reply.objects.get(ticket=ticket).text
    redact(cast.lead, ticket.pk, Order(WHY, SECRET), LATER)
    assert SECRET not in Reply.objects.get(ticket=ticket).text


@pytest.mark.behaviour("B-312")
def test_a_file_goes_with_its_mail_and_its_bytes_when_nothing_else_uses_them(
    cast: Cast, run_jobs: Callable[[], int]
) -> None:
    ticket = ticket_of(arrives(a_mail()))
    other = asked(cast, "see there", a_file("log.bin", b"\x89harmless"))
    file = Attachment.objects.get(ticket=ticket, name="log.bin")
    redact(cast.agent, ticket.pk, Order(WHY, attachment=file.pk), LATER)
    run_jobs()
    path = path_of(file.file.sha256)
    assert path.exists()
    assert Attachment.objects.filter(ticket=other).exists()
    assert b"log.bin" not in bytes(RawMail.objects.get(ticket_id=ticket.pk).body)
    redact(cast.agent, other.pk, Order(WHY, attachment=Attachment.objects.get(ticket=other).pk), LATER)
    assert path.exists()  # until the rows are committed
    run_jobs()
    assert not path.exists()
    assert not File.objects.filter(sha256=file.file.sha256).exists()
    assert not Redaction.objects.exclude(digests=[]).exists()


@pytest.mark.behaviour("B-313")
def test_a_whole_message_goes_with_what_others_quote_of_it(cast: Cast, run_jobs: Callable[[], int]) -> None:
    ticket = ticket_of(arrives(mail(ELIN, "Key", "my password is swordfish and more", SUPPORT)))
    casework.add_reply(cast.agent, ticket.pk, says("> my password is swordfish\n> and more\n\nPlease change it."), NOW)
    first = Reply.objects.filter(ticket=ticket).earliest("pk")
    redact(cast.agent, ticket.pk, Order(WHY, entry=first.pk), LATER)
    run_jobs()
    assert places_of("my password is swordfish and more") == set()
    first.refresh_from_db()
    assert first.text == first.new_text == "[removed by staff, 2026-03-02 10:00 UTC]"
    last = Reply.objects.filter(ticket=ticket).latest("pk")
    assert last.text.endswith("Please change it.")
    assert "swordfish" not in last.text
    raw = RawMail.objects.get(ticket_id=ticket.pk)
    assert (bytes(raw.body), raw.outcome, raw.purged_at) == (b"", "new", LATER)


@pytest.mark.behaviour("B-314")
def test_a_follow_up_that_carries_it_is_offered_and_cleaned(cast: Cast) -> None:
    ticket = asked(cast, f"my password is {SECRET}")
    follow_up = asked(cast, f"> my password is {SECRET}")
    Ticket.objects.filter(pk=follow_up.pk).update(follow_up_of=ticket)
    unrelated = asked(cast, f"mine too: {SECRET}")
    assert [one.number for one in find(cast.agent, ticket.pk, SECRET, LATER)] == [ticket.number, follow_up.number]
    redact(cast.agent, ticket.pk, Order(WHY, SECRET, others=(follow_up.pk, unrelated.pk)), LATER)
    texts = dict(Reply.objects.values_list("ticket", "text"))
    assert SECRET not in texts[ticket.pk] + texts[follow_up.pk]
    assert SECRET in texts[unrelated.pk]


@pytest.mark.behaviour("B-315")
def test_an_event_may_lose_words_and_nothing_else(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.determine_severity(cast.agent, ticket.pk, "P1", "since swordfish is out", NOW)
    event = Event.objects.get(ticket=ticket, kind="severity")
    wrong = [
        {"data": event.data | {"after": "P3"}},
        {"data": event.data | {"why": "something else"}},
        {"data": event.data | {"why": "since [removed by staff, 2026-03-02 10:00 UTC] is in"}},
        {"data": event.data},
        {"occurred_at": LATER},
        {"kind": "excuse"},
    ]
    for change in wrong:
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**change)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        event.delete()
    redact(cast.agent, ticket.pk, Order(WHY, "swordfish"), LATER)
    event.refresh_from_db()
    assert event.data["why"] == "since [removed by staff, 2026-03-02 10:00 UTC] is out"


def test_so_may_one_of_tags_and_the_rest_can_still_be_tagged(cast: Cast) -> None:
    ticket = a_ticket(cast)
    field_actions.add_tags(cast.agent, ticket.pk, ["swordfish", "vip"], NOW)
    event = Event.objects.get(ticket=ticket, kind="tags")
    for after in (["swordfish"], ["swordfish", "x"], ["swordfish", "vip", "x"], "swordfish"):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(data=event.data | {"after": after})
    redact(cast.agent, ticket.pk, Order(WHY, "swordfish"), LATER)
    event.refresh_from_db()
    assert event.data == {"before": [], "after": ["[removed by staff, 2026-03-02 10:00 UTC]", "vip"]}
    field_actions.remove_tags(cast.agent, ticket.pk, ["vip"], LATER)
    undo(cast.agent, ticket.pk, Event.objects.filter(ticket=ticket, kind="tags").latest("pk").pk, LATER)
    ticket.refresh_from_db()
    assert ticket.tags == ["vip"]


def test_a_mail_that_waits_says_nothing_of_it_when_it_leaves(cast: Cast, run_jobs: Callable[[], int]) -> None:
    ticket = a_ticket(cast)
    run_jobs()
    casework.add_reply(cast.agent, ticket.pk, says(f"use {SECRET} for now"), NOW)
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    run_jobs()
    sent = b"".join(path.read_bytes() for path in Path(settings.OUTBOX).rglob("*") if path.is_file())
    assert b"removed by staff" in sent
    assert not any(form in sent for form in forms_of(SECRET)[:3])


def test_a_failure_in_the_middle_leaves_all_as_it_was(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    ticket = asked(cast, f"my password is {SECRET}", a_file("k.txt", SECRET.encode()))
    file = Attachment.objects.get(ticket=ticket).file
    monkeypatch.setattr("answerable.casework.redact_actions.settle", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    assert SECRET in Reply.objects.get(ticket=ticket).text
    assert path_of(file.sha256).exists()
    assert not Redaction.objects.exists()
    assert Attachment.objects.filter(ticket=ticket).exists()


def test_held_mail_can_be_let_in_afterwards(cast: Cast) -> None:
    ticket = a_ticket(cast)
    casework.add_reply(cast.agent, ticket.pk, says("What is it?"), NOW)
    token = str(Delivery.objects.filter(ticket_id=ticket.pk, kind="reply").latest("pk").headers["reply_to"])
    row = arrives(mail("mallory@elsewhere.test", "Re: it", f"the key is {SECRET}, I think", token))
    held = Held.objects.get(raw_id=row.pk)
    with pytest.raises(Refused, match="Decide first"):
        redact(cast.agent, ticket.pk, Order(WHY, entry=held.pk), LATER)
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    reply = approve(cast.agent, held.pk, LATER, join=False)
    assert reply.new_text.strip() == "the key is [removed by staff, 2026-03-02 10:00 UTC], I think"
    assert mail_check.check(LATER) == []


@pytest.mark.parametrize("text", ["abc", "   a b c  ", "x" * 4001, "removed by staff"])
def test_what_cannot_be_looked_for_is_said(cast: Cast, text: str) -> None:
    with pytest.raises(Refused):
        find(cast.agent, a_ticket(cast).pk, text, NOW)


# Columns of tables about tickets that hold no words of anybody, or only of ourselves.
NOT_WORDS = {
    # It names a request by its number and organization, and repeats none of its words.
    "Alert": {"dedup_key", "title", "link", "severity", "source", "policy", "plan", "state", "acked_label", "resolved_by"},
    # How it is arranged, in words for everybody; its texts are written anew, without what customers said.
    "Article": {"locale", "audience", "labels", "external_id"},
    # Ids, and digests that lead back to nobody.
    "Asking": {"key", "source", "visitor", "shown", "opened"},
    "Attachment": {"content_type", "role"},
    "Begun": {"kind", "mark"},
    # What was seen is ids, or a digest that goes whenever something is removed.
    "BulkItem": {"seen", "state", "code"},
    "Delivery": {"address", "kind", "message_id", "envelope_from", "state", "status", "receipt"},
    "Defect": {"metric"},
    "Draft": {"status", "cc"},
    # Our own words, to our own request.
    "DrillLeg": {"channel", "token", "acked_by", "stood_at", "error"},
    "Emission": {"kind", "threshold"},
    "Episode": {"house", "stage"},
    "Event": {"kind", "actor_kind", "actor_label"},
    "Held": {"sender", "reason", "settled_as"},
    "LadderStep": {"kind", "by_label", "cause", "people", "names"},
    "Leg": {"metric", "state", "cause", "calendar", "tzdata", "severity", "plan"},
    "LinkOpening": {"browser"},
    "MessageRef": {"message_id", "written"},
    "Notice": {"kind", "key", "mail"},
    "Participant": {"role", "source", "named", "answers_to"},
    "Presence": {"tab", "doing"},
    "Probe": {"token", "error"},
    "Rating": {"skipped", "score"},
    # It is asked for with a reason that does not repeat what goes.
    "Redaction": {"reason", "what", "places", "digests"},
    "Reply": {"channel", "message_id"},
    "Searched": {"source", "locale", "trail"},
    "RawMail": {
        "inbox", "envelope_from", "envelope_to", "source", "helo", "sha256", "body", "state", "outcome", "reason",
        "fingerprint", "message_id", "flags", "verdict", "verdict_source",
    },
}  # fmt: skip
WORDS = (models.CharField, models.TextField, models.JSONField, models.BinaryField, ArrayField)


def test_whatever_holds_words_of_a_ticket_is_a_place_or_says_why_not() -> None:
    known = {(place.model, column) for place in PLACES for column in place.columns}
    missing = [
        f"{model.__name__}.{column.name}"
        for model in apps.get_models()
        if {"ticket", "ticket_id"} & {column.name for column in model._meta.get_fields()}
        for column in model._meta.concrete_fields
        if isinstance(column, WORDS)
        if (model, column.name) not in known and column.name not in NOT_WORDS.get(model.__name__, set())
    ]
    assert missing == [], "name it in casework.redaction_places, or here with the reason"


def test_where_else_a_file_is_used_and_what_was_not_searched_is_said(cast: Cast) -> None:
    ticket = asked(cast, "see there", a_file("k.txt", b"the same"))
    other = asked(cast, "here too", a_file("other.txt", b"the same"))
    row = Attachment.objects.get(ticket=ticket)
    assert used_elsewhere(cast.agent, ticket.pk, [row.pk], NOW) == {row.pk: [other.number]}
    Ticket.objects.filter(pk=other.pk).update(follow_up_of=ticket, team=cast.product)
    assert not_searched(cast.agent, ticket.pk, NOW) == 0
    cast.cloud.restricted = True
    cast.cloud.save()
    forget_all()
    agent = Person.objects.get(pk=cast.agent.pk)
    assert not_searched(agent, ticket.pk, NOW) == 1
    assert used_elsewhere(agent, ticket.pk, [row.pk], NOW) == {row.pk: []}


def test_mails_that_told_staff_of_the_request_lose_it_too(cast: Cast) -> None:
    opening = Opening(f"My key {SECRET}", cast.requester, cast.org, cast.cloud, "P2", "portal")
    ticket, other = casework.open_ticket(opening, says("it stands above"), NOW), a_ticket(cast)
    for one in (ticket, other):
        casework.assign(cast.lead, one.pk, cast.agent, cast.cloud, NOW)
    mail_due(NOW + timedelta(days=1))
    assert SECRET in Delivery.objects.get(kind="notice").text
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    assert not places_of(SECRET)
    assert f"#{other.number} {other.subject}" in Delivery.objects.get(kind="notice").text


def came_twice() -> Ticket:
    """The same mail, to two addresses of ours."""
    sent = a_mail()
    first = arrives(sent)
    assert arrives(sent).duplicate_of == first
    return ticket_of(first)


def test_a_file_goes_from_mail_that_came_twice(cast: Cast, run_jobs: Callable[[], int]) -> None:
    ticket = came_twice()
    file = Attachment.objects.get(ticket=ticket, name="log.bin")
    redact(cast.agent, ticket.pk, Order(WHY, attachment=file.pk), LATER)
    run_jobs()
    assert not any(b"log.bin" in bytes(raw.body) for raw in RawMail.objects.all())


def test_a_message_goes_from_mail_that_came_twice(cast: Cast) -> None:
    ticket = came_twice()
    redact(cast.agent, ticket.pk, Order(WHY, entry=Reply.objects.get(ticket=ticket).pk), LATER)
    assert [bytes(raw.body) for raw in RawMail.objects.all()] == [b"", b""]


def test_what_was_removed_does_not_come_back_with_the_same_mail(cast: Cast) -> None:
    sent = a_mail()
    ticket = ticket_of(arrives(sent))
    redact(cast.agent, ticket.pk, Order(WHY, SECRET), LATER)
    again = arrives(sent)
    assert (again.outcome, again.ticket_id, again.purged_at is None) == ("duplicate", ticket.pk, False)
    assert not places_of(SECRET) - {str(path) for path in Path(settings.FILES).rglob("*")}


def test_a_file_of_a_note_is_not_taken_for_another_one(cast: Cast) -> None:
    ticket = asked(cast, "see there", a_file("log.bin", b"of the customer"))
    note = note_actions.jot(cast.agent, ticket.pk, note_actions.Jotted("here", (a_file("n.txt", b"of the note"),)), NOW)
    kept, gone = Attachment.objects.get(ticket=ticket), NoteFile.objects.get(note=note.note)
    NoteFile.objects.filter(pk=gone.pk).update(id=kept.pk)
    redact(cast.agent, ticket.pk, Order(WHY, note_file=kept.pk), LATER)
    assert Attachment.objects.filter(pk=kept.pk).exists()
    assert not NoteFile.objects.exists()
    assert Redaction.objects.get().what == "file"
