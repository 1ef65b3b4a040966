"""The texts of our mails: what each may name, what is built in, the words of one mail (decision 0037).

Mails about accounts and passwords are not among them: what they say is part of what keeps an account safe.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop as later

from answerable.lib.html import from_text, safe
from answerable.mail.queries import wordings
from answerable.mail.wording import Filled, Place, Value, Values, fill, problems
from answerable.people.queries import vendor

logger = logging.getLogger(__name__)

LANGUAGE = "en"


@dataclass(frozen=True)
class Mail:
    """One kind of mail; `title` and `about` are marked for translation. `built_in` is a function, so that it is in the
    language of who reads it.
    """

    title: str
    about: str
    places: Mapping[str, Place]
    built_in: Callable[[], str]


def _places(*required: str, **places: Place) -> dict[str, Place]:
    """These, with what every mail about a request may name."""
    every = {
        "vendor": Place(later("the vendor's name")),
        "number": Place(later("the number of the request")),
    }
    found = every | places
    return {name: Place(one.about, one.kind, name in required) for name, one in found.items()}


_GREETING = Place(later("“Hello Elin Berg,”, or “Hello,” where no name is known"))
_SUBJECT = Place(later("the subject of the request"))
_PROMISE = Place(later("by when a person will answer, in a sentence; empty where nothing is promised"))
_LINK = Place(later("the page of the request, for who gets this mail"), "link")
_NAMED = {"greeting": _GREETING, "subject": _SUBJECT, "link": _LINK}

_VENDOR = Place(later("the vendor's name"))
_DESK = Place(later("the page at the desk that shows it"), "link", required=True)
_TOLD = {
    "news": Place(later("what happened, and by whom"), required=True),
    "about": Place(later("number and subject of the request, where it is about one")),
    "wishes": Place(later("the page on which they choose how they are told"), "link", required=True),
}

MAILS: dict[str, Mail] = {
    "ack": Mail(
        later("We have your request"),
        later("To the requester, once for each new request that came by mail or from somebody signed in."),
        _places("number", "link", promise=_PROMISE, **_NAMED),
        lambda: _(
            "{{greeting}}\n\nwe have your request and it is number {{number}}:\n\n**{{subject}}**\n\n{{promise}}\n\n"
            "To add something, answer this mail. Your request, its clock, and a place to say how urgent it is:\n"
            "{{link}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "ack_unconfirmed": Mail(
        later("Was it you?"),
        later(
            "To an address that somebody typed into the public form. It may be a stranger's, so this can name nothing "
            "that was typed."
        ),
        _places(
            "number",
            "confirm",
            promise=_PROMISE,
            question=Place(later("asks whether it was them, and says what confirming changes")),
            confirm=Place(later("the page with the button that confirms"), "link"),
        ),
        lambda: _(
            "Hello,\n\na request was sent to us with this address, and it is number {{number}}.\n\n{{promise}}\n\n"
            "{{question}}\n{{confirm}}\n\nIf it was not you, you need do nothing: somebody typed your address into our "
            "form.\n\nTo add something, answer this mail.\n\n--\n{{vendor}} support\n"
        ),
    ),
    "reply": Mail(
        later("An answer"),
        later("Around each public reply, to everybody on the request but its author."),
        _places(
            "message",
            "number",
            "link",
            message=Place(later("what was written"), "block"),
            author=Place(later("who wrote it; staff with the vendor's name")),
            files=Place(later("links to files too large for a mail; empty where there are none"), "block"),
            solved=Place(later("says that the request counts as solved and how to open it; else empty")),
            others=Place(later("the names of who else is on the request; empty where there is nobody")),
            **_NAMED,
        ),
        lambda: _(
            "{{message}}\n\n{{files}}\n\n--\n{{author}}\n\nRequest {{number}}: {{link}}\n{{solved}}\n"
            "Also on this request: {{others}}\n"
        ),
    ),
    "copied": Mail(
        later("You are CC'd"),
        later("To somebody who takes part in a request from now on."),
        _places("number", "link", by=Place(later("who CC'd them")), **_NAMED),
        lambda: _(
            "{{greeting}}\n\n{{by}} has CC'd you on this request. You can read it, answer and close it.\n\n"
            "Request {{number}}: {{link}}\n{{subject}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "not_copied": Mail(
        later("You are not CC'd"),
        later("To a reader who asked to be CC'd, where that was not allowed."),
        _places("number", "link", **_NAMED),
        lambda: _(
            "{{greeting}}\n\nYou asked to be CC'd on this request, which was not allowed. You can still read it.\n\n"
            "Request {{number}}: {{link}}\n{{subject}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "asked": Mail(
        later("A reader asks to be CC'd"),
        later("To the requester, who may allow it."),
        _places(
            "number",
            "link",
            "who",
            who=Place(later("who asks, with the address")),
            **_NAMED,
        ),
        lambda: _(
            "{{greeting}}\n\n{{who}} can read this request and asks to be CC'd. On its page you can allow it.\n\n"
            "Request {{number}}: {{link}}\n{{subject}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "merged": Mail(
        later("It goes on in another request"),
        later("To everybody on a request that was merged into one that they are on, too."),
        _places("number", "link", "into", into=Place(later("the number of the other request")), **_NAMED),
        lambda: _(
            "{{greeting}}\n\nThis request goes on as part of #{{into}}: what you answer is read there.\n\n"
            "Request {{number}}: {{link}}\n{{subject}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "merged_elsewhere": Mail(
        later("It is handled elsewhere"),
        later("To everybody on a request that was merged into one that they may not see."),
        _places("number", "link", **_NAMED),
        lambda: _(
            "{{greeting}}\n\nThe support team handles this request as part of another one. If you have more to say, "
            "answer this mail: it reaches us as a new request that refers to this one.\n\n"
            "Request {{number}}: {{link}}\n{{subject}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "csat": Mail(
        later("How was it?"),
        later("To the requester some time after the request was solved, where the policy has it asked."),
        _places(
            "number",
            "good",
            "bad",
            good=Place(later("the page with “good” chosen, and one button"), "link"),
            bad=Place(later("the page with “not good” chosen, and one button"), "link"),
            **_NAMED,
        ),
        lambda: _(
            "{{greeting}}\n\nyour request {{number}} is solved: **{{subject}}**\n\nHow was our help? One click, and a "
            "word if you like:\n\nGood: {{good}}\n\nNot good: {{bad}}\n\nIf it is not solved, answer this mail and it "
            "is open again: {{link}}\n\n--\n{{vendor}} support\n"
        ),
    ),
    "access": Mail(
        later("Who may read the organization's requests"),
        later("To readers and standing CCs when their leave begins or ends, and to the organization's other readers."),
        {
            "greeting": _GREETING,
            "news": Place(later("what has changed, by whom and until when"), "block", required=True),
            "link": Place(later("the person's own list of requests"), "link", required=True),
            "vendor": Place(later("the vendor's name")),
        },
        lambda: _("{{greeting}}\n\n{{news}}\n\nYour requests: {{link}}\n\n--\n{{vendor}} support\n"),
    ),
    "notice": Mail(
        later("Something happened"),
        later("To somebody on the team who wants to hear of it by mail at once. It repeats nothing that was written."),
        {"vendor": _VENDOR, "link": _DESK, **_TOLD},
        lambda: _(
            "**{{news}}**\n\n{{about}}\n{{link}}\n\n--\n"
            "Please do not answer this mail: it would become a request of yours. How you are told: {{wishes}}\n"
        ),
    ),
    "notices": Mail(
        later("What happened meanwhile"),
        later("To somebody on the team: of an hour, or of their quiet hours, what they have not read yet."),
        {"vendor": _VENDOR, "link": _DESK, **_TOLD, "news": Place(_TOLD["news"].about, "block", required=True)},
        lambda: _(
            "{{news}}\n\nAll of it: {{link}}\n\n--\n"
            "Please do not answer this mail: it would become a request of yours. How you are told: {{wishes}}\n"
        ),
    ),
}


def of_the_file() -> dict[str, str] | None:
    """The texts in support.toml, which then owns them all; None: the desk does."""
    texts: dict[str, str] | None = vendor().settings.get("mail_texts")
    return texts


def source(key: str) -> str:
    """The text that holds: the one of its owner, or the built-in one."""
    owned = of_the_file()
    if owned is None:
        changed = wordings().get((key, LANGUAGE))
        text = changed.text if changed else ""
    else:
        text = owned.get(key, "")
    return text if text and _holds(key, text) else MAILS[key].built_in()


@lru_cache(maxsize=64)
def _holds(key: str, text: str) -> bool:
    """What was right when it was saved may name what a later version no longer knows: better our words than a gap."""
    wrong = problems(text, MAILS[key].places)
    if wrong:
        logger.error("the text of the mail %r is not used: %s", key, "; ".join(map(str, wrong)))
    return not wrong


def words(key: str, values: Values, title: str, mark: str = "") -> tuple[str, str]:
    """One mail as text and as HTML; `mark`: a line before all others."""
    filled = fill(source(key), MAILS[key].places, values)
    return f"{mark}\n\n{filled.text}" if mark else filled.text, page(filled, title, mark)


def page(filled: Filled, title: str, mark: str = "") -> str:
    """The whole HTML of a mail."""
    context = {"title": title, "mark": mark, "main": safe(filled.main), "foot": safe(filled.foot)}
    return render_to_string("casework/mail/frame.html", context)


def greeting(name: str) -> Value:
    """To somebody whose name may not be known."""
    return Value(_("Hello %(name)s,") % {"name": name} if name else _("Hello,"))


def several(lines: list[str]) -> Value:
    """Sentences, each a paragraph."""
    text = "\n\n".join(lines)
    return Value(text, from_text(text))
