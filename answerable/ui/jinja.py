"""The template environment of our rooms (Django's Jinja2 backend calls `environment`). An unknown name raises."""

from collections.abc import Callable
from typing import Any

from django.templatetags.static import static
from django.utils.translation import get_language, gettext, ngettext
from django_htmx.jinja import htmx_script
from jinja2 import Environment, StrictUndefined, select_autoescape

from answerable.lib.addresses import url
from answerable.ui import pieces, words

WORDS: dict[str, Callable[..., object]] = {
    word.__name__: word
    for word in (
        words.ago,
        words.clock_time,
        words.countdown,
        words.duration,
        words.exact,
        words.fate_word,
        words.hms,
        words.initials,
        words.iso,
        words.metric_word,
        words.on_day,
        words.part_of,
        words.share,
        words.size,
        words.span,
        words.status_word,
        words.to_second,
        words.urgency,
        words.used,
        words.zone_name,
        pieces.moment,
        pieces.promise_bar,
        pieces.promise_chip,
        pieces.severity_badge,
        pieces.stamp,
        pieces.status_chip,
    )
}


def say(text: str, **values: object) -> str:
    """The text in the reader's language with its values put in; what comes out is escaped like any other text."""
    return gettext(text) % values if values else gettext(text)


def say_count(one: str, many: str, num: int) -> str:
    """The same for a count: `num` chooses the form, and is put in as %(num)s."""
    return ngettext(one, many, num) % {"num": num}


def environment(**options: Any) -> Environment:
    """Jinja2 as every template here expects it; text mails are not escaped, pages are."""
    options.pop("autoescape", None)
    options |= {"undefined": StrictUndefined, "trim_blocks": True, "lstrip_blocks": True}
    env = Environment(autoescape=select_autoescape(["html", "xml"]), **options)
    env.globals |= {"static": static, "url": url, "htmx_script": htmx_script, "language": get_language, **WORDS}
    env.globals |= {"_": say, "ngettext": say_count}
    env.filters |= WORDS
    return env
