"""The verbs of writing: an article is begun, saved, looked at by a second person, published now or later, taken back.

Each is one transaction with its line in the audit trail. Nothing that was written is ever lost: texts are revisions,
and what leaves the help center is archived.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from answerable.audit.actions import record
from answerable.knowledge import languages
from answerable.knowledge.access import may_publish, may_write
from answerable.knowledge.models import Article, ArticleOrganization, Audience, Revision, Section, Translation
from answerable.knowledge.posted import drop, drop_all_of
from answerable.knowledge.shown import show
from answerable.lib.errors import Refused
from answerable.people.models import Person
from answerable.people.queries import actor_of

LONGEST = 200_000


@dataclass(frozen=True)
class Text:
    """What somebody wrote. `note` says for the other writers what changed."""

    title: str
    body: str
    note: str = ""


@dataclass(frozen=True)
class Place:
    """Where an article stands, who reads it and who looks after it. `organizations`: ids, for that audience alone."""

    section: int
    audience: str = Audience.STAFF
    organizations: frozenset[int] = frozenset()
    owner: int | None = None
    review_on: date | None = None
    labels: tuple[str, ...] = ()
    position: int = 0


@dataclass(frozen=True)
class Origin:
    """Where an article comes from: a request, or another help center."""

    ticket: int | None = None
    external_id: str = ""
    locale: str = "en"
    created_at: datetime | None = field(default=None)


def begin(by: Person, place: Place, text: Text, now: datetime, origin: Origin | None = None) -> Translation:
    """A new article as a draft that nobody outside the team sees, whatever its audience. Raises Refused."""
    origin = origin or Origin()
    _require_writer(by)
    _require(origin.locale in languages.LANGUAGES, "invalid", _("We don't know this language."))
    if place.audience != Audience.STAFF:
        _require_publisher(by)
    with transaction.atomic():
        article = Article(
            created_at=origin.created_at or now,
            created_by=by,
            locale=origin.locale,
            ticket_id=origin.ticket,
            external_id=origin.external_id,
        )
        _put(article, place)
        translation = _write(by, article, origin.locale, text, now)
        record(actor_of(by), "begin_article", ("article", article.pk), now, audience=article.audience)
    return translation


def translate(by: Person, article: Article, locale: str, text: Text, now: datetime) -> Translation:
    """The article in one more language, as a draft. Raises Refused where it is there already."""
    _require_writer(by)
    _require(locale in languages.LANGUAGES, "invalid", _("We don't know this language."))
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=article.pk)
        if Translation.objects.filter(article=article, locale=locale).exists():
            raise Refused("already_there", _("The article is there in this language already."))
        translation = _write(by, article, locale, text, now)
        record(actor_of(by), "translate_article", ("article", article.pk), now, locale=locale)
    return translation


def save(by: Person, pk: int, text: Text, seen: int, now: datetime) -> Translation:
    """The next text of a translation; readers keep what is published. The same text again is nothing.

    `seen` is the revision that the writer began from: where somebody saved another one since, Refused("changed") says
    who, and nothing is lost on either side.
    """
    _require_writer(by)
    text = _checked(text)
    with transaction.atomic():
        row = hold(pk)
        if (row.title, row.body) == (text.title, text.body):
            return row
        latest = Revision.objects.get(translation=row, number=row.revision)
        if seen != row.revision:
            words = _("%(who)s saved another text meanwhile. Yours is not saved yet; look at the difference first.")
            raise Refused("changed", words % {"who": latest.by_label}, revision=row.revision)
        row.title, row.body, row.edited_at, row.revision = text.title, text.body, now, row.revision + 1
        row.save(update_fields=["title", "body", "edited_at", "revision"])
        _note_revision(by, row, text, now)
    return row


def restore(by: Person, pk: int, number: int, now: datetime) -> Translation:
    """An earlier text becomes the one that is worked on, as a new revision."""
    _require_writer(by)
    with transaction.atomic():
        row = hold(pk)
        old = Revision.objects.filter(translation=row, number=number).first()
        if old is None:
            raise Refused("not_found", _("There is no such revision."))
        text = Text(old.title, old.body, _("Restored from revision %(number)s") % {"number": number})
        return save(by, pk, text, row.revision, now)


def ask_review(by: Person, pk: int, now: datetime) -> Translation:
    """The text waits for somebody who may publish it. Asked twice is asked."""
    _require_writer(by)
    with transaction.atomic():
        row = hold(pk)
        if row.review_asked_at is None and row.published != row.revision:
            row.review_asked_at, row.review_asked_by = now, by
            row.save(update_fields=["review_asked_at", "review_asked_by"])
            record(actor_of(by), "ask_article_review", ("article", row.article_id), now, locale=row.locale)
    return row


def send_back(by: Person, pk: int, why: str, now: datetime) -> Translation:
    """The text goes back to its writer, with what should change."""
    _require_publisher(by)
    with transaction.atomic():
        row = hold(pk)
        if row.review_asked_at is not None:
            row.review_asked_at = row.review_asked_by = None
            row.save(update_fields=["review_asked_at", "review_asked_by"])
            why = why.strip()[:200]
            record(actor_of(by), "send_article_back", ("article", row.article_id), now, locale=row.locale, why=why)
    return row


def publish(by: Person, pk: int, now: datetime, number: int | None = None) -> Translation:
    """Readers get this revision (the latest by default) from now on. Raises Refused."""
    _require_publisher(by)
    with transaction.atomic():
        row = hold(pk)
        _require_alive(row)
        _publish(row, number or row.revision, now)
        record(actor_of(by), "publish_article", ("article", row.article_id), now, **_named(row))
    return row


def schedule(by: Person, pk: int, at: datetime, now: datetime) -> Translation:
    """Readers get the latest revision from `at` on; what is written after this stays a draft."""
    _require_publisher(by)
    _require(at > now, "invalid", _("The time must lie ahead."))
    with transaction.atomic():
        row = hold(pk)
        _require_alive(row)
        _require_words(row.title, row.body)
        row.scheduled, row.publish_at, row.publish_by = row.revision, at, by
        row.review_asked_at = row.review_asked_by = None
        row.save(update_fields=["scheduled", "publish_at", "publish_by", "review_asked_at", "review_asked_by"])
        record(actor_of(by), "schedule_article", ("article", row.article_id), now, due=at.isoformat(), **_named(row))
    return row


def unschedule(by: Person, pk: int, now: datetime) -> Translation:
    """It is not published by itself any more."""
    _require_publisher(by)
    with transaction.atomic():
        row = hold(pk)
        if row.publish_at is not None:
            row.scheduled = row.publish_at = row.publish_by = None
            row.save(update_fields=["scheduled", "publish_at", "publish_by"])
            record(actor_of(by), "unschedule_article", ("article", row.article_id), now, locale=row.locale)
    return row


def publish_due(now: datetime, most: int = 50) -> int:
    """Publish what is due, each in its own transaction. How many: `most` means that there may be more."""
    due = Translation.objects.filter(publish_at__lte=now).order_by("publish_at").values_list("pk", flat=True)
    done = 0
    for pk in list(due[:most]):
        with transaction.atomic():
            row = hold(pk)
            by, number = row.publish_by, row.scheduled
            if row.publish_at is None or row.publish_at > now or by is None or number is None:
                continue
            # The one who asked may have left; an archived article is published once somebody brings it back.
            _publish(row, number, now)
            record(actor_of(by), "publish_article", ("article", row.article_id), now, scheduled=True, **_named(row))
            done += 1
    return done


def unpublish(by: Person, pk: int, now: datetime) -> Translation:
    """Readers don't get it in this language any more; the text stays."""
    _require_publisher(by)
    with transaction.atomic():
        row = hold(pk)
        if row.published is not None:
            row.published = row.published_at = None
            row.shown_title = row.slug = row.html = row.text = ""
            row.save()
            drop([row.pk])
            record(actor_of(by), "unpublish_article", ("article", row.article_id), now, locale=row.locale)
    return row


def arrange(by: Person, pk: int, place: Place, seen: int, now: datetime) -> Article:
    """Another section, audience, owner, date to look at it again, labels. Raises Refused("changed") like `save`."""
    _require_writer(by)
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=pk)
        if seen != article.version:
            raise Refused("changed", _("Somebody arranged this article meanwhile. Look at it again, then save."))
        before = (article.audience, _organizations_of(article))
        after = (place.audience, place.organizations if place.audience == Audience.ORGANIZATIONS else frozenset())
        if before != after:
            _require_publisher(by)
        article.version += 1
        _put(article, place)
        for row in Translation.objects.filter(article=article, published__isnull=False):
            show(row)
        told: dict[str, Any] = {"section": place.section}
        if before != after:
            told |= {"audience": [before[0], after[0]], "organizations": [sorted(before[1]), sorted(after[1])]}
        record(actor_of(by), "arrange_article", ("article", article.pk), now, **told)
    return article


def archive(by: Person, pk: int, now: datetime) -> Article:
    """Out of the help center, for everybody at once."""
    return _set_archived(by, pk, now, "archive_article", at=now)


def bring_back(by: Person, pk: int, now: datetime) -> Article:
    """As it was before it was archived, published texts included."""
    return _set_archived(by, pk, now, "bring_article_back", at=None)


def _set_archived(by: Person, pk: int, now: datetime, verb: str, at: datetime | None) -> Article:
    _require_publisher(by)
    with transaction.atomic():
        article = Article.objects.select_for_update().get(pk=pk)
        if (article.archived_at is None) != (at is None):
            article.archived_at = at
            article.version += 1
            article.save(update_fields=["archived_at", "version"])
            drop_all_of(article)
            for row in Translation.objects.filter(article=article, published__isnull=False) if at is None else ():
                show(row)
            record(actor_of(by), verb, ("article", article.pk), now)
    return article


def hold(pk: int) -> Translation:
    """The row, locked, its article too: audience and text don't change under each other. Raises Refused.

    The article first, as in `arrange`: two who lock them in different order wait for each other.
    """
    article = Translation.objects.filter(pk=pk).values("article")
    Article.objects.select_for_update().filter(pk__in=article).first()
    found = Translation.objects.select_related("article").select_for_update(of=("self", "article"))
    row = found.filter(pk=pk).first()
    if row is None:
        raise Refused("not_found", _("There is no such article."))
    return row


def _write(by: Person, article: Article, locale: str, text: Text, now: datetime) -> Translation:
    text = _checked(text)
    row = Translation.objects.create(article=article, locale=locale, title=text.title, body=text.body, edited_at=now)
    _note_revision(by, row, text, now)
    return row


def _note_revision(by: Person, row: Translation, text: Text, now: datetime) -> None:
    Revision.objects.create(
        translation=row,
        number=row.revision,
        title=text.title,
        body=text.body,
        at=now,
        by=by,
        by_label=by.label,
        note=text.note,
    )


def _publish(row: Translation, number: int, now: datetime) -> None:
    text = Revision.objects.filter(translation=row, number=number).first()
    if text is None:
        raise Refused("not_found", _("There is no such revision."))
    _require_words(text.title, text.body)
    row.published, row.published_at = number, now
    row.first_published_at = row.first_published_at or now
    row.scheduled = row.publish_at = row.publish_by = row.review_asked_at = row.review_asked_by = None
    row.save()
    show(row)


def _put(article: Article, place: Place) -> None:
    section = Section.objects.filter(pk=place.section, archived_at__isnull=True).first()
    if section is None:
        raise Refused("not_found", _("There is no such section."))
    _require(place.audience in Audience.values, "invalid", _("Choose who reads it."))
    named = place.audience == Audience.ORGANIZATIONS
    _require(not named or bool(place.organizations), "invalid", _("Name at least one organization that reads it."))
    article.section, article.position, article.audience = section, place.position, place.audience
    article.owner_id, article.review_on = place.owner, place.review_on
    article.labels = list(dict.fromkeys(label.strip()[:64] for label in place.labels if label.strip()))[:20]
    article.save()
    ArticleOrganization.objects.filter(article=article).delete()
    if named:
        ArticleOrganization.objects.bulk_create(
            ArticleOrganization(article=article, organization_id=pk) for pk in sorted(place.organizations)
        )


def _organizations_of(article: Article) -> frozenset[int]:
    return frozenset(ArticleOrganization.objects.filter(article=article).values_list("organization_id", flat=True))


def _checked(text: Text) -> Text:
    title = " ".join(text.title.split())
    body = text.body.replace("\r\n", "\n").replace("\x00", "").strip()
    _require(bool(title), "invalid", _("An article needs a title."))
    _require(len(title) <= 200, "invalid", _("The title is longer than 200 letters."))
    _require(len(body) <= LONGEST, "invalid", _("The text is longer than 200,000 letters: make two articles of it."))
    return Text(title, body, text.note.strip()[:200])


def _named(row: Translation) -> dict[str, Any]:
    return {"locale": row.locale, "revision": row.scheduled or row.published}


def _require_alive(row: Translation) -> None:
    _require(row.article.archived_at is None, "archived", _("The article is archived: bring it back first."))


def _require_words(title: str, body: str) -> None:
    _require(bool(title.strip() and body.strip()), "empty", _("There is nothing to read in it yet."))


def _require_writer(by: Person) -> None:
    _require(may_write(by), "not_allowed", _("Agents, leads and administrators write articles."))


def _require_publisher(by: Person) -> None:
    _require(may_publish(by), "not_allowed", _("Leads and administrators decide what readers get. Ask for a review."))


def _require(true: bool, code: str, words: str) -> None:
    if not true:
        raise Refused(code, words)
