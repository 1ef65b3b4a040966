"""Articles in words: the state of a text, who reads it, and what was done to it."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from answerable.audit.models import Record
from answerable.knowledge.languages import LANGUAGES
from answerable.knowledge.models import Audience
from answerable.ui.words import exact


def state_words() -> dict[str, str]:
    """The states of a list by their names, in the order in which a text goes through them."""
    return {
        "draft": _("Draft"),
        "review": _("In review"),
        "scheduled": _("Scheduled"),
        "published": _("Published"),
        "newer": _("With a newer draft"),
        "archived": _("Archived"),
    }


def state_word(state: str) -> str:
    """One state of one text."""
    return _("Published, with a newer draft") if state == "newer" else state_words().get(state, state)


def audience_words() -> dict[str, str]:
    """Each audience in a word or two."""
    return {
        Audience.PUBLIC.value: _("Everybody"),
        Audience.CUSTOMERS.value: _("Signed-in customers"),
        Audience.ORGANIZATIONS.value: _("Some organizations"),
        Audience.STAFF.value: _("Your team"),
    }


def who_reads(audience: str, organizations: Sequence[tuple[int, str]] = ()) -> str:
    """A plain sentence."""
    if audience == Audience.PUBLIC:
        return _("Everybody can read it, also without an account, and search engines find it.")
    if audience == Audience.CUSTOMERS:
        return _("Every customer who is signed in can read it, and your team.")
    if audience == Audience.ORGANIZATIONS and organizations:
        names = ", ".join(name for _pk, name in organizations)
        return _("Members of %(names)s can read it once they are signed in, and your team.") % {"names": names}
    if audience == Audience.ORGANIZATIONS:
        return _("Members of the organizations that you name can read it, and your team.")
    return _("Only your team can read it. No customer sees that it exists.")


def language_word(locale: str) -> str:
    """A language by name."""
    return str(LANGUAGES.get(locale, locale))


def done_words(row: Record) -> str:
    """What somebody did to an article, after their name."""
    data: Mapping[str, Any] = row.data
    say = _DONE.get(row.verb)
    words = {name: data.get(name, "") for name in ("revision", "why")}
    words |= {"language": language_word(str(data.get("locale", "")))}
    return say(data, words) if say else row.verb


Say = Callable[[Mapping[str, Any], Mapping[str, Any]], str]
_DONE: dict[str, Say] = {
    "begin_article": lambda data, words: _("began it"),
    "translate_article": lambda data, words: _("began it in %(language)s") % words,
    "ask_article_review": lambda data, words: _("asked for a review (%(language)s)") % words,
    "send_article_back": lambda data, words: (
        _("sent it back (%(language)s): %(why)s") % words
        if data.get("why")
        else _("sent it back (%(language)s)") % words
    ),
    "publish_article": lambda data, words: (
        _("had scheduled revision %(revision)s (%(language)s), and it was published") % words
        if data.get("scheduled")
        else _("published revision %(revision)s (%(language)s)") % words
    ),
    "schedule_article": lambda data, words: (
        _("scheduled revision %(revision)s (%(language)s) for %(due)s") % {**words, "due": _moment(data.get("due"))}
    ),
    "unschedule_article": lambda data, words: _("took back the date of publishing (%(language)s)") % words,
    "unpublish_article": lambda data, words: _("took it out of the help center (%(language)s)") % words,
    "arrange_article": lambda data, words: _arranged(data),
    "archive_article": lambda data, words: _("archived it"),
    "bring_article_back": lambda data, words: _("brought it back"),
    "add_article_file": lambda data, words: _("added a file"),
    "remove_article_file": lambda data, words: _("removed a file"),
}


def _arranged(data: Mapping[str, Any]) -> str:
    if "audience" not in data:
        return _("arranged it")
    before, after = (audience_words().get(str(one), str(one)) for one in data["audience"])
    if before == after:
        return _("changed which organizations read it")
    return _("changed who reads it: %(before)s → %(after)s") % {"before": before, "after": after}


def _moment(text: object) -> str:
    return exact(datetime.fromisoformat(str(text))) if text else ""
