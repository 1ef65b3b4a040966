"""What stands around a ticket, for the gallery: acts and banners, merging, what was set aside."""

from datetime import timedelta
from types import SimpleNamespace

from answerable.desk.merge_page import Side
from answerable.desk.new_forms import NewForm
from answerable.desk.opening import Whom
from answerable.desk.side import Field
from answerable.desk.ticket_acts import Acts, Banner
from answerable.desk.views.aside import Asked
from answerable.people.models import Organization, Person
from answerable.tickets.aside_queries import Aside
from answerable.tickets.near_queries import Near
from answerable.ui.tests.people import LONG_WORD, NOW, RAIL, SEVERITIES, TICKET

HOUR = timedelta(hours=1)
FIELDS = [
    Field("version", "Version", "text", (), "4.2.1"),
    Field("area", "What is it about?", "choice", ("Loading", "Searching"), "Loading"),
    Field("steps", "How do we see it too?", "paragraph", (), "Open the warehouse."),
    Field("agreed", "You may look at our data", "checkbox", (), True),
    Field("since", "Since when?", "date", (), None),
]


def acts(banner: Banner | None = None) -> Acts:
    return Acts(may_merge=banner is None, may_spam=banner is None, may_block=True, may_delete=True, banner=banner)


MERGED = Banner(
    "merged",
    "Merged",
    "Tomas Klein merged it into another request, where it is handled",
    NOW - HOUR,
    "It is handled there, and its promises are kept there. What was written here stays here.",
    "Unmerge",
    20410,
    "Nothing loads in eu-north since the night",
)
DELETED = Banner(
    "deleted",
    "Deleted",
    "Priya Nair deleted it",
    NOW - HOUR,
    "No customer sees it, and no mail about it leaves.",
    "",
)


def near(number: int, subject: str, status: str = "open", requester: str = "Elin Berg") -> Near:
    due = NOW + HOUR if status == "open" else None
    return Near(
        number, number, subject, status, "P1", False, requester, 7, "Tomas Klein", "It is still so.", due,
        NOW - 30 * HOUR, NOW - HOUR,
    )  # fmt: skip


NEAR = [
    near(20410, "Nothing loads in eu-north since the night"),
    near(20377, f"Export of {LONG_WORD}", "pending", "A. Lund"),
    near(19982, "", "solved", "ops@norrland.example"),
]


def side(number: int, subject: str, *people: str) -> Side:
    return Side(
        number, subject, "open", "P1", False, "Elin Berg", "Norrland Energi", "", people, "Nothing has loaded since 02:10.",
        NOW + HOUR, NOW - HOUR, NOW - 2 * HOUR, NOW - HOUR,
    )  # fmt: skip


def merge(*, both: bool = True, refused: str = "", empty: bool = False) -> dict[str, object]:
    sides = [side(20418, TICKET.subject, "A. Lund", "ops@norrland.example"), side(20410, LONG_WORD)]
    others = [(8, "A. Lund", "a.lund@norrland.example"), (9, "ops@norrland.example", "ops@norrland.example")]
    shown = {"refused": refused, "number": 20410, "sides": sides, "others": others, "around_url": "/around"}
    return {
        "view_title": "Merge #20418 into another request",
        "rail": RAIL,
        "ticket": TICKET,
        "rows": [] if empty else NEAR,
        "more": not empty,
        "words": "nothing" if empty else "",
        "both": shown if both else None,
    }


def aside(what: str) -> dict[str, object]:
    does = (
        "It is closed, and nobody waits for an answer any more.",
        "Its open promises count neither as kept nor as broken.",
        "What elin@norrland.example writes next is a new request: block the address, too, if nothing is to come of that.",
        "It can be taken back here at any time; then it goes on where it stood.",
    )
    return {
        "view_title": "Mark #20418 as spam?",
        "rail": RAIL,
        "ticket": TICKET,
        "asked": Asked("Mark #20418 as spam?", does, "Mark as spam"),
        "block_too": "elin@norrland.example" if what == "spam" else "",
        "action": "/now",
    }


def set_aside(*, empty: bool = False) -> dict[str, object]:
    rows = [
        Aside(1, 20301, "Win a boat", "boats@sea.example", "", "Tomas Klein", NOW - HOUR, NOW - HOUR),
        Aside(2, 20300, LONG_WORD, "Elin Berg", "Norrland Energi", "Priya Nair", NOW - 90 * HOUR, NOW),
    ]
    return {
        "view_title": "Set aside",
        "rail": RAIL,
        "how": "deleted",
        "tabs": [("Spam", "/s", False), ("Deleted", "/d", True)],
        "rows": [] if empty else rows,
        "first_url": "",
        "next_url": "" if empty else "/next",
    }


def entry_move() -> dict[str, object]:
    author = SimpleNamespace(label="Elin Berg")
    entry = SimpleNamespace(pk=4, author=author, at=NOW - HOUR, new_text=f"By the way, the bill is wrong. {LONG_WORD}")
    return {"view_title": "Move a message of #20418", "rail": RAIL, "number": 20418, "entry": entry}


def new_whom(*, empty: bool = False) -> dict[str, object]:
    norrland = SimpleNamespace(all=lambda: [SimpleNamespace(organization=SimpleNamespace(name="Norrland Energi"))])
    alone = SimpleNamespace(all=list)
    people = [
        SimpleNamespace(pk=7, label="Elin Berg", email="elin@norrland.example", memberships=norrland, is_active=True),
        SimpleNamespace(pk=8, label=LONG_WORD, email="e@long.example", memberships=alone, is_active=False),
    ]
    return {
        "view_title": "New request",
        "rail": RAIL,
        "words": "nobody" if empty else "elin@new.example",
        "people": [] if empty else people,
        "address": "" if empty else "elin@new.example",
    }


def new(*, wrong: bool = False) -> dict[str, object]:
    organizations = (Organization(pk=1, name="Norrland Energi"), Organization(pk=2, name="Norrland Vind"))
    elin = Person(pk=7, name="Elin Berg", email="elin@norrland.example")
    given = [{"person": "7", "severity": "P9", "cc": "nobody"}] if wrong else []
    form = NewForm(
        *given,
        organizations=[(one.pk, one.name) for one in organizations],
        severities=[(key, f"{key} {name}") for key, name, *_ in SEVERITIES],
        teams=[(2, "Cloud support")],
        agents=[(1, "Tomas Klein")],
        initial={"severity": "P2", "organization": 1},
    )
    del form.fields["name"]
    if wrong:
        form.add_error(None, "nobody is not an e-mail address.")
    return {
        "view_title": "New request",
        "rail": RAIL,
        "whom": Whom(elin, elin.email, organizations),
        "form": form,
        "near": [] if wrong else NEAR[:2],
        "near_more": not wrong,
    }


def around() -> dict[str, object]:
    return {"ticket": TICKET, "near": NEAR[:2], "near_more": True, "similar": NEAR[2:]}
