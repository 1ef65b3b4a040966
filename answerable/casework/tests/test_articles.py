"""An article from a request keeps nothing of its customer; owners of articles hear when a date has come."""

import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from answerable.casework import actions as casework
from answerable.casework.article_actions import words_for_article, write_article
from answerable.casework.article_notices import tell_owners
from answerable.casework.article_reviews import ask_review, save_and, send_back
from answerable.casework.neutral import Known, hosts_in, neutral, unsigned
from answerable.casework.note_actions import Jotted, jot
from answerable.casework.notice_words import sentence
from answerable.casework.sensitive_actions import mark_sensitive
from answerable.knowledge import actions
from answerable.knowledge.actions import Origin, Place, Text
from answerable.knowledge.jobs import publish_articles
from answerable.knowledge.models import Article, Audience, Translation
from answerable.knowledge.saving import Then
from answerable.knowledge.section_actions import SectionText, make_section
from answerable.lib import clock
from answerable.lib.errors import Refused
from answerable.notify.models import Notice
from answerable.tickets.models import Event, Ticket
from tests.cast import NOW, Cast, a_file, a_ticket, says

TOLD = """Hello Tomas,

Elin Berg of Norrland Energi here; my colleague A. Lund (lund@norrland.test, +46 8 123 456 78) sees it too, and so did
J. Mbeki from Kivu Bank, whose mbeki@kivu.test writes to www.kivu.test/x?token=abc. On wh1.norrland.test (10.2.33.4)
the sync stops after 10,000 rows since 2026-02-28 09:15. See https://files.norrland.test/d/9f8a?key=1 and plan.csv of
#1017. Key: 4f9a1b2c3d4e5f60718293a4b5c6d7e8. ELIN could restart it: run `acmectl sync --all`.

Best regards,
Elin Berg
Norrland Energi · Storgatan 12, 111 22 Stockholm
Phone 08-123 456 78
> On Monday you wrote to elin@norrland.test
"""
ANSWER = "Hello Elin, set `batch = 5000` for Norrland's warehouse; Lund knows how.\n\nCheers\nTomas Kral"


def asked(cast: Cast) -> Ticket:
    ticket = a_ticket(cast, subject="Norrland: sync of Elin's warehouse stops")
    casework.add_reply(cast.requester, ticket.pk, says(TOLD, files=(a_file("plan.csv", b"x"),)), NOW)
    jot(cast.agent, ticket.pk, Jotted("The customer is difficult", ()), NOW)
    casework.add_reply(cast.agent, ticket.pk, says(ANSWER), NOW)
    return ticket


@pytest.mark.django_db
@pytest.mark.behaviour("B-488")
def test_nothing_of_the_customer_is_left_in_an_article_from_a_request(cast: Cast) -> None:
    ticket = asked(cast)
    found = words_for_article(cast.agent, ticket, NOW)
    whole = f"{found.title}\n{found.text}".lower()
    everybody = [value for value in vars(cast).values() if hasattr(value, "email")]
    gone = {part for person in everybody for part in (person.email, *person.name.split()) if len(part) > 2}
    gone |= {"norrland", "kivu", ".test", "energi", "bank"} | {"10.2.33.4", "08-123", "123 456", "4f9a1b2c", "plan.csv"}
    gone |= {"storgatan", "stockholm", "1017", "token", "difficult", "on monday"}
    # "Ade" is nobody's name in the middle of a word.
    assert {word for word in gone if re.search(rf"(?<![a-z]){re.escape(word.lower())}", whole)} == set()
    for kept in (
        "## question",
        "## answer",
        "10,000 rows since 2026-02-28 09:15",
        "`acmectl sync --all`",
        "`batch = 5000`",
    ):
        assert kept in whole
    assert "[customer]" in whole
    assert "[organization]" in whole


@pytest.mark.django_db
@pytest.mark.behaviour("B-489")
def test_the_request_remembers_its_article_and_a_sensitive_one_gives_none(cast: Cast) -> None:
    ticket = asked(cast)
    section = make_section(cast.lead, SectionText("Syncing"), NOW)
    row = write_article(cast.agent, Origin(ticket=ticket.pk), Place(section.pk), Text("Sync stops", "Set it."), NOW)
    assert (row.article.ticket_id, row.article.audience) == (ticket.pk, Audience.STAFF)
    assert Event.objects.filter(ticket=ticket).latest("id").data == {"article": row.article_id}
    with pytest.raises(Refused) as refused:
        words_for_article(cast.csm, ticket, NOW)
    assert refused.value.code == "not_allowed"
    mark_sensitive(cast.agent, ticket.pk, NOW, sensitive=True)
    ticket.refresh_from_db()
    with pytest.raises(Refused, match="words of your own"):
        words_for_article(cast.lead, ticket, NOW)


@pytest.mark.django_db
@pytest.mark.behaviour("B-490")
def test_an_owner_is_told_once_of_each_date(cast: Cast) -> None:
    section = make_section(cast.lead, SectionText("Syncing"), NOW)
    today = NOW.date()
    row = actions.begin(cast.agent, Place(section.pk, owner=cast.agent.pk, review_on=today), Text("Sync", "x"), NOW)
    later = Place(section.pk, owner=cast.lead.pk, review_on=today + timedelta(days=1))
    actions.begin(cast.lead, later, Text("Later", "x"), NOW)
    assert [tell_owners(NOW), tell_owners(NOW)] == [1, 1]
    told = Notice.objects.get()
    assert (told.person, told.data) == (cast.agent, {"name": "Sync", "path": f"/desk/articles/{row.article_id}"})
    Article.objects.filter(pk=row.article_id).update(review_on=today + timedelta(days=1))
    tell_owners(NOW + timedelta(days=1))
    assert Notice.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.behaviour("B-575")
def test_who_may_publish_hears_of_a_review_and_its_writer_of_what_should_change(cast: Cast) -> None:
    section = make_section(cast.lead, SectionText("Syncing"), NOW)
    row = actions.begin(cast.agent, Place(section.pk), Text("Sync", "x"), NOW)
    save_and(cast.agent, row.pk, Text("Sync", "y"), Then(1, "review"), NOW)
    ask_review(cast.agent, row.pk, NOW + timedelta(hours=1))
    assert {one.person for one in Notice.objects.all()} == {cast.lead, cast.admin}
    send_back(cast.lead, row.pk, "Say where.", NOW)
    told = Notice.objects.get(person=cast.agent)
    words = sentence(told.kind, told.data, ZoneInfo("UTC"))
    assert words == f"{cast.lead.label} sent the article “Sync” back: Say where."
    send_back(cast.lead, row.pk, "Again.", NOW)
    ask_review(cast.lead, row.pk, NOW + timedelta(hours=2))
    assert Notice.objects.filter(kind="article_review").count() == 3


@pytest.mark.django_db
@pytest.mark.behaviour("B-491")
def test_what_was_scheduled_is_published_by_the_job(cast: Cast) -> None:
    section = make_section(cast.lead, SectionText("Syncing"), NOW)
    row = actions.begin(cast.lead, Place(section.pk), Text("Sync", "x"), NOW)
    now = clock.now()
    actions.schedule(cast.lead, row.pk, now + timedelta(minutes=1), now)
    publish_articles(0)
    assert Translation.objects.get().published is None
    Translation.objects.update(publish_at=now - timedelta(seconds=1))
    publish_articles(0)
    assert (Translation.objects.get().published, Translation.objects.get().publish_at) == (1, None)


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("It holds 10,000 rows in 3 parts.", "It holds 10,000 rows in 3 parts."),
        ("Call 0170 1234567 or (030) 123-4567.", "Call [number] or [number]."),
        ("At 14:05:33 on 2026-03-02 it failed.", "At 14:05:33 on 2026-03-02 it failed."),
        ("https://acme.example/docs, please", "[link] please"),
        ("will Will restart it?", "will [customer] restart it?"),
        ("12 Long Lane Road and Hauptstraße 7, 10115 Berlin", "[address] and [address]"),
    ],
)
def test_words_that_say_nothing_of_anybody_stay(said: str, kept: str) -> None:
    assert neutral(Known(customers=["Will Smith"]))(said) == kept


def test_a_signature_goes_and_thanks_in_the_middle_stay() -> None:
    assert unsigned("Thanks\n\nIt works.") == "Thanks\n\nIt works."
    assert unsigned("It works.\n\nMit freundlichen Grüßen\nE. Berg\nNorrland") == "It works."
    assert unsigned("It works.\n-- \nE. Berg") == "It works."


@pytest.mark.behaviour("B-555")
@pytest.mark.parametrize("made", ["a.", "-", "a", "1 A "])
def test_hostile_words_hold_nobody_up(made: str) -> None:
    """Each of these once took minutes: what looks for names, streets and hosts began anew at every letter."""
    text = made * (30_000 // len(made))
    neutral(Known(customers=["Will Smith"], domains=["acme.example"]))(text)
    assert len(hosts_in(text)) < 100
    assert unsigned(f"It works.\n-- {' ' * 20_000}x") == f"It works.\n-- {' ' * 20_000}x"


@pytest.mark.behaviour("B-563")
@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("password: hunter2", "password: [secret]"),
        ("AKIAIOSFODNN7EXAMPLE is the key", "[secret] is the key"),
        ("Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc", "Bearer [secret].abc"),
        ("at postgres://me:hunter2@db.acme.example/x now", "at [link] now"),
        ("de89370400440532013000", "[secret]"),
        ("from 2001:db8::1 and fe80::", "from [address] and [address]"),
    ],
)
def test_keys_and_passwords_are_taken_out(said: str, kept: str) -> None:
    assert neutral(Known())(said) == kept
