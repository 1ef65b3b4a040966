"""How people are told, and the wall of the team room, for the gallery."""

from answerable.desk.wish_forms import QuietForm
from answerable.notify.kinds import KINDS
from answerable.ui.tests.people import RAIL


def wishes(*, wrong: bool = False) -> dict[str, object]:
    days = list("01234")
    form = QuietForm(initial={"zone": "Europe/Stockholm", "start": "20:00", "end": "07:30", "days": days})
    if wrong:
        form = QuietForm({"zone": "Stockholm", "start": "20:00", "end": ""})
    return {
        "view_title": "How I am told",
        "rail": RAIL,
        "rows": [(line, kind.title, kind.wider, kind.default) for line, kind in KINDS.items()],
        "form": form,
        "zones": ["Europe/Berlin", "Europe/Stockholm"],
    }
